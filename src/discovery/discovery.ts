import type { Upstream } from '../http/upstream.ts'
import { UpstreamFault } from '../http/upstream-fault.ts'
import { type Flight, startFlight } from '../platform/flight.ts'
import { monotonicNow } from '../platform/runtime.ts'
import { within } from '../platform/within.ts'
import { type Discovered, type DiscoveryPlace, discover, type MetadataUrl } from './discover.ts'

/** What is known of an issuer by its metadata; keys and introspection share it. */
export interface Discovery {
  /** What was found in the last hour, or what is found now; `patience` is how many milliseconds the caller can wait. */
  find(patience: number): Promise<Discovered>
  /** What was found led nowhere: the next one to ask looks again. */
  doubt(): void
}

const LIFETIME = 3_600_000

export function createDiscovery(place: DiscoveryPlace, wanted: readonly MetadataUrl[], upstream: Upstream): Discovery {
  let known: Discovered | undefined
  let goodUntil = 0
  let underWay: Flight<Discovered> | undefined

  async function look(patience: number): Promise<Discovered> {
    const end = monotonicNow() + patience
    const hurried: Upstream = (target, exchange) => upstream(target, exchange, Math.max(1, end - monotonicNow()))
    const found = await discover(place, wanted, hurried)
    known = found
    goodUntil = monotonicNow() + LIFETIME
    return found
  }

  function join(patience: number): Promise<Discovered> {
    if (underWay && !underWay.isLost()) return within(patience, underWay.wait(), late)
    underWay = startFlight(
      () => look(patience),
      patience,
      late,
      (ended) => {
        if (underWay === ended) underWay = undefined
      },
    )
    return underWay.wait()
  }

  return {
    async find(patience) {
      const older = known
      if (older && monotonicNow() < goodUntil) return older
      // With an older answer at hand, half of the time is left to go on with it: things may still be where they were,
      // even though the metadata is out of reach or broken now.
      return older ? join(patience / 2).catch(() => older) : join(patience)
    },
    doubt() {
      goodUntil = 0
    },
  }
}

const late = () => new UpstreamFault('timeout', 'no metadata in time')
