import type { TokenData } from '../access-token/access-token.ts'
import { narrowedToken } from '../access-token/narrowed-token.ts'
import type { ScopeReader } from '../access-token/scopes.ts'
import type { TokenReader } from '../access-token/token-reader.ts'
import { invalidToken, Refusal, unavailable } from '../errors/refusal.ts'
import type { IntrospectionCache } from '../introspection/cache/introspection-cache.ts'
import type { CachedResponse } from '../introspection/cache/local-cache.ts'
import { checkResponse, checkResponseForJwt } from '../introspection/validate-response.ts'
import type { Issuer } from '../issuers/issuer.ts'
import type { NumericDate } from '../util/time.ts'
import { type PendingToken, requestFor } from './pending-token.ts'

/** Verifies tokens by their introspection responses. */
export interface IntrospectionVerifier {
  /** A token that only its issuer can read; `undefined` if no issuer does. */
  verifyOpaque(issuer: Issuer | undefined, token: PendingToken): Promise<TokenData | Refusal>
  /** A valid JWT: a response can only take something away from it. */
  verifyJwt(verified: TokenData, issuer: Issuer, token: PendingToken): Promise<TokenData | Refusal>
}

export type CreateIntrospectionVerifier = (
  cache: IntrospectionCache,
  reader: TokenReader,
  readScopes: ScopeReader,
  revokedRefusal: (verified: TokenData, issuer: Issuer) => Refusal | undefined,
  clock: () => NumericDate,
) => IntrospectionVerifier

export const createIntrospectionVerifier: CreateIntrospectionVerifier = (
  cache,
  reader,
  readScopes,
  revokedRefusal,
  clock,
) => {
  /** @param isSeen whether the issuer has signed the token */
  async function introspect(issuer: Issuer, token: PendingToken, isSeen: boolean): Promise<CachedResponse | Refusal> {
    const request = requestFor(issuer, token, isSeen)
    // Issuers that are resolved at run time could not be checked when the route was set up.
    return request
      ? cache.introspect(request, token.introspectionMaxAge)
      : unavailable('introspection_unavailable', { cause: new Error(CANNOT_INTROSPECT) })
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
  }
}

const CANNOT_INTROSPECT = 'bearward: introspected() needs introspection or introspect in the options of the issuer'
