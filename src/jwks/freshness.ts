import type { Seconds } from '../util/time.ts'

/** How long keys are used and when they are fetched, in seconds. */
export interface JwksCacheTimes {
  /** A fixed lifetime; if `undefined`, `Cache-Control` decides. */
  readonly maxAge: Seconds | undefined
  /** How long stale keys are used beyond it while they cannot be refreshed. */
  readonly staleIfError: Seconds
  /** The minimum time between two fetches forced by unknown keys or bad signatures. */
  readonly cooldown: Seconds
  /** The delay after the first failed fetch; it doubles with each further one. */
  readonly backoff: Seconds
  /** The maximum delay after failed fetches. */
  readonly maxBackoff: Seconds
}

const DEFAULT_LIFETIME = 600
const MIN_LIFETIME = 60
const MAX_LIFETIME = 86_400

/**
 * Seconds a fetched set is fresh: `max-age` minus `Age` (RFC 9111 §4.2), bounded so that `no-store` does not cause a
 * fetch per request and a year does not hide a withdrawn key.
 */
export function lifetimeOf(headers: Headers | undefined): Seconds {
  const control = headers?.get('cache-control') ?? ''
  if (/(?:^|[\s,])(?:no-store|no-cache)(?:$|[\s,=])/i.test(control)) return MIN_LIFETIME
  const maxAge = /(?:^|[\s,])max-age\s*=\s*"?(\d{1,10})/i.exec(control)?.[1]
  if (maxAge === undefined) return DEFAULT_LIFETIME
  const age = Number(/^\d{1,10}$/.exec(headers?.get('age') ?? '')?.[0] ?? 0)
  return Math.min(Math.max(Number(maxAge) - age, MIN_LIFETIME), MAX_LIFETIME)
}

/** When to refresh in the background: at 70 to 80 % of the lifetime, so that the refreshes of a fleet spread out. */
export const refreshPoint = (lifetime: Seconds): Seconds => lifetime * (REFRESH_FROM + Math.random() * 0.1)

/** The part of the lifetime after which a set is refreshed at the earliest. */
export const REFRESH_FROM = 0.7

/**
 * Seconds to wait after the n-th failure in a row: exponential, with up to 10 % jitter, and at least `Retry-After`. That is
 * limited as well: an issuer whose maintenance ends early would stay unavailable.
 */
export function pauseAfter(
  failures: number,
  jwksCache: Pick<JwksCacheTimes, 'backoff' | 'maxBackoff'>,
  retryAfter: Seconds | undefined,
  jitter = Math.random() * 0.1,
): Seconds {
  const doubled = Math.min(jwksCache.backoff * 2 ** Math.min(failures - 1, 30), jwksCache.maxBackoff)
  return Math.max(doubled * (1 + jitter), Math.min(retryAfter ?? 0, jwksCache.maxBackoff))
}
