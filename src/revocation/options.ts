import { optional, shape } from '../config/shape.ts'
import { number, whole } from '../config/validate.ts'
import type { Seconds } from '../util/time.ts'

/** The options of {@link revocation}. A wrong one is a {@link ConfigurationError}. */
export interface RevocationOptions {
  /**
   * The longest lifetime of a JWT (`exp` − `iat`; without `iat`, what is left of it). A JWT that lives longer is refused
   * with 401 `lifetime`: it would outlive its revocation. Default: `86400`; from 1 to 31536000.
   */
  readonly maxLifetime?: Seconds
  /** How many revocations are held. If there are more, `revoke()` rejects. Default: `100000`; from 1 to 10000000. */
  readonly size?: number
}

export const revocationShape = shape({
  maxLifetime: optional(number(1, 31_536_000, 'seconds'), 86_400),
  size: optional(whole(1, 10_000_000, 'revocations'), 100_000),
})
