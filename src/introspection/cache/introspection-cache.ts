import { Refusal, unavailable } from '../../errors/refusal.ts'
import { createBoundedCache } from '../../util/bounded-cache.ts'
import { monotonicNow } from '../../util/runtime.ts'
import { type SharedWork, startSharedWork } from '../../util/single-flight.ts'
import { FOREVER, LONG_AGO, type NumericDate, type Seconds } from '../../util/time.ts'
import type { IntrospectionIssuer } from '../introspector.ts'
import { type CachedResponse, type CachedResponses, isYoung, type LocalCache, lifetimeOf } from './local-cache.ts'
import { CLOCKS_DIFFER } from './shared-cache.ts'
import type { IntrospectionRequest, IntrospectionSource } from './source.ts'
import { type Timestamp, timestampAt } from './timestamp.ts'

/** Introspection responses: cached, pending, or requested now. */
export interface IntrospectionCache {
  /** Whether other processes find the responses too. */
  readonly isShared: boolean
  /**
   * Refused with `introspection_unavailable` if there is no response.
   *
   * @param maxAge the maximum age of the response that the route accepts
   */
  introspect(request: IntrospectionRequest, maxAge: Seconds): Promise<CachedResponse | Refusal>
  /** A cached response that is at most `maxAge` old, from any issuer. */
  cached(digest: string, maxAge: Seconds): CachedResponse | undefined
  /**
   * Removes what is cached and pending for a token, here and in the shared store.
   *
   * @returns `false` if the store could not be reached; this process ignores the store's older records anyway
   */
  forget(digest: string, requests: readonly IntrospectionRequest[]): Promise<boolean>
  /** Removes cached responses that match from this process only. */
  evictWhere(matches: (response: CachedResponse) => boolean): void
  /** Removes cached responses that match, and everything pending. Older records in the shared store are ignored. */
  forgetWhere(matches: (response: CachedResponse) => boolean): void
  /** The number of responses that this process has cached. */
  sizes(): CachedResponses
}

interface Pending {
  readonly issuer: IntrospectionIssuer
  readonly work: SharedWork<CachedResponse | Refusal>
}

// How many invalidated tokens are recorded.
const MAX_INVALIDATED = 10_000

/** @param longest how long a response is used at most, whatever its issuer and the route permit */
export function createResponseCache(
  local: LocalCache,
  source: IntrospectionSource,
  clock: () => NumericDate,
  longest: Seconds = FOREVER,
): IntrospectionCache {
  const pending = new Map<string, Pending>()
  const invalidated = createBoundedCache<Timestamp>(MAX_INVALIDATED)
  let allInvalidated: NumericDate = LONG_AGO

  function cached(digest: string, maxAge: Seconds): CachedResponse | undefined {
    const found = local.get(digest)
    return found && isYoung(found, Math.min(maxAge, longest)) ? found : undefined
  }

  /** Joins the pending request for the same token, or sends one. */
  async function join(request: IntrospectionRequest, maxAge: Seconds): Promise<CachedResponse | Refusal> {
    const arrival = monotonicNow()
    // Age is measured when the request arrived: waiting for a response does not make it older.
    const suits = (sentAt: number, lifetime: Seconds) => arrival - sentAt < Math.min(lifetime, maxAge) * 1000
    for (;;) {
      const existing = pending.get(request.digest)
      const joins =
        existing?.issuer === request.issuer &&
        !existing.work.isAbandoned() &&
        suits(existing.work.startedAt, request.introspector.cache.active)
      if (!joins) return start(request, maxAge).outcome()
      const entry = await existing.work.outcome()
      // The response may be an inactive one, or come from the store, and be too old for this issuer or route.
      if (entry instanceof Refusal || suits(entry.requestedAt.monotonic, lifetimeOf(entry))) return entry
    }
  }

  function start(request: IntrospectionRequest, maxAge: Seconds): SharedWork<CachedResponse | Refusal> {
    const { digest, issuer, introspector } = request
    dropAbandoned()
    const isSeen = request.isSeen || local.peek(digest)?.response.active === true
    const work = startSharedWork<CachedResponse | Refusal>(
      async (self) => {
        // Not cached if the token was invalidated or introspected again in the meantime.
        const isCurrent = () => pending.get(digest)?.work === self
        const entry = await source.find({ ...request, isSeen }, { maxAge, newerThan: newerThan(digest), isCurrent })
        if (isCurrent() && !(entry instanceof Refusal)) local.keep(digest, entry)
        return entry
      },
      source.timeout(introspector),
      () => unavailable('introspection_unavailable'),
      (self) => {
        if (pending.get(digest)?.work === self) pending.delete(digest)
      },
    )
    pending.set(digest, { issuer, work })
    return work
  }

  /** Responses requested up to this time are older than the cached one, or invalidated. */
  const newerThan = (digest: string): NumericDate =>
    Math.max(
      local.peek(digest)?.requestedAt.wall ?? LONG_AGO,
      (invalidated.get(digest)?.wall ?? LONG_AGO) + CLOCKS_DIFFER,
      allInvalidated + CLOCKS_DIFFER,
    )

  /** In order of their start. Abandoned work would keep a token in memory. */
  function dropAbandoned(): void {
    for (const [digest, { work }] of pending) {
      if (!work.isAbandoned()) return
      pending.delete(digest)
    }
  }

  return {
    isShared: source.isShared,
    async introspect(request, maxAge) {
      const found = cached(request.digest, maxAge)
      return found?.issuer === request.issuer ? found : join(request, Math.min(maxAge, longest))
    },
    cached,
    async forget(digest, requests) {
      invalidated.set(digest, timestampAt(clock()), 0)
      local.delete(digest)
      pending.delete(digest)
      const outcomes = await Promise.all(requests.map((request) => source.forget(request)))
      return !outcomes.includes(false)
    },
    evictWhere: (matches) => local.deleteWhere(matches),
    forgetWhere(matches) {
      allInvalidated = clock()
      local.deleteWhere(matches)
      pending.clear()
    },
    sizes: () => local.sizes(),
  }
}
