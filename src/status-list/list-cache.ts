import { type Refusal, unavailable } from '../errors/refusal.ts'
import { type JwksCacheTimes, pauseAfter, refreshPoint } from '../jwks/freshness.ts'
import { asUpstreamError, UpstreamError } from '../upstream/upstream-error.ts'
import { monotonicNow } from '../util/runtime.ts'
import { type SharedWork, startSharedWork } from '../util/single-flight.ts'
import type { NumericDate, Seconds } from '../util/time.ts'
import { keepAlive } from '../util/wait-until.ts'
import { withTimeout } from '../util/with-timeout.ts'
import { NO_PAUSE, type Pause } from './pauses.ts'
import type { List } from './status-list-token.ts'

export interface ListCacheSettings {
  /** @param inUse the list that may be used until then */
  load(inUse: List | undefined): Promise<{ readonly list: List; readonly lifetime: Seconds }>
  readonly pause: Pause
  readonly times: Pick<JwksCacheTimes, 'staleIfError' | 'backoff' | 'maxBackoff'>
  /** Milliseconds within which `load` ends. */
  readonly deadline: number
  readonly clock: () => NumericDate
  readonly clockTolerance: Seconds
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined
}

/** One list. It is refreshed in the background before its lifetime ends, and used while stale during an outage. */
export interface ListCache {
  /** The list, if no request has to wait for it; starts a refresh if one is due. */
  current(): List | undefined
  /** The same, after loading it if necessary and allowed. */
  find(): Promise<List | Refusal>
  /** The most recent failure since the last success. */
  readonly lastError: UpstreamError | undefined
  /** Whether it is within its lifetime. */
  readonly isFresh: boolean
}

interface Loaded {
  readonly list: List
  /** Milliseconds on a clock that never jumps. */
  readonly at: number
  readonly lifetime: number
  readonly refreshAfter: number
}

/** Milliseconds for which requests wait for the refresh of a list that is past its lifetime. */
const MAX_WAIT = 300

export function createListCache(settings: ListCacheSettings): ListCache {
  const { pause, times, clock, clockTolerance } = settings
  let loaded: Loaded | undefined
  let refreshing: SharedWork<void> | undefined

  const pending = () => (refreshing?.isAbandoned() ? undefined : refreshing)
  const mayRefresh = () => monotonicNow() >= pause.notBefore

  /** The list while it may be used: for `extra` milliseconds beyond its lifetime, but never after its `exp`. */
  function usable(extra: number): Loaded | undefined {
    if (!loaded || monotonicNow() - loaded.at >= loaded.lifetime + extra) return undefined
    const { expiry } = loaded.list
    return expiry === undefined || clock() < expiry + clockTolerance ? loaded : undefined
  }

  const stale = () => usable(times.staleIfError * 1000)

  function refresh(): SharedWork<void> {
    refreshing =
      pending() ??
      startSharedWork<void>(
        (self) => load(self),
        settings.deadline,
        () => undefined,
        (self) => {
          if (refreshing === self) refreshing = undefined
        },
      )
    return refreshing
  }

  /** As with keys, requests do not wait for long while there is a stale list. */
  async function refreshed(): Promise<void> {
    const work = refresh()
    if (!stale()) return work.outcome()
    const left = work.startedAt + MAX_WAIT - monotonicNow()
    if (left > 0) await withTimeout(left, work.outcome(), () => undefined)
  }

  async function load(self: SharedWork<void>): Promise<void> {
    try {
      const { list, lifetime } = await settings.load(stale()?.list)
      // Its age counts from its arrival, so that a late one may be older than its lifetime.
      if (self.isAbandoned()) throw new UpstreamError('timeout', 'the status list arrived too late')
      loaded = { list, at: monotonicNow(), lifetime: lifetime * 1000, refreshAfter: refreshPoint(lifetime) * 1000 }
      Object.assign(pause, NO_PAUSE)
    } catch (thrown) {
      if (refreshing !== self) return // a newer one counts
      pause.lastError = asUpstreamError(thrown, 'the status list is unreadable')
      pause.failures++
      pause.notBefore = monotonicNow() + pauseAfter(pause.failures, times, pause.lastError.retryAfter) * 1000
    }
  }

  return {
    current() {
      const fresh = usable(0)
      if (fresh && monotonicNow() - fresh.at >= fresh.refreshAfter && !pending() && mayRefresh())
        keepAlive(settings.waitUntil, refresh().outcome())
      // A list past its lifetime is not used unchecked, but during the pause after a failure there is nothing to wait for.
      return (fresh ?? (mayRefresh() ? undefined : stale()))?.list
    },
    async find() {
      const now = this.current()
      if (now) return now
      if (mayRefresh()) await refreshed()
      const found = stale()
      if (found) return found.list
      const retryAfter = Math.max(0, pause.notBefore - monotonicNow()) / 1000
      return unavailable('status_unavailable', { cause: pause.lastError, retryAfter })
    },
    get lastError() {
      return pause.lastError
    },
    get isFresh() {
      return usable(0) !== undefined
    },
  }
}
