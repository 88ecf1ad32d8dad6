import type { TokenData } from '../../access-token/access-token.ts'
import { createBoundedCache } from '../../util/bounded-cache.ts'
import type { Seconds } from '../../util/time.ts'
import type { IntrospectionIssuer } from '../introspector.ts'
import type { IntrospectionResult } from '../response.ts'
import { ageOf, type Timestamp } from './timestamp.ts'

/** What an issuer said about a token, and when it was asked. */
export interface CachedResponse {
  readonly issuer: IntrospectionIssuer
  readonly response: IntrospectionResult
  readonly requestedAt: Timestamp
  /** What follows from the answer by the rules of this server, once somebody has worked it out. */
  verified: TokenData | undefined
}

/** For how long a verdict serves at most, however long the token lives. */
export const lifetimeOf = ({ issuer, response }: CachedResponse): Seconds =>
  (response.active ? issuer.introspector?.cache.active : issuer.introspector?.cache.inactive) ?? 0

/** True while a verdict serves a route that accepts none older than `maxAge`. */
export const isYoung = (response: CachedResponse, maxAge: Seconds): boolean =>
  ageOf(response.requestedAt) < Math.min(lifetimeOf(response), maxAge)

/**
 * Remembers verdicts under the digest of their token. Those on tokens that are not active have a memory of their own:
 * whoever makes tokens up fills that one, and pushes nothing good out.
 */
export interface LocalCache {
  get(digest: string): CachedResponse | undefined
  /** As `get`, but it does not count as a use. */
  peek(digest: string): CachedResponse | undefined
  /** Keeps a verdict, unless a newer one is there. */
  keep(digest: string, response: CachedResponse): void
  delete(digest: string): void
  deleteWhere(matches: (response: CachedResponse) => boolean): void
}

export function createLocalCache(size: { readonly active: number; readonly inactive: number }): LocalCache {
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
  }
}
