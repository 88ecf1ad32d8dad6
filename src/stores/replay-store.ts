import type { MaybePromise } from '../util/maybe-promise.ts'

/**
 * A place where several processes remember which DPoP proofs have been used (RFC 9449 §11.1).
 *
 * Unlike a cache of verdicts it decides: a request whose proof cannot be looked up is answered with 503.
 */
export interface ReplayStore {
  /**
   * True for the first call with a key, `false` for every other one until `ttl` milliseconds are over. Of several calls
   * at the same time, in whatever process, exactly one gets `true`: the step has to be atomic.
   */
  firstUse(key: string, ttl: number): MaybePromise<boolean>
}
