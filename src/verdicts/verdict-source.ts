import type { Asker } from '../introspection/asker.ts'
import type { Issuer } from '../issuers/issuer.ts'
import { monotonicNow } from '../platform/runtime.ts'
import type { NumericDate, Seconds } from '../platform/time.ts'
import type { KnownVerdict } from './known-verdict.ts'
import { ageOf, momentAt } from './moment.ts'
import { CLOCKS_DIFFER, type SharedVerdicts, sharedKeyOf } from './shared-verdicts.ts'

/** A token to ask about. */
export interface Asked {
  readonly issuer: Issuer
  readonly asker: Asker
  readonly raw: string
  readonly digest: string
}

/** Where verdicts come from that are not known in this process. */
export interface VerdictSource {
  /**
   * @param isCurrent false once the answer is of no use to anybody else
   * @throws {Unavailable} where there is no answer
   */
  find(asked: Asked, maxAge: Seconds, isCurrent: () => boolean): Promise<KnownVerdict>
  /** Drops what other processes would find. */
  forget(asked: Asked): Promise<void>
  /** Nothing that was said before this moment is believed any more, whatever token it was about. */
  forgetAll(): void
}

/** Milliseconds that a shared store may take in all, beside the question itself. */
export const STORE_TIME = 200

/** True while a verdict serves a route: an entry ends by the configured time, however long the token lives. */
export function isYoung(verdict: KnownVerdict, asker: Asker, maxAge: Seconds): boolean {
  return ageOf(verdict.asked) < Math.min(lifetimeOf(verdict, asker), maxAge)
}

const lifetimeOf = ({ answer }: KnownVerdict, asker: Asker): Seconds => (answer.active ? asker.active : asker.inactive)

/** The issuers themselves. */
export const issuersAsSource = (clock: () => NumericDate): VerdictSource => ({
  find: (asked) => ask(asked, clock),
  forget: async () => undefined,
  forgetAll: () => undefined,
})

async function ask({ issuer, asker, raw }: Asked, clock: () => NumericDate, spent = 0): Promise<KnownVerdict> {
  // From before the question: what is revoked while it is on its way may not be known to the answer.
  const asked = momentAt(clock())
  return { issuer, answer: await asker.ask(raw, spent), asked, facts: undefined }
}

/** Milliseconds between two looks for what another process is asking. */
const POLL = 20

/**
 * A store that several processes share, and the issuers behind it.
 *
 * @param announce told of work that goes on after the answer
 */
export function sharedSource(
  store: SharedVerdicts,
  clock: () => NumericDate,
  announce: (work: Promise<unknown>) => void,
): VerdictSource {
  const writes = new Map<string, Promise<void>>()
  let believedAfter: NumericDate = Number.NEGATIVE_INFINITY

  async function find(asked: Asked, maxAge: Seconds, isCurrent: () => boolean): Promise<KnownVerdict> {
    const key = await sharedKeyOf(asked.issuer, asked.raw)
    const began = monotonicNow()
    const spent = () => monotonicNow() - began
    const { deadline } = asked.asker
    let found = await look(key, asked, maxAge)
    if (found) return found
    // Several processes that meet a token at the same time ask once between them. If the one that claimed it has
    // trouble, there is half of the time left for the others.
    while (!(await store.claim(key, deadline + STORE_TIME)) && spent() < deadline / 2) {
      await new Promise((resolve) => setTimeout(resolve, POLL))
      found = await look(key, asked, maxAge)
      if (found) return found
    }
    // Between our look and our claim, another process may have asked, shared and released.
    found = await look(key, asked, maxAge)
    if (found) {
      announce(store.release(key))
      return found
    }
    try {
      const verdict = await ask(asked, clock, spent())
      if (isCurrent()) share(key, asked, verdict)
      else announce(store.release(key))
      return verdict
    } catch (thrown) {
      announce(store.release(key))
      throw thrown
    }
  }

  async function look(key: string, asked: Asked, maxAge: Seconds): Promise<KnownVerdict | undefined> {
    const record = maxAge > 0 ? await store.find(key) : undefined
    if (!record || record.asked <= believedAfter) return undefined
    const age = Math.max(0, clock() - record.asked)
    const verdict: KnownVerdict = {
      issuer: asked.issuer,
      answer: record.answer,
      asked: { monotonic: monotonicNow() - age * 1000, wall: record.asked },
      facts: undefined,
    }
    return isYoung(verdict, asked.asker, maxAge) ? verdict : undefined
  }

  /** In the background: nobody waits for the store to have kept it. */
  function share(key: string, { issuer, asker }: Asked, verdict: KnownVerdict): void {
    const { answer, asked } = verdict
    const young = lifetimeOf(verdict, asker) - ageOf(asked)
    const expiry = answer.active ? answer.claims.exp : undefined
    const valid = typeof expiry === 'number' ? expiry + issuer.clockTolerance - clock() : young
    const writing = store
      .keep(key, { answer, asked: asked.wall }, Math.min(young, valid))
      .then(() => store.release(key))
      .finally(() => {
        if (writes.get(key) === writing) writes.delete(key)
      })
    writes.set(key, writing)
    announce(writing)
  }

  return {
    find,
    async forget({ issuer, raw }) {
      const key = await sharedKeyOf(issuer, raw)
      await writes.get(key) // or it would bring back what is dropped here
      await store.forget(key)
    },
    // A store cannot be searched, so all that is in it is passed over until it has reached its age.
    forgetAll() {
      believedAfter = clock() + CLOCKS_DIFFER
    },
  }
}
