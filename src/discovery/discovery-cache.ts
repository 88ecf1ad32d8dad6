import type { Upstream } from '../upstream/client.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { monotonicNow } from '../util/runtime.ts'
import { type SharedWork, startSharedWork } from '../util/single-flight.ts'
import { withTimeout } from '../util/with-timeout.ts'
import { type Discovered, type DiscoveryPlace, discover, type MetadataUrl } from './fetch-metadata.ts'

/** The cached metadata of an issuer, shared by keys and introspection. */
export interface Discovery {
  /**
   * @param timeout milliseconds the caller can wait if the metadata has to be fetched
   * @param maxAge milliseconds since the last fetch after which the caller needs another one
   */
  find(timeout: number, maxAge?: number): Promise<Discovered>
  /** Makes the next caller fetch the metadata again, because a URL from it failed. */
  invalidate(): void
}

const LIFETIME = 3_600_000

/**
 * Milliseconds after a failed fetch, or one of incomplete metadata, in which what is cached is used without another fetch. If
 * the introspection endpoint fails, metadata that is older is fetched again.
 */
export const RETRY_DELAY = 10_000

/** Milliseconds that make no difference to a waiting caller. */
const SLACK = 100

/** @param deadline milliseconds for one fetch, whatever the timeouts of the callers that wait for it */
export function createDiscovery(
  place: DiscoveryPlace,
  required: readonly MetadataUrl[],
  upstream: Upstream,
  deadline: number,
): Discovery {
  let cached: Discovered | undefined
  /** When the last fetch ended. */
  let attemptedAt = 0
  let freshUntil = 0
  let pending: SharedWork<Discovered> | undefined

  async function fetchMetadata(): Promise<Discovered> {
    const end = monotonicNow() + deadline
    const bounded: Upstream = (target, exchange) => upstream(target, exchange, Math.max(1, end - monotonicNow()))
    const found = await discover(place, required, bounded)
    const metadata = found.problem ? withKnown(found, cached) : found
    cached = metadata
    attemptedAt = monotonicNow()
    freshUntil = attemptedAt + (found.problem ? RETRY_DELAY : LIFETIME)
    return metadata
  }

  function join(timeout: number): Promise<Discovered> {
    if (!pending || pending.isAbandoned()) {
      pending = startSharedWork(fetchMetadata, deadline, timedOut, (ended) => {
        if (pending === ended) pending = undefined
      })
    }
    const left = pending.startedAt + deadline - monotonicNow()
    // The fetch has its own deadline. Only callers with an earlier one need a timer.
    return timeout + SLACK >= left ? pending.outcome() : withTimeout(timeout, pending.outcome(), timedOut)
  }

  return {
    async find(timeout, maxAge = LIFETIME) {
      const metadata = cached
      if (!metadata) return join(timeout)
      const now = monotonicNow()
      if (now < freshUntil && now - attemptedAt < maxAge) return metadata
      try {
        // Half of the time remains for the caller to use the stale URLs: they may still work although the metadata is
        // unreachable or broken.
        return await join(timeout / 2)
      } catch {
        attemptedAt = monotonicNow()
        freshUntil = attemptedAt + RETRY_DELAY
        return metadata
      }
    },
    invalidate() {
      freshUntil = 0
    },
  }
}

/** What incomplete metadata lacks is used as it was, as all of it is while the metadata cannot be fetched. */
const withKnown = (found: Discovered, known: Discovered | undefined): Discovered => ({
  ...found,
  urls: { ...known?.urls, ...found.urls },
  algorithms: found.algorithms ?? known?.algorithms,
})

const timedOut = (): never => {
  throw new UpstreamError('timeout', 'no metadata within the deadline')
}
