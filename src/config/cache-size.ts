import { optional, record, whole } from './validate.ts'

/** How many entries each cache holds, in this process. A number that is out of range is a {@link ConfigurationError}. */
export interface CacheSizeOptions {
  /**
   * Verified JWTs, each until it expires or its key is withdrawn: this many that were seen once, and as many that were
   * seen again. 0 for none. Default: 10000.
   */
  readonly jwt?: number
  /** Introspection responses for active tokens; 0 for none. Default: 10000. */
  readonly active?: number
  /** Introspection responses for inactive tokens, in a cache of their own; 0 for none. Default: 10000. */
  readonly inactive?: number
  /**
   * Used DPoP proofs, where no store has them; a proof that does not fit gets 503. One key takes at most a sixth of the
   * entries, and less as fewer are free. Default: 100000.
   */
  readonly replay?: number
}

export type CacheSize = Required<CacheSizeOptions>

export function checkCacheSize(value: unknown): CacheSize {
  const from = record(value, 'cacheSize', ['jwt', 'active', 'inactive', 'replay'])
  const tokens = whole(0, 1_000_000, 'tokens')
  return Object.freeze({
    jwt: optional(from, 'cacheSize', 'jwt', tokens, 10_000),
    active: optional(from, 'cacheSize', 'active', tokens, 10_000),
    inactive: optional(from, 'cacheSize', 'inactive', tokens, 10_000),
    replay: optional(from, 'cacheSize', 'replay', whole(1, 10_000_000, 'proofs'), 100_000),
  })
}
