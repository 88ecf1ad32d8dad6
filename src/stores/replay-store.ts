/**
 * Shares used DPoP proofs between processes (RFC 9449 §11.1).
 *
 * Unlike the introspection store it is not a cache: a request whose proof cannot be checked gets 503.
 */
export interface ReplayStore {
  /**
   * True for the first call with a key, `false` for every further one until `ttl` milliseconds pass. It must be atomic:
   * of concurrent calls in all processes, exactly one gets `true`.
   */
  firstUse(key: string, ttl: number): boolean | Promise<boolean>
}
