import { withDeadline } from '../http/deadline.ts'
import { UpstreamFault } from '../http/upstream-fault.ts'
import { type Countdown, countdown } from '../platform/countdown.ts'
import type { Seconds } from '../platform/time.ts'
import type { JwsAlgorithm } from '../signature/algorithms.ts'
import { type Discovered, type DiscoveryPlace, discover } from './discovery.ts'
import { lifetimeOf } from './freshness.ts'
import type { JsonWebKeySet, KeySet } from './key-set.ts'
import type { Upstream } from './upstream.ts'

/** What a source brought: a set, still unread, and how long it stays fresh. */
export interface LoadedSet {
  readonly json: unknown
  readonly lifetime: Seconds
  readonly algorithms?: readonly JwsAlgorithm[] | undefined
}

/** Where the keys of an issuer come from. */
export interface KeySource {
  load(): Promise<LoadedSet>
}

/** A set given in the options: it never changes. */
export const staticSource = (set: JsonWebKeySet): KeySource => ({
  load: async () => ({ json: set, lifetime: Number.POSITIVE_INFINITY }),
})

export const urlSource = (url: string, upstream: Upstream): KeySource => ({
  async load() {
    const { json, headers } = await upstream('keys', url)
    return { json, lifetime: lifetimeOf(headers) }
  },
})

/** A set of the application's own; it gets the same deadline as a fetch. */
export const ownSource = (keySet: KeySet, deadline: number, closing: AbortSignal): KeySource => ({
  load: () =>
    withDeadline(deadline, closing, async ({ race, signal }) => {
      try {
        const json = await race(Promise.resolve(keySet.load({ signal })))
        return { json, lifetime: lifetimeOf(undefined) }
      } catch (cause) {
        throw cause instanceof UpstreamFault
          ? cause
          : new UpstreamFault('network', 'the key set did not load', { cause })
      }
    }),
})

const DISCOVERY_LIFETIME = 3_600_000

/** A set found by discovery. What was discovered is used for an hour, or until a fetch with it fails. */
export function discoveredSource(
  place: DiscoveryPlace,
  upstream: Upstream,
  deadline: number,
  now: () => number,
): KeySource {
  let known: Discovered | undefined
  let goodUntil = 0

  async function load(time: Countdown): Promise<LoadedSet> {
    const within =
      (reserve: number): Upstream =>
      (target, url) =>
        upstream(target, url, Math.max(1, time.remaining() - reserve))
    if (!known || now() >= goodUntil) {
      // With an older answer at hand, half of the time is left to ask for the keys with it.
      known = await discover(place, within(known ? deadline / 2 : 0)).catch((thrown) => {
        // The keys may still be where they were, even though the metadata is out of reach or broken now.
        if (known) return known
        throw thrown
      })
      goodUntil = now() + DISCOVERY_LIFETIME
    }
    try {
      const { json, headers } = await within(0)('keys', known.jwksUri)
      return { json, lifetime: lifetimeOf(headers), algorithms: known.algorithms }
    } catch (thrown) {
      goodUntil = 0
      throw thrown
    }
  }

  return {
    async load() {
      // One deadline for all the requests of a load: whoever waits for it waits no longer than for a single one.
      const time = countdown(deadline)
      try {
        return await load(time)
      } finally {
        time.stop()
      }
    },
  }
}
