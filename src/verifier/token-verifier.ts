import { type AccessToken, type TokenData, type VerifiedToken, verifiedToken } from '../access-token/access-token.ts'
import type { ScopeGraph } from '../access-token/scope-graph.ts'
import { createScopeReader } from '../access-token/scopes.ts'
import { createTokenReader } from '../access-token/token-reader.ts'
import { MAX_CLOCK_TOLERANCE } from '../claims/registered-claims.ts'
import type { StandardSchema } from '../claims/standard-schema.ts'
import type { CacheSize } from '../config/cache-size.ts'
import { invalidClaim, invalidToken, Refusal, tooLarge } from '../errors/refusal.ts'
import type { IntrospectionCache } from '../introspection/cache/introspection-cache.ts'
import type { CachedResponse } from '../introspection/cache/local-cache.ts'
import type { Issuer } from '../issuers/issuer.ts'
import type { Issuers } from '../issuers/issuer-registry.ts'
import { createHeaderReader, type HeaderLimits } from '../jwt/header.ts'
import { digestOf } from '../util/digest.ts'
import type { NumericDate, Seconds } from '../util/time.ts'
import type { CreateIntrospectionVerifier, PendingToken } from './introspection-verifier.ts'
import { type CachedJwt, createJwtCache } from './jwt-cache.ts'
import type { AttachedRevocation } from './revocation.ts'
import type { CreateFormatReader } from './token-format.ts'

// Why: docs/decisions/cached-verification.md

/** Verifies tokens, independent of the request that presents them. */
export interface TokenVerifier {
  /** The token with its key in the caches; refused if it is too long. */
  present(raw: string): PresentedToken | Refusal
  /**
   * A cached token that is still valid, without waiting; otherwise `undefined`. It never refuses: {@link verify} does.
   */
  cached(token: PresentedToken): TokenData | undefined
  /**
   * The verified token. Its sender constraint is not checked here.
   *
   * As {@link cached} for a cached token, but it also waits for an issuer that is resolved at run time, and introspects.
   *
   * @param introspectionMaxAge the maximum age of its introspection response; without one, a JWT is not introspected
   */
  verify(token: PresentedToken, introspectionMaxAge?: Seconds): Promise<TokenData | Refusal>
  /** Whether a token that was verified before may be invalid since, other than by `exp`; {@link verify} decides. */
  mayBeRevoked(token: AccessToken): boolean
  /** Removes what is cached for a token. */
  forget(raw: string): Promise<void>
  /** Removes what is cached in this process for the tokens that match. Throws what `matches` throws, when it is done. */
  forgetWhere(matches: (token: VerifiedToken) => boolean): void
  /** Evicts the cached tokens that are revoked. Until then, each use of them finds that. */
  evictRevoked(): void
  /** The number of tokens in each cache of this process. */
  sizes(): Omit<CacheSize, 'replay'>
}

export interface VerifierSettings {
  readonly limits: HeaderLimits & { readonly token: number }
  readonly cacheSize: Pick<CacheSize, 'jwt'>
  readonly claims: StandardSchema<unknown> | undefined
  readonly graph: ScopeGraph
  readonly clock: () => NumericDate
}

/** How tokens are verified that only their issuer can read, or that it must confirm. */
export interface VerifierFeatures {
  readonly createFormatReader: CreateFormatReader
  readonly createIntrospectionVerifier: CreateIntrospectionVerifier
}

/** A token of acceptable length. Its digest is computed once, and is a promise where only WebCrypto has SHA-256. */
export interface PresentedToken {
  readonly raw: string
  readonly digest: string | Promise<string>
}

/** A token that was accepted before. */
type CachedToken = (CachedJwt | CachedResponse) & { readonly verified: TokenData }

/** Of introspection responses: the maximum age where the route states none. */
export const ANY_AGE: Seconds = Number.POSITIVE_INFINITY

