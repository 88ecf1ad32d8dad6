import type { TokenData } from '../access-token/access-token.ts'
import { narrowedToken } from '../access-token/narrowed-token.ts'
import type { ScopeReader } from '../access-token/scopes.ts'
import type { TokenReader } from '../access-token/token-reader.ts'
import { invalidToken, Refusal, unavailable } from '../errors/refusal.ts'
import type { IntrospectionCache } from '../introspection/cache/introspection-cache.ts'
import type { CachedResponse } from '../introspection/cache/local-cache.ts'
import type { IntrospectionRequest } from '../introspection/cache/source.ts'
import { checkResponse, checkResponseForJwt } from '../introspection/validate-response.ts'
import type { Issuer } from '../issuers/issuer.ts'
import type { Issuers } from '../issuers/issuer-registry.ts'
import type { NumericDate, Seconds } from '../util/time.ts'
import type { ReadFormat } from './token-format.ts'

/** A token that is being verified. */
export interface PendingToken {
  readonly raw: string
  readonly digest: string
  /** The greatest age of its introspection response. */
  readonly introspectionMaxAge: Seconds
}

/** Verifies tokens by their introspection responses. */
export interface IntrospectionVerifier {
  /** A token that only its issuer can read; `undefined` if no issuer does. */
  verifyOpaque(issuer: Issuer | undefined, token: PendingToken): Promise<TokenData | Refusal>
  /** A valid JWT: a response can only take something away from it. */
  verifyJwt(verified: TokenData, issuer: Issuer, token: PendingToken): Promise<TokenData | Refusal>
  /**
   * Removes the responses about a token.
   *
   * @throws {Error} if the shared store could not be reached
   */
  forget(raw: string, digest: string): Promise<void>
}

interface VerifierParts {
  readonly cache: IntrospectionCache
  readonly issuers: Issuers
  readonly formatOf: ReadFormat
  readonly reader: TokenReader
  readonly readScopes: ScopeReader
  readonly revokedRefusal: (verified: TokenData, issuer: Issuer) => Refusal | undefined
  readonly clock: () => NumericDate
}

export type CreateIntrospectionVerifier = (parts: VerifierParts) => IntrospectionVerifier

export const createIntrospectionVerifier: CreateIntrospectionVerifier = (parts) => {
  const { cache, issuers, reader, readScopes, revokedRefusal, clock } = parts

  /** @param isSeen whether the issuer has signed the token */
  async function introspect(issuer: Issuer, token: PendingToken, isSeen: boolean): Promise<CachedResponse | Refusal> {
    const request = requestFor(issuer, token, isSeen)
    // Issuers that are resolved at run time could not be checked when the route was set up.
    return request
      ? cache.introspect(request, token.introspectionMaxAge)
      : unavailable('introspection_unavailable', { cause: new Error(CANNOT_INTROSPECT) })
  }

  /** The issuer of a JWT whose responses may be in the shared store, although this process has not loaded it. */
  async function issuerToLoad(raw: string): Promise<Issuer | Refusal | undefined> {
    const parsed = parts.formatOf(raw)
    const name = parsed instanceof Refusal ? undefined : parsed.jwt?.claims.iss
    return typeof name !== 'string' || issuers.loaded(name) ? undefined : issuers.select(name)
  }

  return {
    async verifyOpaque(issuer, token) {
      if (!issuer) return invalidToken('malformed')
      const entry = await introspect(issuer, token, false)
      if (entry instanceof Refusal) return entry
      if (!entry.response.active) return invalidToken('inactive')
      const { claims } = entry.response
      const refusal = checkResponse(claims, entry.issuer.responseRules, clock())
      if (refusal) return refusal
      const read = await reader.validate({ format: 'opaque', claims, violation: undefined }, issuer)
      if (read instanceof Refusal) return read
      if (read.immutable) entry.verified = read.verified
      return revokedRefusal(read.verified, issuer) ?? read.verified
    },
    async verifyJwt(verified, issuer, token) {
      const entry = await introspect(issuer, token, true)
      if (entry instanceof Refusal) return entry
      if (!entry.response.active) return invalidToken('inactive')
      const { claims } = entry.response
      return (
        checkResponseForJwt(claims, verified, issuer.responseRules, clock()) ??
        revokedRefusal(verified, issuer) ??
        narrowedToken(verified, claims, issuer.scopeClaims, readScopes)
      )
    },
    async forget(raw, digest) {
      const forgetAt = (some: readonly Issuer[]) =>
        cache.forget(
          digest,
          some.flatMap((issuer) => requestFor(issuer, { raw, digest }) ?? []),
        )
      const isForgotten = forgetAt(issuers.all())
      const issuer = cache.isShared ? await issuerToLoad(raw) : undefined
      // Of an issuer that is not trusted, there is no record.
      const isComplete = issuer instanceof Refusal ? issuer.status !== 503 : await forgetAt(issuer ? [issuer] : [])
      if ((await isForgotten) && isComplete) return
      throw new Error('bearward: the shared store did not delete the token; other processes may still use its entry')
    },
  }
}

const CANNOT_INTROSPECT = 'bearward: introspected() needs introspection or introspect in the options of the issuer'

/** What to introspect; `undefined` if the issuer has no introspection. */
function requestFor(
  issuer: Issuer,
  { raw, digest }: Pick<PendingToken, 'raw' | 'digest'>,
  isSeen = false,
): IntrospectionRequest | undefined {
  const { introspector } = issuer
  return introspector && { issuer, introspector, raw, digest, isSeen }
}
