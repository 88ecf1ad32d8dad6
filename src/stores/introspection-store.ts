/**
 * Shares introspection responses between processes. A `Map`, Keyv, Cacheable and cache-manager work as they are;
 * `bearward/redis` creates a store from a Redis client. Keys are digests. Records are authenticated: see `stores.secret`.
 *
 * Failures do not refuse requests: an operation that fails or takes longer than 50 ms counts as a miss, and so does a
 * value that another program wrote, has an older version or has expired.
 */
export interface IntrospectionStore {
  get(key: string): unknown
  /** @param ttl milliseconds after which the value is not used; a cache may ignore it, but then grows */
  set(key: string, value: string, ttl: number): unknown
  delete?(key: string): unknown
  /**
   * True for one caller only, until `ttl` milliseconds pass or it releases the claim. With it, processes that receive a
   * token at the same time send one introspection request together; without it, one each.
   */
  claim?(key: string, ttl: number): boolean | Promise<boolean>
  release?(key: string): unknown
}
