import type { TokenData } from '../access-token/access-token.ts'
import type { TokenReader } from '../access-token/token-data.ts'
import type { StandardSchema } from '../claims/standard-schema.ts'
import type { CacheSize } from '../config/cache-size.ts'
import type { Issuer, LocalVerifier } from '../issuers/issuer.ts'
import type { VerificationKey } from '../jws/engine.ts'
import type { UnverifiedJwt } from '../jwt/parse-jwt.ts'
import type { RevalidationData, VerifiedJwt } from '../jwt/verify-jwt.ts'
import { createBoundedCache } from '../util/bounded-cache.ts'
import { chain, isPromise, type MaybePromise } from '../util/maybe-promise.ts'
import { createSignatureCache } from './signature-cache.ts'

/**
 * A JWT that was verified, and what its goodness rests on: that is asked for at each hit, since facts are cached,
 * decisions are not.
 */
export interface CachedJwt extends RevalidationData {
  readonly issuer: Issuer
  readonly verified: TokenData
}

/** Under what a JWT is remembered, and what was remembered of it before. */
interface CacheSlot {
  readonly digest: string
  /** In characters. */
  readonly size: number
  readonly issuer: Issuer
  /** The key that verified its signature when it came before. */
  readonly before: VerificationKey | undefined
}

export interface JwtCacheSettings {
  readonly cacheSize: Pick<CacheSize, 'jwt'>
  readonly claims: StandardSchema<unknown> | undefined
}

/** JWTs that are verified here, and what is remembered of them. */
export interface JwtCache {
  /** What was found out about a token, if it has come before. Whether that still holds is the issuer's to say. */
  known(digest: string): CachedJwt | undefined
  /** A JWT, by its signature and its claims; throws or rejects for a bad one. */
  verify(jwt: UnverifiedJwt, issuer: Issuer, verifier: LocalVerifier, digest: string): MaybePromise<TokenData>
  forget(digest: string): void
  forgetWhere(matches: (verified: TokenData) => boolean): void
}

export function createJwtCache({ cacheSize, claims: schema }: JwtCacheSettings, reader: TokenReader): JwtCache {
  const tokens = createBoundedCache<CachedJwt>(cacheSize.jwt)
  const signatures = createSignatureCache(cacheSize.jwt)

  function remembered(jwt: VerifiedJwt, where: CacheSlot): MaybePromise<TokenData> {
    const valid = { format: 'jwt', claims: jwt.claims, reportOnlyReason: jwt.reportOnlyReason } as const
    if (schema) {
      return chain(reader.validated(valid, where.issuer), ({ verified, immutable: lasting }) => {
        // At once, because a schema is somebody else's work, which is not asked for twice.
        remember(jwt, where, lasting ? verified : undefined)
        return verified
      })
    }
    const verified = reader.plain(valid, where.issuer)
    // Many tokens are never seen again: facts are kept for those that are.
    remember(jwt, where, where.before && verified)
    return verified
  }

  function remember(jwt: VerifiedJwt, { digest, size, issuer }: CacheSlot, verified: TokenData | undefined): void {
    const { key, expiry, notBefore, issuedAt, reportOnlyReason: onTrial } = jwt
    if (verified)
      tokens.set(digest, { key, expiry, notBefore, issuedAt, reportOnlyReason: onTrial, issuer, verified }, size)
    else signatures.add(digest, key)
  }

  return {
    known: (digest) => tokens.get(digest),
    verify(unverified, issuer, verifier, digest) {
      const before = signatures.keyOf(digest)
      const where = { digest, size: unverified.signed.compact.length, issuer, before }
      const jwt = verifier.verify(unverified, before)
      return isPromise(jwt) ? jwt.then((resolved) => remembered(resolved, where)) : remembered(jwt, where)
    },
    forget(digest) {
      tokens.delete(digest)
      signatures.delete(digest)
    },
    forgetWhere(matches) {
      signatures.clear() // whose tokens they were is not known any more
      tokens.deleteWhere(({ verified }) => matches(verified))
    },
  }
}
