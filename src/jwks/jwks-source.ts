import type { Discovery } from '../discovery/discovery-cache.ts'
import { JWKS_URI, urlOf } from '../discovery/fetch-metadata.ts'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import type { Upstream } from '../upstream/client.ts'
import { withDeadline } from '../upstream/deadline.ts'
import { type Exchange, isJson, type JsonResponse, jsonAt } from '../upstream/fetch.ts'
import { redactError } from '../upstream/redact-error.ts'
import type { Closing } from '../upstream/shutdown.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { type DeadlineTimer, deadlineTimer } from '../util/deadline-timer.ts'
import { isObject } from '../util/encoding.ts'
import { mediaTypeIn } from '../util/media-type.ts'
import { FOREVER, type Seconds } from '../util/time.ts'
import { lifetimeOf } from './freshness.ts'
import { requireMembers } from './key-index.ts'
import type { KeySetUse, SetRequest, SharedKeySets } from './shared-key-sets.ts'
import type { JsonWebKeySet, KeySet } from './types.ts'

/** A loaded but unread set, and how long it stays fresh. */
export interface LoadedSet {
  readonly json: unknown
  readonly lifetime: Seconds
  /** When it was fetched, on the monotonic clock, in milliseconds; now, if absent. */
  readonly at?: number
  readonly algorithms?: readonly JwsAlgorithm[] | undefined
}

/** Where the keys of an issuer come from. */
export interface KeySource {
  load(request: SetRequest): Promise<LoadedSet>
}

/** The exchange that fetches a key set: what is a JWK Set is used, whatever its media type. */
export function keySetAt(url: string, revalidate: boolean): Exchange<JsonResponse> {
  const { headers, read } = jsonAt(url)
  return {
    url,
    headers: { ...headers, ...(revalidate && { 'cache-control': 'no-cache' }) },
    async read(text, responseHeaders) {
      const mediaType = mediaTypeIn(responseHeaders.get('content-type'))
      if (isJson(mediaType)) return read(text, responseHeaders)
      const response = await (async () => read(text, responseHeaders))().catch(() => undefined)
      if (isObject(response?.json) && Array.isArray(response.json.keys)) return response
      throw new UpstreamError('content_type', 'the response is not a key set, and its media type is not JSON', {
        status: 200,
        mediaType: /^[\w.+-]{1,64}\/[\w.+-]{1,64}$/.test(mediaType) ? mediaType : 'invalid',
      })
    },
  }
}

/** A set from the options. It never changes. */
export const staticSource = (set: JsonWebKeySet): KeySource => ({
  load: async () => ({ json: set, lifetime: FOREVER }),
})

/** Loads the set at a URL, or gets it from another issuer with the same URL. */
export type SetAt = (url: string, request: SetRequest, deadline?: number, onFailure?: () => void) => Promise<LoadedSet>

export function setAt(shared: SharedKeySets, upstream: Upstream, use: KeySetUse): SetAt {
  return (url, request, deadline = use.deadline, onFailure = () => undefined) =>
    shared.load(url, { ...use, deadline }, request, async () => {
      try {
        const { json, headers, size } = await upstream('keys', keySetAt(url, request.revalidate), deadline)
        requireMembers(json)
        return { json, lifetime: lifetimeOf(headers), size }
      } catch (thrown) {
        onFailure()
        throw thrown
      }
    })
}

export const urlSource = (url: string, load: SetAt): KeySource => ({ load: (request) => load(url, request) })

/** A set that the application loads, with the same deadline as a fetch. */
export const ownSource = (keySet: KeySet, deadline: number, closing: Closing): KeySource => ({
  load: () =>
    withDeadline(deadline, closing, async ({ race, signal }) => {
      try {
        const json = await race(Promise.resolve(keySet.load({ signal })))
        return { json, lifetime: lifetimeOf(undefined) }
      } catch (thrown) {
        throw thrown instanceof UpstreamError
          ? thrown
          : new UpstreamError('network', 'the key set did not load', { cause: redactError(thrown) })
      }
    }),
})

/** Milliseconds: how old metadata may be when an unknown key forces a fetch. */
const FORCED_MAX_AGE = 300_000

/** A set found by discovery. */
export function discoveredSource(discovery: Discovery, loadSet: SetAt, deadline: number): KeySource {
  async function load(time: DeadlineTimer, request: SetRequest): Promise<LoadedSet> {
    // The metadata may have named another set, or algorithms that do not fit the keys.
    if (request.unusableAt !== undefined) discovery.invalidate()
    // An unknown key may be in another set than before. Anyone can send one, so the metadata may be a few minutes old.
    const discovered = await discovery.find(time.remaining(), request.revalidate ? FORCED_MAX_AGE : undefined)
    const url = urlOf(discovered, JWKS_URI)
    // Not while no attempt is allowed, or after a failure of another issuer: that says nothing about the metadata.
    const invalidate = () => discovery.invalidate()
    const set = await loadSet(url, request, Math.max(1, time.remaining()), invalidate)
    return { ...set, algorithms: discovered.algorithms }
  }

  return {
    async load(request) {
      // One deadline for all requests of a load, so that callers wait no longer than for a single request.
      const time = deadlineTimer(deadline)
      try {
        return await load(time, request)
      } finally {
        time.stop()
      }
    },
  }
}
