import type { TokenData } from '../../access-token/access-token.ts'
import { createBoundedCache } from '../../util/bounded-cache.ts'
import type { Seconds } from '../../util/time.ts'
import type { IntrospectionIssuer } from '../introspector.ts'
import type { IntrospectionResult } from '../response.ts'
import { ageOf, type Timestamp } from './timestamp.ts'

/** An introspection response, and when it was requested. */
export interface CachedResponse {
  readonly issuer: IntrospectionIssuer
  readonly response: IntrospectionResult
  readonly requestedAt: Timestamp
  /** The verified token, once it has been created from the response. */
  verified: TokenData | undefined
}

/** How long a response may be used, however long the token lives. */
export const lifetimeOf = ({ issuer, response }: CachedResponse): Seconds =>
  (response.active ? issuer.introspector?.cache.active : issuer.introspector?.cache.inactive) ?? 0

/** True while a response may be used on a route that accepts none older than `maxAge`. */
export const isYoung = (entry: CachedResponse, maxAge: Seconds): boolean =>
  ageOf(entry.requestedAt) < Math.min(lifetimeOf(entry), maxAge)

/**
 * Responses by the digest of their token. Inactive tokens have a separate cache, so that made-up tokens cannot evict valid
 * ones.
 */
export interface LocalCache {
  get(digest: string): CachedResponse | undefined
  /** As `get`, but it does not count as a use. */
  peek(digest: string): CachedResponse | undefined
  /** Caches a response, unless there is a newer one. */
  keep(digest: string, entry: CachedResponse): void
  delete(digest: string): void
  deleteWhere(matches: (entry: CachedResponse) => boolean): void
  /** The number of responses of each kind. */
  sizes(): CachedResponses
}

export interface CachedResponses {
  readonly active: number
  readonly inactive: number
}

export function createLocalCache(size: CachedResponses): LocalCache {
  const active = createBoundedCache<CachedResponse>(size.active)
  const inactive = createBoundedCache<CachedResponse>(size.inactive)
  const peek = (digest: string) => active.peek(digest) ?? inactive.peek(digest)
  return {
    get: (digest) => active.get(digest) ?? inactive.get(digest),
    peek,
    keep(digest, entry) {
      const cached = peek(digest)
      if (cached && cached.requestedAt.monotonic > entry.requestedAt.monotonic) return
      const { response } = entry
      if (response.active) {
        inactive.delete(digest)
        active.set(digest, entry, JSON.stringify(response.claims).length)
      } else {
        active.delete(digest)
        inactive.set(digest, entry, 0)
      }
    },
    delete(digest) {
      active.delete(digest)
      inactive.delete(digest)
    },
    deleteWhere(matches) {
      active.deleteWhere(matches)
      inactive.deleteWhere(matches)
    },
    sizes: () => ({ active: active.size(), inactive: inactive.size() }),
  }
}
