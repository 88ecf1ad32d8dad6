import { Unavailable } from '../../errors/errors.ts'
import { createMemory } from '../../util/bounded-cache.ts'
import type { MaybePromise } from '../../util/maybe-promise.ts'
import { monotonicNow } from '../../util/runtime.ts'
import { type Flight, startFlight } from '../../util/single-flight.ts'
import type { NumericDate, Seconds } from '../../util/time.ts'
import type { AskedIssuer } from '../introspector.ts'
import { isYoung, type KnownVerdict, type KnownVerdicts } from './local-cache.ts'
import { CLOCKS_DIFFER } from './shared-store.ts'
import type { Inquiry, VerdictSource } from './source.ts'
import { type Moment, momentAt } from './timestamp.ts'

/** What issuers say about tokens: known already, on its way, or found out now. */
export interface AskedVerdicts {
  /**
   * @param maxAge the greatest age of the verdict that the route accepts
   * @throws {Unavailable} where none can be had
   */
  on(inquiry: Inquiry, maxAge: Seconds): MaybePromise<KnownVerdict>
  /** One that is known and young enough, whoever's token it is. */
  known(digest: string, maxAge: Seconds): KnownVerdict | undefined
  /**
   * Drops what is known of a token, here and in the shared store, and what is on its way.
   *
   * @returns `false` where the store could not be told; this process passes over what it says about the token all the same
   */
  forget(digest: string, inquiries: readonly Inquiry[]): Promise<boolean>
  /** Drops what is known here and matches, everything that is on its way, and all that others have learned so far. */
  forgetWhere(matches: (verdict: KnownVerdict) => boolean): void
}

interface Asking {
  readonly issuer: AskedIssuer
  readonly flight: Flight<KnownVerdict>
}

// How many tokens that were forgotten are remembered as such.
const MOST_FORGOTTEN = 10_000

export function createAskedVerdicts(
  memory: KnownVerdicts,
  source: VerdictSource,
  clock: () => NumericDate,
): AskedVerdicts {
  const underWay = new Map<string, Asking>()
  const forgotten = createMemory<Moment>(MOST_FORGOTTEN)
  let allForgotten: NumericDate = Number.NEGATIVE_INFINITY

  function known(digest: string, maxAge: Seconds): KnownVerdict | undefined {
    const found = memory.get(digest)
    return found && isYoung(found, maxAge) ? found : undefined
  }

  /** Joins whoever waits for the same token, or is the first. */
  async function wait(inquiry: Inquiry, maxAge: Seconds): Promise<KnownVerdict> {
    const arrival = monotonicNow()
    // As old as the route accepts, seen from when the request came: to wait for an answer does not make it older.
    const suits = (moment: number) => arrival - moment <= maxAge * 1000
    for (;;) {
      const asking = underWay.get(inquiry.digest)
      const joins = asking?.issuer === inquiry.issuer && !asking.flight.isLost() && suits(asking.flight.startedAt)
      if (!joins) return outcomeOf(start(inquiry, maxAge))
      const verdict = await outcomeOf((asking as Asking).flight)
      // What was found for another route may have been new enough for that one only.
      if (suits(verdict.askedAt.monotonic)) return verdict
    }
  }

  function start(inquiry: Inquiry, maxAge: Seconds): Flight<KnownVerdict> {
    const { digest, issuer, asker } = inquiry
    dropLost()
    const flight = startFlight<KnownVerdict>(
      async (own) => {
        // A token that was forgotten meanwhile, or asked about anew, is not known by this answer.
        const isCurrent = () => underWay.get(digest)?.flight === own
        const verdict = await source.find(inquiry, { maxAge, newerThan: newestOf(digest), isCurrent })
        if (isCurrent()) memory.keep(digest, verdict)
        return verdict
      },
      source.patience(asker),
      () => new Unavailable('introspection_unavailable'),
      (ended) => {
        if (underWay.get(digest)?.flight === ended) underWay.delete(digest)
      },
    )
    underWay.set(digest, { issuer, flight })
    return flight
  }

  /** Nothing from before this moment tells more than what is known, or counts any more. */
  const newestOf = (digest: string): NumericDate =>
    Math.max(
      memory.peek(digest)?.askedAt.wall ?? Number.NEGATIVE_INFINITY,
      (forgotten.get(digest)?.wall ?? Number.NEGATIVE_INFINITY) + CLOCKS_DIFFER,
      allForgotten + CLOCKS_DIFFER,
    )

  /** They stand in order; whoever is lost holds on to a token. */
  function dropLost(): void {
    for (const [digest, { flight }] of underWay) {
      if (!flight.isLost()) return
      underWay.delete(digest)
    }
  }

  return {
    on(inquiry, maxAge) {
      const found = known(inquiry.digest, maxAge)
      return found?.issuer === inquiry.issuer ? found : wait(inquiry, maxAge)
    },
    known,
    async forget(digest, inquiries) {
      forgotten.set(digest, momentAt(clock()), 0)
      memory.delete(digest)
      underWay.delete(digest)
      const told = await Promise.all(inquiries.map((inquiry) => source.forget(inquiry)))
      return !told.includes(false)
    },
    forgetWhere(matches) {
      allForgotten = clock()
      memory.deleteWhere(matches)
      underWay.clear()
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