export function createTokenVerifier(
  settings: VerifierSettings,
  issuers: Issuers,
  responses: IntrospectionCache,
  features: VerifierFeatures,
  revocation: AttachedRevocation | undefined,
): TokenVerifier {
  const { limits, claims: schema } = settings
  const formatOf = features.createFormatReader(createHeaderReader(limits), issuers.all())
  const readScopes = createScopeReader(settings.graph)
  const reader = createTokenReader(schema, readScopes)
  const jwts = createJwtCache(settings.cacheSize.jwt)
  /** What began before the last invalidation is not cached. */
  let invalidations = 0

  function entryOf(digest: string, introspectionMaxAge: Seconds): CachedToken | undefined {
    const entry = jwts.get(digest) ?? responses.cached(digest, introspectionMaxAge)
    return entry?.verified && (entry as CachedToken)
  }

  const isStillValid = (entry: CachedToken): boolean =>
    'response' in entry
      ? entry.response.active && entry.issuer.isCurrent(entry.response.claims)
      : entry.local.isStillValid(entry)

  /** Checked at each use, because a token may be revoked after it was cached. */
  const revokedRefusal = (verified: TokenData, issuer: Pick<Issuer, 'clockTolerance'>): Refusal | undefined =>
    revocation?.check(verified, issuer.clockTolerance)
  const introspection = features.createIntrospectionVerifier({
    cache: responses,
    issuers,
    // forget() gets tokens of any length.
    formatOf: (raw) => (raw.length <= limits.token ? formatOf(raw) : invalidToken('token_too_large')),
    reader,
    readScopes,
    revokedRefusal,
    clock: settings.clock,
  })

  // Long on purpose: each async function that it were split into would cost every new token a promise and a turn of the queue.
  async function verify(
    { raw, digest }: PresentedToken,
    introspectionMaxAge: Seconds = ANY_AGE,
  ): Promise<TokenData | Refusal> {
    if (revocation?.loading) await revocation.loading
    const token = { raw, digest: typeof digest === 'string' ? digest : await digest, introspectionMaxAge }
    const entry = entryOf(token.digest, introspectionMaxAge)
    const again = entry && (await recheck(entry, token))
    if (again) return again
    const parsed = formatOf(token.raw)
    if (parsed instanceof Refusal) return parsed
    const { jwt, introspectedBy } = parsed
    if (!jwt) return introspection.verifyOpaque(introspectedBy, token)
    if (!Object.hasOwn(jwt.claims, 'iss')) return invalidClaim('missing_claim', 'iss')
    const name = jwt.claims.iss
    const issuer = issuers.find(name) ?? (await issuers.select(name))
    if (issuer instanceof Refusal) return issuer
    const { local } = issuer
    if (!local) return introspection.verifyOpaque(issuer, token)
    const invalidationsBefore = invalidations
    const verifiedBy = jwts.keyOf(token.digest)
    const valid = await local.verify(jwt, verifiedBy)
    // A token that fails is never introspected: an issuer must not rescue a bad signature.
    if (valid instanceof Refusal) return valid
    const claims = { format: 'jwt', claims: valid.claims, violation: valid.violation } as const
    const read = schema ? await reader.validate(claims, issuer) : reader.read(claims, issuer)
    if (read instanceof Refusal) return read
    // Most tokens are presented once, so a token is cached the second time. With a schema it is cached the first time,
    // because validation may be expensive.
    const verified = 'verified' in read ? read.verified : read
    const isCacheable = 'verified' in read ? read.immutable : verifiedBy !== undefined
    // The keys and the schema may have waited, and the token may have been invalidated meanwhile.
    if (invalidations === invalidationsBefore) {
      if (isCacheable) jwts.add(token.digest, valid, { issuer, local }, verified, token.raw.length)
      else jwts.addKey(token.digest, valid.key)
    }
    return checkRevocation(verified, issuer, token)
  }

  /** A token that was accepted before; `undefined` if everything must be checked again. */
  async function recheck(entry: CachedToken, token: PendingToken): Promise<TokenData | Refusal | undefined> {
    const issuer = await issuers.select(entry.issuer.name)
    if (issuer instanceof Refusal) return issuer
    // Another issuer of this name, if its options have changed.
    if (issuer !== entry.issuer || !isStillValid(entry)) return undefined
    const { verified } = entry
    if ('response' in entry) return revokedRefusal(verified, issuer) ?? verified
    return checkRevocation(verified, issuer, token)
  }

  /** Whether a valid JWT is revoked, here, or at its issuer if the route requires to ask; only then is there a promise. */
  function checkRevocation(verified: TokenData, issuer: Issuer, token: PendingToken) {
    const revoked = revokedRefusal(verified, issuer)
    if (revoked || token.introspectionMaxAge === ANY_AGE) return revoked ?? verified
    return introspection.verifyJwt(verified, issuer, token)
  }

  function present(raw: string): PresentedToken | Refusal {
    if (typeof raw !== 'string') return invalidToken('malformed')
    if (raw.length > limits.token) return tooLarge(raw.length, limits.token, 'limits.token')
    return { raw, digest: digestOf(raw) }
  }

  function cached({ digest }: PresentedToken): TokenData | undefined {
    if (typeof digest !== 'string' || !issuers.areFixed) return undefined
    const entry = entryOf(digest, ANY_AGE)
    if (!entry || !isStillValid(entry)) return undefined
    return revokedRefusal(entry.verified, entry.issuer) ? undefined : entry.verified
  }

  return {
    present,
    cached,
    verify,
    mayBeRevoked(token) {
      if (revocation?.check(token, MAX_CLOCK_TOLERANCE)) return true
      const issuer = issuers.loaded(token.issuer)
      // Of an issuer that was evicted meanwhile, it is not known whether its tokens have a status.
      const mayHaveStatus = token.format === 'jwt' && (issuer === undefined || issuer.local?.hasStatus === true)
      if (!mayHaveStatus) return false
      const presented = present(token.raw)
      return presented instanceof Refusal || cached(presented) === undefined
    },
    async forget(raw) {
      invalidations++
      const pending = digestOf(raw)
      // Without awaiting where possible: the next request with this token may already be on its way.
      const digest = typeof pending === 'string' ? pending : await pending
      jwts.delete(digest)
      await introspection.forget(raw, digest)
    },
    forgetWhere(matches) {
      invalidations++
      const thrown: unknown[] = []
      // A token for which the function throws is removed, and does not keep others from being removed.
      const isMatch = ({ verified }: CachedJwt | CachedResponse) => {
        try {
          return verified === undefined || matches(verifiedToken(verified))
        } catch (error) {
          thrown.push(error)
          return true
        }
      }
      jwts.clearKeys()
      jwts.deleteWhere(isMatch)
      responses.forgetWhere(isMatch)
      if (thrown.length > 0) throw thrown[0]
    },
    evictRevoked() {
      const isRevoked = ({ verified, issuer }: CachedJwt | CachedResponse) =>
        verified !== undefined && revokedRefusal(verified, issuer)?.reason === 'revoked'
      jwts.deleteWhere(isRevoked)
      responses.evictWhere(isRevoked)
    },
    sizes: () => ({ jwt: jwts.size(), ...responses.sizes() }),
  }
}
