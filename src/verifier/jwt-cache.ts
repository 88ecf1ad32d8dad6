import { LRUCache } from 'lru-cache'
import type { TokenData } from '../access-token/access-token.ts'
import type { Issuer } from '../issuers/issuer.ts'
import type { LocalVerifier } from '../issuers/local-verifier.ts'
import type { VerificationKey } from '../jws/engine.ts'
import type { RevalidationData, VerifiedJwt } from '../jwt/verify-jwt.ts'
import { createBoundedCache } from '../util/bounded-cache.ts'

// Why: docs/decisions/tokens-seen-once.md

/** A verified JWT, and what its validity depends on, which is checked at each use. */
export interface CachedJwt extends RevalidationData {
  readonly issuer: Issuer
  /** That of the issuer; here as well, because each use needs nothing else of it. */
  readonly local: LocalVerifier
  readonly verified: TokenData
}

/** Verified JWTs by the digest of the token. */
export interface JwtCache {
  get(digest: string): CachedJwt | undefined
  /** The key that verified the signature of a token that was presented only once so far. */
  keyOf(digest: string): VerificationKey | undefined
  /** @param size characters of the token */
  add(
    digest: string,
    jwt: VerifiedJwt,
    by: Pick<CachedJwt, 'issuer' | 'local'>,
    verified: TokenData,
    size: number,
  ): void
  /** Caches only which key verified the signature: most tokens are never presented again. */
  addKey(digest: string, key: VerificationKey): void
  delete(digest: string): void
  deleteWhere(matches: (jwt: CachedJwt) => boolean): void
  /** Deletes what {@link addKey} has cached: those entries do not record their token. */
  clearKeys(): void
  /** The number of tokens, presented once or again. */
  size(): number
}

/** @param max how many tokens that were presented once, and how many that were presented again; 0 disables the cache */
export function createJwtCache(max: number): JwtCache {
  const tokens = createBoundedCache<CachedJwt>(max)
  // Created on first use: many servers see no JWT.
  let keys: LRUCache<string, VerificationKey> | undefined
  return {
    get: (digest) => tokens.get(digest),
    keyOf: (digest) => keys?.get(digest),
    add(digest, jwt, { issuer, local }, verified, size) {
      const { key, expiry, notBefore, issuedAt, violation, status } = jwt
      tokens.set(digest, { key, expiry, notBefore, issuedAt, violation, status, issuer, local, verified }, size)
    },
    addKey(digest, key) {
      if (max === 0) return
      keys ??= new LRUCache({ max })
      keys.set(digest, key)
    },
    delete(digest) {
      tokens.delete(digest)
      keys?.delete(digest)
    },
    deleteWhere: (matches) => tokens.deleteWhere(matches),
    clearKeys: () => keys?.clear(),
    size: () => tokens.size() + (keys?.size ?? 0),
  }
}
