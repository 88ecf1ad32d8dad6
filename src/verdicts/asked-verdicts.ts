import { Unavailable } from '../errors.ts'
import { type Flight, startFlight } from '../platform/flight.ts'
import type { MaybePromise } from '../platform/maybe-promise.ts'
import { monotonicNow } from '../platform/runtime.ts'
import type { Seconds } from '../platform/time.ts'
import type { KnownVerdict, KnownVerdicts } from './known-verdict.ts'
import { ageOf } from './moment.ts'
import { type Asked, isYoung, STORE_TIME, type VerdictSource } from './verdict-source.ts'

/** What issuers say about tokens: known already, on its way, or found out now. */
export interface AskedVerdicts {
  /**
   * @param maxAge the greatest age of the verdict that the route accepts
   * @throws {Unavailable} where none can be had
   */
  on(asked: Asked, maxAge: Seconds): MaybePromise<KnownVerdict>
  /** One that is known and young enough, whoever's token it is. */
  recall(digest: string, maxAge: Seconds): KnownVerdict | undefined
  /** Drops what is known of a token, here and in the shared store, and what is on its way. */
  forget(asked: Asked): Promise<void>
  /** Drops what is known here and matches, everything that is on its way, and all that others have learned so far. */
  forgetWhere(matches: (verdict: KnownVerdict) => boolean): void
}

export function createAskedVerdicts(known: KnownVerdicts, source: VerdictSource): AskedVerdicts {
  const flights = new Map<string, Flight<KnownVerdict>>()

  function recall(digest: string, maxAge: Seconds): KnownVerdict | undefined {
    const found = known.get(digest)
    return found?.issuer.asker && isYoung(found, found.issuer.asker, maxAge) ? found : undefined
  }

  /** Joins whoever waits for the same token, or is the first. */
  async function wait(asked: Asked, maxAge: Seconds): Promise<KnownVerdict> {
    const flight = flights.get(asked.digest)
    // One that began too long ago brings a verdict that is too old for this route.
    if (flight && !flight.isLost() && monotonicNow() - flight.startedAt <= maxAge * 1000) {
      const verdict = await outcomeOf(flight)
      // What was brought for another route may have been old enough for that one only.
      const suits = maxAge === Number.POSITIVE_INFINITY || ageOf(verdict.asked) <= maxAge
      if (suits && verdict.issuer === asked.issuer) return verdict
    }
    return outcomeOf(start(asked, maxAge))
  }

  function start(asked: Asked, maxAge: Seconds): Flight<KnownVerdict> {
    const { digest, asker } = asked
    const flight = startFlight<KnownVerdict>(
      async (own) => {
        // A token that was forgotten meanwhile, or asked about anew, is not known by this answer.
        const isCurrent = () => flights.get(digest) === own
        const verdict = await source.find(asked, maxAge, isCurrent)
        if (isCurrent()) known.keep(digest, verdict)
        return verdict
      },
      asker.deadline + STORE_TIME,
      () => new Unavailable('introspection_unavailable'),
      (ended) => {
        if (flights.get(digest) === ended) flights.delete(digest)
      },
    )
    flights.set(digest, flight)
    return flight
  }

  return {
    on(asked, maxAge) {
      const found = recall(asked.digest, maxAge)
      return found?.issuer === asked.issuer ? found : wait(asked, maxAge)
    },
    recall,
    async forget(asked) {
      known.delete(asked.digest)
      flights.delete(asked.digest)
      await source.forget(asked)
    },
    forgetWhere(matches) {
      known.deleteWhere(matches)
      flights.clear()
      source.forgetAll()
    },
  }
}

/** A failure is shared by all who wait, but not the error: it carries the answer to one request. */
async function outcomeOf(flight: Flight<KnownVerdict>): Promise<KnownVerdict> {
  try {
    return await flight.wait()
  } catch (thrown) {
    if (!(thrown instanceof Unavailable)) throw thrown
    const { cause, retryAfter } = thrown
    throw new Unavailable('introspection_unavailable', { cause, ...(retryAfter !== undefined && { retryAfter }) })
  }
}
