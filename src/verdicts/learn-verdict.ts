import type { Asker } from '../introspection/asker.ts'
import { monotonicNow } from '../platform/runtime.ts'
import type { NumericDate, Seconds } from '../platform/time.ts'
import type { Asked } from './asked-verdicts.ts'
import type { KnownVerdict } from './known-verdict.ts'
import { ageOf, momentAt } from './moment.ts'
import { type SharedVerdicts, sharedKeyOf } from './shared-verdicts.ts'

/** A verdict nobody has drawn conclusions from yet. */
export type LearnedVerdict = KnownVerdict

/** Finds out what an issuer says about a token that is not known in this process. */
export interface LearnVerdict {
  /**
   * @param isCurrent false once the answer is of no use to anybody else
   * @throws {Unavailable} where there is no answer
   */
  (asked: Asked, maxAge: Seconds, isCurrent: () => boolean): Promise<LearnedVerdict>
  /** Drops what other processes would find. */
  forget(asked: Asked): Promise<void>
}

export interface LearnContext {
  readonly shared: SharedVerdicts | undefined
  readonly clock: () => NumericDate
  /** Told of work that goes on after the answer. */
  readonly announce: (work: Promise<unknown>) => void
}

/** Milliseconds that a shared store may take in all, beside the question itself. */
export const STORE_TIME = 200

/** Milliseconds between two looks for what another process is asking. */
const POLL = 20

/** True while a verdict serves a route: an entry ends by the configured time, however long the token lives. */
export function isYoung(verdict: KnownVerdict, asker: Asker, maxAge: Seconds, now: NumericDate): boolean {
  return ageOf(verdict.asked, now) < Math.min(verdict.answer.active ? asker.active : asker.inactive, maxAge)
}

export function createLearnVerdict({ shared, clock, announce }: LearnContext): LearnVerdict {
  if (!shared) return Object.assign((asked: Asked) => ask(asked, clock), { forget: async () => undefined })
  const writes = new Map<string, Promise<void>>()

  async function learn(asked: Asked, maxAge: Seconds, isCurrent: () => boolean): Promise<LearnedVerdict> {
    const key = await sharedKeyOf(asked.issuer, asked.raw)
    const began = monotonicNow()
    const spent = () => monotonicNow() - began
    const { deadline } = asked.asker
    let found = await find(key, asked, maxAge)
    // Several processes that meet a token at the same time ask once between them. If the one that claimed it has
    // trouble, there is half of the time left for the others.
    while (!found && !(await store.claim(key, deadline + STORE_TIME)) && spent() < deadline / 2) {
      await new Promise((resolve) => setTimeout(resolve, POLL))
      found = await find(key, asked, maxAge)
    }
    if (found) return found
    try {
      const verdict = await ask(asked, clock, spent())
      if (isCurrent()) write(key, asked, verdict)
      else announce(store.release(key))
      return verdict
    } catch (thrown) {
      announce(store.release(key))
      throw thrown
    }
  }

  const store = shared

  async function find(key: string, asked: Asked, maxAge: Seconds): Promise<LearnedVerdict | undefined> {
    const record = maxAge > 0 ? await store.find(key) : undefined
    if (!record) return undefined
    const age = Math.max(0, clock() - record.asked)
    const verdict: LearnedVerdict = {
      issuer: asked.issuer,
      answer: record.answer,
      asked: { monotonic: monotonicNow() - age * 1000, wall: record.asked },
      facts: undefined,
    }
    return isYoung(verdict, asked.asker, maxAge, clock()) ? verdict : undefined
  }

  /** In the background: nobody waits for the store to have kept it. */
  function write(key: string, { issuer, asker }: Asked, { answer, asked }: LearnedVerdict): void {
    const now = clock()
    const most = answer.active ? asker.active : asker.inactive
    const expiry = answer.active ? answer.claims.exp : undefined
    const untilExpiry = typeof expiry === 'number' ? expiry + issuer.clockTolerance - now : most
    const lifetime = Math.min(most - ageOf(asked, now), untilExpiry)
    const writing = store
      .keep(key, { answer, asked: asked.wall }, lifetime)
      .then(() => store.release(key))
      .finally(() => {
        if (writes.get(key) === writing) writes.delete(key)
      })
    writes.set(key, writing)
    announce(writing)
  }

  async function forget({ issuer, raw }: Asked): Promise<void> {
    const key = await sharedKeyOf(issuer, raw)
    await writes.get(key) // or it would bring back what is dropped here
    await store.forget(key)
  }

  return Object.assign(learn, { forget })
}

async function ask({ issuer, asker, raw }: Asked, clock: () => NumericDate, spent = 0): Promise<LearnedVerdict> {
  // From before the question: what is revoked while it is on its way may not be known to the answer.
  const asked = momentAt(clock())
  return { issuer, answer: await asker.ask(raw, spent), asked, facts: undefined }
}
