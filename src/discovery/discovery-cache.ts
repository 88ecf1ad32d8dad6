import type { Upstream } from '../upstream/client.ts'
import { UpstreamFault } from '../upstream/upstream-error.ts'
import { monotonicNow } from '../util/runtime.ts'
import { type Flight, startFlight } from '../util/single-flight.ts'
import { within } from '../util/with-timeout.ts'
import { type Discovered, type DiscoveryPlace, discover, type MetadataUrl } from './fetch-metadata.ts'

/** What is known of an issuer by its metadata; keys and introspection share it. */
export interface Discovery {
  /** What was found in the last hour, or what is found now; `patience` is how many milliseconds the caller can wait. */
  find(patience: number): Promise<Discovered>
  /** What was found led nowhere: the next one to ask looks again. */
  doubt(): void
}

const LIFETIME = 3_600_000

/** Milliseconds for which an older answer is used without another look, after one that failed. */
const PAUSE = 10_000

/** Milliseconds that make no difference to somebody who waits. */
const SLACK = 100

/** @param deadline milliseconds for one look, however little patience those have who wait for it */
export function createDiscovery(
  place: DiscoveryPlace,
  wanted: readonly MetadataUrl[],
  upstream: Upstream,
  deadline: number,
): Discovery {
  let known: Discovered | undefined
  let goodUntil = 0
  let underWay: Flight<Discovered> | undefined

  async function look(): Promise<Discovered> {
    const end = monotonicNow() + deadline
    const hurried: Upstream = (target, exchange) => upstream(target, exchange, Math.max(1, end - monotonicNow()))
    const found = await discover(place, wanted, hurried)
    known = found
    goodUntil = monotonicNow() + LIFETIME
    return found
  }

  function join(patience: number): Promise<Discovered> {
    if (!underWay || underWay.isLost()) {
      underWay = startFlight(look, deadline, late, (ended) => {
        if (underWay === ended) underWay = undefined
      })
    }
    const left = underWay.startedAt + deadline - monotonicNow()
    // A look ends by itself; only who cannot wait for that gives up before.
    return patience + SLACK >= left ? underWay.wait() : within(patience, underWay.wait(), late)
  }

  return {
    async find(patience) {
      const older = known
      if (!older) return join(patience)
      if (monotonicNow() < goodUntil) return older
      try {
        // Half of the time is left to go on with the older answer: things may still be where they were, even though
        // the metadata is out of reach or broken now.
        return await join(patience / 2)
      } catch {
        goodUntil = monotonicNow() + PAUSE
        return older
      }
    },
    doubt() {
      goodUntil = 0
    },
  }
}

const late = () => new UpstreamFault('timeout', 'no metadata in time')
