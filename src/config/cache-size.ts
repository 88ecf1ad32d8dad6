import { type Checked, optional, shape } from './shape.ts'
import { whole } from './validate.ts'

/** How many entries each cache holds, in this process. A number that is out of range is a {@link ConfigurationError}. */
export interface CacheSizeOptions {
  /**
   * Verified JWTs. Two caches have this size: one for tokens seen once, one for tokens seen again. An entry expires with
   * its token, or when its key is withdrawn. 0 for none. Default: `10000`; from 0 to 1000000.
   */
  readonly jwt?: number
  /** Introspection responses for active tokens. 0 for none. Default: `10000`; from 0 to 1000000. */
  readonly active?: number
  /** Introspection responses for inactive tokens, in a separate cache. 0 for none. Default: `10000`; from 0 to 1000000. */
  readonly inactive?: number
  /**
   * Used DPoP proofs, without `stores.replay`. A proof that does not fit gets 503. One key takes at most a sixth of the
   * entries, and less when few are free. Default: `100000`; from 1 to 10000000.
   */
  readonly replay?: number
}

export type CacheSize = Checked<typeof cacheSizeShape.members>

const tokens = whole(0, 1_000_000, 'tokens')

export const cacheSizeShape = shape({
  jwt: optional(tokens, 10_000),
  active: optional(tokens, 10_000),
  inactive: optional(tokens, 10_000),
  replay: optional(whole(1, 10_000_000, 'proofs'), 100_000),
})
