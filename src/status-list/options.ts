import { optional, shape } from '../config/shape.ts'
import { type Checker, list, MAX, number, secureUrl, wrong } from '../config/validate.ts'
import { signerKeys } from '../features/signer.ts'
import type { JsonWebKeySet } from '../jwks/types.ts'
import type { Seconds } from '../util/time.ts'

/** The options of {@link statusList}. A wrong one is a {@link ConfigurationError}. */
export interface StatusListOptions {
  /**
   * Other origins that lists are fetched from, such as `https://status.example.com`. Default: only the origin of the
   * issuer.
   */
  readonly origins?: readonly string[]
  /** The URL of the key set that lists are signed with, or the set. Default: the keys of the issuer. */
  readonly keys?: string | JsonWebKeySet
  /**
   * The longest time that a list is fresh. Default: its `ttl`, otherwise by `Cache-Control` between 60 and 86400, otherwise
   * 600; from 1.
   */
  readonly maxAge?: Seconds
}

const origin: Checker<string> = (value, option) => {
  const url = secureUrl(value, option)
  if (new URL(url).origin !== url) throw wrong(option, value, 'an origin such as https://status.example.com')
  return url
}

export const statusListShape = shape({
  origins: optional(list(origin)),
  keys: optional(signerKeys),
  maxAge: optional(number(1, MAX, 'seconds')),
})
