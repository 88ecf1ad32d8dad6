import type { MaybePromise } from '../util/maybe-promise.ts'

/**
 * A place where several processes keep what issuers said about tokens. A `Map`, Keyv, Cacheable and cache-manager fit as
 * they are; `bearward/redis` makes one of a Redis client. Keys are digests; whoever can write into it decides which
 * tokens are good.
 *
 * It is never trusted to work: an operation that fails or takes longer than 50 ms counts as a miss, and so does a value
 * that is not one of ours, of an older version, or past its time.
 */
export interface IntrospectionStore {
  get(key: string): MaybePromise<unknown>
  /** @param ttl milliseconds after which the value is of no use; a cache that ignores it does no harm but to its size */
  set(key: string, value: string, ttl: number): MaybePromise<unknown>
  delete?(key: string): MaybePromise<unknown>
  /**
   * True for one caller only, until `ttl` milliseconds are over or it releases the claim. With it, several processes
   * that meet a token at the same time ask the issuer once between them; without it, once each.
   */
  claim?(key: string, ttl: number): MaybePromise<boolean>
  release?(key: string): MaybePromise<unknown>
}
