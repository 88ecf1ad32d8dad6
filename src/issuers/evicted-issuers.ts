import { LRUCache } from 'lru-cache'
import type { Discovery } from '../discovery/discovery-cache.ts'
import { type JwksCacheTimes, pauseAfter } from '../jwks/freshness.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { isEqual } from '../util/is-equal.ts'
import { monotonicNow } from '../util/runtime.ts'
import { LONG_AGO } from '../util/time.ts'
import type { CreateIntrospector, IssuerIntrospector } from './create-introspector.ts'
import type { IssuerSettings } from './settings.ts'

// Tokens decide which issuers are loaded: by naming more of them than are kept, anyone can have each one evicted and created
// again with every request. The limits of what is sent to an issuer must not start again with that.

/**
 * Metadata whose back-off outlives an evicted issuer, like that of a shared key set. Only of metadata that was never fetched: the
 * cached one is used otherwise.
 */
export function withBackoff(discovery: Discovery, times: JwksCacheTimes): Discovery {
  let failures = 0
  let failure: unknown
  let notBefore = LONG_AGO
  return {
    ...discovery,
    async find(timeout, maxAge) {
      if (monotonicNow() < notBefore) throw failure
      try {
        const found = await discovery.find(timeout, maxAge)
        failures = 0
        return found
      } catch (error) {
        // Of all who waited for one fetch, the first one counts it.
        if (monotonicNow() >= notBefore) {
          failure = error
          const retryAfter = error instanceof UpstreamError ? error.retryAfter : undefined
          // Without jitter: each issuer adds its own.
          notBefore = monotonicNow() + pauseAfter(++failures, times, retryAfter, 0) * 1000
        }
        throw error
      }
    },
  }
}

/** Introspectors that outlive an evicted issuer, with their circuit breaker and their pending requests. */
export interface KeptIntrospectors {
  /** The introspector that was created with the same settings, or a new one. */
  readonly create: CreateIntrospector
  /** Of an issuer that is no longer trusted. */
  delete(issuer: string): void
}

interface Kept {
  readonly settings: Omit<IssuerSettings, 'notices'>
  readonly introspector: IssuerIntrospector
}

export function createKeptIntrospectors(max: number, create: CreateIntrospector): KeptIntrospectors {
  const kept = new LRUCache<string, Kept>({ max })
  return {
    create(settings, context) {
      const earlier = kept.get(settings.issuer)
      const { notices: _, ...relevant } = settings
      if (earlier && isEqual(earlier.settings, relevant)) return earlier.introspector
      const introspector = create(settings, context)
      if (introspector) kept.set(settings.issuer, { settings: relevant, introspector })
      return introspector
    },
    delete(issuer) {
      kept.delete(issuer)
    },
  }
}
