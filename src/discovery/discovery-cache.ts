import type { Upstream } from '../upstream/client.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { monotonicNow } from '../util/runtime.ts'
import { type PendingWork, startWork } from '../util/single-flight.ts'
import { withTimeout } from '../util/with-timeout.ts'
import { type Discovered, type DiscoveryPlace, discover, type MetadataUrl } from './fetch-metadata.ts'

/** What is known of an issuer by its metadata; keys and introspection share it. */
export interface Discovery {
  /** What was found in the last hour, or what is found now; `patience` is how many milliseconds the caller can wait. */
  find(timeout: number): Promise<Discovered>
  /** What was found led nowhere: the next one to ask looks again. */
  invalidate(): void
}

const LIFETIME = 3_600_000

/** Milliseconds for which an older answer is used without another look, after one that failed. */
const PAUSE = 10_000

/** Milliseconds that make no difference to somebody who waits. */
const SLACK = 100

/** @param deadline milliseconds for one look, however little patience those have who wait for it */
export function createDiscovery(
  place: DiscoveryPlace,
  required: readonly MetadataUrl[],
  upstream: Upstream,
  deadline: number,
): Discovery {
  let cached: Discovered | undefined
  let goodUntil = 0
  let pending: PendingWork<Discovered> | undefined

  async function look(): Promise<Discovered> {
    const end = monotonicNow() + deadline
    const hurried: Upstream = (target, exchange) => upstream(target, exchange, Math.max(1, end - monotonicNow()))
    const found = await discover(place, required, hurried)
    cached = found
    goodUntil = monotonicNow() + LIFETIME
    return found
  }

  function join(timeout: number): Promise<Discovered> {
    if (!pending || pending.isAbandoned()) {
      pending = startWork(look, deadline, resolved, (ended) => {
        if (pending === ended) pending = undefined
      })
    }
    const left = pending.startedAt + deadline - monotonicNow()
    // A look ends by itself; only who cannot wait for that gives up before.
    return timeout + SLACK >= left ? pending.wait() : withTimeout(timeout, pending.wait(), resolved)
  }

  return {
    async find(timeout) {
      const older = cached
      if (!older) return join(timeout)
      if (monotonicNow() < goodUntil) return older
      try {
        // Half of the time is left to go on with the older answer: things may still be where they were, even though
        // the metadata is out of reach or broken now.
        return await join(timeout / 2)
      } catch {
        goodUntil = monotonicNow() + PAUSE
        return older
      }
    },
    invalidate() {
      goodUntil = 0
    },
  }
}

const resolved = () => new UpstreamError('timeout', 'no metadata in time')
