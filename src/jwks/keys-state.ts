import type { UpstreamError } from '../upstream/upstream-error.ts'
import type { Seconds } from '../util/time.ts'

/** The state of an issuer's keys, as `state()` returns it. */
export interface KeysState {
  /**
   * `empty`: never loaded. `fresh`: within their lifetime. `stale`: past it, but still used. `expired`: too old to be used.
   * `none`: this issuer's JWTs are not verified here.
   */
  readonly status: 'empty' | 'fresh' | 'stale' | 'expired' | 'none'
  readonly count: number
  /** Seconds since the set was loaded. */
  readonly age: Seconds | undefined
  /** The most recent failure since the last success. */
  readonly lastError: UpstreamError | undefined
  /** Seconds until the next fetch is allowed; 0 if it is allowed now. */
  readonly retryIn: Seconds
}

/** The state where no JWT is verified here. */
export const NO_KEYS: KeysState = Object.freeze({
  status: 'none',
  count: 0,
  age: undefined,
  lastError: undefined,
  retryIn: 0,
})
