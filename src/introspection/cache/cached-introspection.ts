import { Unavailable } from '../../errors/errors.ts'
import { createBoundedCache } from '../../util/bounded-cache.ts'
import type { MaybePromise } from '../../util/maybe-promise.ts'
import { monotonicNow } from '../../util/runtime.ts'
import { type PendingWork, startWork } from '../../util/single-flight.ts'
import type { NumericDate, Seconds } from '../../util/time.ts'
import type { IntrospectionIssuer } from '../introspector.ts'
import { type CachedResponse, isYoung, type LocalCache } from './local-cache.ts'
import { CLOCKS_DIFFER } from './shared-store.ts'
import type { IntrospectionRequest, IntrospectionSource } from './source.ts'
import { type Timestamp, timestampAt } from './timestamp.ts'

/** What issuers say about tokens: known already, on its way, or found out now. */
export interface IntrospectionCache {
  /**
   * @param maxAge the greatest age of the verdict that the route accepts
   * @throws {Unavailable} where none can be had
   */
  on(request: IntrospectionRequest, maxAge: Seconds): MaybePromise<CachedResponse>
  /** One that is known and young enough, whoever's token it is. */
  cached(digest: string, maxAge: Seconds): CachedResponse | undefined
  /**
   * Drops what is known of a token, here and in the shared store, and what is on its way.
   *
   * @returns `false` where the store could not be told; this process passes over what it says about the token all the same
   */
  forget(digest: string, requests: readonly IntrospectionRequest[]): Promise<boolean>
  /** Drops what is known here and matches, everything that is on its way, and all that others have learned so far. */
  forgetWhere(matches: (response: CachedResponse) => boolean): void
}

interface Asking {
  readonly issuer: IntrospectionIssuer
  readonly flight: PendingWork<CachedResponse>
}

// How many tokens that were forgotten are remembered as such.
const MAX_INVALIDATED = 10_000

export function createCachedIntrospection(
  memory: LocalCache,
  source: IntrospectionSource,
  clock: () => NumericDate,
): IntrospectionCache {
  const pending = new Map<string, Asking>()
  const invalidated = createBoundedCache<Timestamp>(MAX_INVALIDATED)
  let allInvalidated: NumericDate = Number.NEGATIVE_INFINITY

  function cached(digest: string, maxAge: Seconds): CachedResponse | undefined {
    const found = memory.get(digest)
    return found && isYoung(found, maxAge) ? found : undefined
  }

  /** Joins whoever waits for the same token, or is the first. */
  async function wait(request: IntrospectionRequest, maxAge: Seconds): Promise<CachedResponse> {
    const arrival = monotonicNow()
    // As old as the route accepts, seen from when the request came: to wait for an answer does not make it older.
    const suits = (moment: number) => arrival - moment <= maxAge * 1000
    for (;;) {
      const introspection = pending.get(request.digest)
      const joins =
        introspection?.issuer === request.issuer &&
        !introspection.flight.isAbandoned() &&
        suits(introspection.flight.startedAt)
      if (!joins) return outcomeOf(start(request, maxAge))
      const response = await outcomeOf((introspection as Asking).flight)
      // What was found for another route may have been new enough for that one only.
      if (suits(response.requestedAt.monotonic)) return response
    }
  }

  function start(request: IntrospectionRequest, maxAge: Seconds): PendingWork<CachedResponse> {
    const { digest, issuer, introspector } = request
    dropAbandoned()
    const flight = startWork<CachedResponse>(
      async (own) => {
        // A token that was forgotten meanwhile, or asked about anew, is not known by this answer.
        const isCurrent = () => pending.get(digest)?.flight === own
        const response = await source.find(request, { maxAge, newerThan: newestKnown(digest), isCurrent })
        if (isCurrent()) memory.keep(digest, response)
        return response
      },
      source.timeout(introspector),
      () => new Unavailable('introspection_unavailable'),
      (ended) => {
        if (pending.get(digest)?.flight === ended) pending.delete(digest)
      },
    )
    pending.set(digest, { issuer, flight })
    return flight
  }

  /** Nothing from before this moment tells more than what is known, or counts any more. */
  const newestKnown = (digest: string): NumericDate =>
    Math.max(
      memory.peek(digest)?.requestedAt.wall ?? Number.NEGATIVE_INFINITY,
      (invalidated.get(digest)?.wall ?? Number.NEGATIVE_INFINITY) + CLOCKS_DIFFER,
      allInvalidated + CLOCKS_DIFFER,
    )

  /** They stand in order; whoever is lost holds on to a token. */
  function dropAbandoned(): void {
    for (const [digest, { flight }] of pending) {
      if (!flight.isAbandoned()) return
      pending.delete(digest)
    }
  }

  return {
    on(request, maxAge) {
      const found = cached(request.digest, maxAge)
      return found?.issuer === request.issuer ? found : wait(request, maxAge)
    },
    cached,
    async forget(digest, requests) {
      invalidated.set(digest, timestampAt(clock()), 0)
      memory.delete(digest)
      pending.delete(digest)
      const outcomes = await Promise.all(requests.map((request) => source.forget(request)))
      return !outcomes.includes(false)
    },
    forgetWhere(matches) {
      allInvalidated = clock()
      memory.deleteWhere(matches)
      pending.clear()
    },
  }
}

/** A failure is shared by all who wait, but not the error: it carries the answer to one request. */
async function outcomeOf(flight: PendingWork<CachedResponse>): Promise<CachedResponse> {
  try {
    return await flight.wait()
  } catch (thrown) {
    if (!(thrown instanceof Unavailable)) throw thrown
    const { cause, retryAfter } = thrown
    throw new Unavailable('introspection_unavailable', { cause, ...(retryAfter !== undefined && { retryAfter }) })
  }
}
