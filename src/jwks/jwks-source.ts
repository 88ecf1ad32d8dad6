import type { Discovery } from '../discovery/discovery-cache.ts'
import { urlOf } from '../discovery/fetch-metadata.ts'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import type { Upstream } from '../upstream/client.ts'
import { withDeadline } from '../upstream/deadline.ts'
import { jsonAt } from '../upstream/fetch.ts'
import type { Closing } from '../upstream/shutdown.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { type DeadlineTimer, deadlineTimer } from '../util/deadline-timer.ts'
import type { Seconds } from '../util/time.ts'
import { lifetimeOf } from './freshness.ts'
import type { JsonWebKeySet, KeySet } from './types.ts'

/** A loaded but unread set, and how long it stays fresh. */
export interface LoadedSet {
  readonly json: unknown
  readonly lifetime: Seconds
  readonly algorithms?: readonly JwsAlgorithm[] | undefined
}

/** Where the keys of an issuer come from. */
export interface KeySource {
  load(): Promise<LoadedSet>
}

/** A set from the options. It never changes. */
export const staticSource = (set: JsonWebKeySet): KeySource => ({
  load: async () => ({ json: set, lifetime: Number.POSITIVE_INFINITY }),
})

export const urlSource = (url: string, upstream: Upstream): KeySource => ({
  async load() {
    const { json, headers } = await upstream('keys', jsonAt(url))
    return { json, lifetime: lifetimeOf(headers) }
  },
})

/** A set that the application loads, with the same deadline as a fetch. */
export const ownSource = (keySet: KeySet, deadline: number, closing: Closing): KeySource => ({
  load: () =>
    withDeadline(deadline, closing, async ({ race, signal }) => {
      try {
        const json = await race(Promise.resolve(keySet.load({ signal })))
        return { json, lifetime: lifetimeOf(undefined) }
      } catch (cause) {
        throw cause instanceof UpstreamError
          ? cause
          : new UpstreamError('network', 'the key set did not load', { cause })
      }
    }),
})

/** A set found by discovery. */
export function discoveredSource(discovery: Discovery, upstream: Upstream, deadline: number): KeySource {
  async function load(time: DeadlineTimer): Promise<LoadedSet> {
    const discovered = await discovery.find(time.remaining())
    try {
      const { json, headers } = await upstream(
        'keys',
        jsonAt(urlOf(discovered, 'jwks_uri')),
        Math.max(1, time.remaining()),
      )
      return { json, lifetime: lifetimeOf(headers), algorithms: discovered.algorithms }
    } catch (thrown) {
      discovery.invalidate()
      throw thrown
    }
  }

  return {
    async load() {
      // One deadline for all requests of a load, so that callers wait no longer than for a single request.
      const time = deadlineTimer(deadline)
      try {
        return await load(time)
      } finally {
        time.stop()
      }
    },
  }
}
