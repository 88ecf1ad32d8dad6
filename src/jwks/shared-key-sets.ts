import { LRUCache } from 'lru-cache'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { monotonicNow } from '../util/runtime.ts'
import { type SharedWork, startSharedWork } from '../util/single-flight.ts'
import { FOREVER, LONG_AGO, type Seconds } from '../util/time.ts'
import { type JwksCacheTimes, pauseAfter, REFRESH_FROM } from './freshness.ts'

/** A key set as it was fetched. */
export interface FetchedSet {
  readonly json: unknown
  readonly lifetime: Seconds
  /** When, on the monotonic clock, in milliseconds. */
  readonly at: number
  /** Characters of its text. */
  readonly size: number
}

/** How one issuer uses a set. */
export interface KeySetUse {
  readonly times: JwksCacheTimes
  /** Milliseconds for a fetch. */
  readonly deadline: number
}

/** Which set an issuer needs. */
export interface SetRequest {
  /** For a fetch that an unknown key forces: a cache on the way may still have the set from before a rotation. */
  readonly revalidate: boolean
  /** When a set was fetched that the issuer could not use, on the monotonic clock: only a later one will do. */
  readonly unusableAt: number | undefined
  /** True if the issuer has no keys: then a stale set is better than none while it cannot be fetched (RFC 5861 §4). */
  readonly orStale: boolean
}

/**
 * The key sets of a server by their URL, so that any number of issuers behind one URL cause one fetch. The shortest
 * `maxAge` and the longest `cooldown` of these issuers apply. Sets, cooldowns and back-offs outlive the issuers that are
 * resolved at run time: resolving one again causes no fetch.
 */
export interface SharedKeySets {
  /** @param fetchSet sends the request */
  load(
    url: string,
    use: KeySetUse,
    request: SetRequest,
    fetchSet: () => Promise<Omit<FetchedSet, 'at'>>,
  ): Promise<FetchedSet>
}

interface Entry {
  set: FetchedSet | undefined
  pending: SharedWork<FetchedSet> | undefined
  maxAge: Seconds
  cooldown: Seconds
  forcedAt: number
  failures: number
  error: unknown
  notBefore: number
}

/**
 * Of all sets and their URLs together. A tenant that runs its own authorization server decides where its set is and what is in
 * it: with a new URL for each fetch, its sets must not fill the memory. Parsed, they take up to 13 times as many bytes.
 */
const MAX_CHARACTERS = 33_554_432

/**
 * @param max the number of sets
 * @param isFirstForced whether the first fetch starts a cooldown, as one that an unknown key forces does: where tokens
 *   name issuers that are resolved at run time, anyone can cause it
 */
export function createSharedKeySets(max: number, isFirstForced: boolean): SharedKeySets {
  const entries = new LRUCache<string, Entry>({
    max,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: ({ set }, url) => url.length + (set?.size ?? 0),
  })

  function entryFor(url: string, { maxAge = FOREVER, cooldown }: JwksCacheTimes): Entry {
    const entry: Entry = entries.get(url) ?? {
      set: undefined,
      pending: undefined,
      maxAge,
      cooldown,
      forcedAt: LONG_AGO,
      failures: 0,
      error: undefined,
      notBefore: LONG_AGO,
    }
    entry.maxAge = Math.min(entry.maxAge, maxAge)
    entry.cooldown = Math.max(entry.cooldown, cooldown)
    entries.set(url, entry)
    return entry
  }

  async function run(
    url: string,
    entry: Entry,
    times: JwksCacheTimes,
    fetchSet: Parameters<SharedKeySets['load']>[3],
    self: SharedWork<FetchedSet>,
  ): Promise<FetchedSet> {
    try {
      const set = { ...(await fetchSet()), at: monotonicNow() }
      if (self.isAbandoned()) timedOut()
      Object.assign(entry, { set, failures: 0, notBefore: LONG_AGO })
      // Deleted first, because the size of the same entry is not calculated again.
      entries.delete(url)
      entries.set(url, entry)
      return set
    } catch (error) {
      // Only an abandoned fetch can have a successor, whose outcome counts.
      if (entry.pending !== self) throw error
      const retryAfter = error instanceof UpstreamError ? error.retryAfter : undefined
      const failures = entry.failures + 1
      // Without jitter: each issuer adds its own.
      const notBefore = monotonicNow() + pauseAfter(failures, times, retryAfter, 0) * 1000
      Object.assign(entry, { failures, error, notBefore })
      throw error
    }
  }

  return {
    async load(url, { times, deadline }, { revalidate, unusableAt = LONG_AGO, orStale }, fetchSet) {
      const entry = entryFor(url, times)
      const now = monotonicNow()
      const set = entry.set && entry.set.at > unusableAt ? entry.set : undefined
      const age = set ? (now - set.at) / 1000 : FOREVER
      const lifetime = Math.min(set?.lifetime ?? 0, entry.maxAge)

      /** Joins the pending fetch, or starts one if cooldown and back-off allow it. */
      function next(): FetchedSet | Promise<FetchedSet> {
        if (entry.pending && !entry.pending.isAbandoned()) return entry.pending.outcome()
        const cooling = revalidate && now < entry.forcedAt + entry.cooldown * 1000 ? set : undefined
        // Also during the cooldown: an issuer must not conclude from a failure that a key does not exist.
        if (now < entry.notBefore || (cooling && entry.failures > 0)) throw entry.error
        if (cooling) return cooling
        if (revalidate || (isFirstForced && !entry.set)) entry.forcedAt = now
        entry.pending = startSharedWork<FetchedSet>(
          (self) => run(url, entry, times, fetchSet, self),
          deadline,
          timedOut,
          (self) => {
            if (entry.pending === self) entry.pending = undefined
          },
        )
        return entry.pending.outcome()
      }

      if (set && !revalidate && age < REFRESH_FROM * lifetime) return set
      try {
        return await next()
      } catch (error) {
        if (set && orStale && age < lifetime + times.staleIfError) return set
        throw error
      }
    },
  }
}

const timedOut = (): never => {
  throw new UpstreamError('timeout', 'no key set within the deadline')
}
