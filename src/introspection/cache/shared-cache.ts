import { monotonicNow } from '../../util/runtime.ts'
import type { NumericDate } from '../../util/time.ts'
import { isYoung, type KnownVerdict, lifetimeOf } from './local-cache.ts'
import { type SharedVerdicts, sharedKeyOf } from './shared-store.ts'
import { askIssuer, type Inquiry, type VerdictSource, type Wanted } from './source.ts'
import { ageOf, momentOf } from './timestamp.ts'

// Milliseconds: for all that is asked of the store beside a question; between two looks for what another process asks.
const STORE_TIME = 250
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

  async function find(inquiry: Inquiry, wanted: Wanted): Promise<KnownVerdict> {
    const key = await sharedKeyOf(inquiry.issuer, inquiry.raw)
    const found = wanted.maxAge > 0 ? await look(key, inquiry, wanted) : undefined
    if (found) return found
    // Where no answer will be kept that could serve another one, there is nothing to wait for.
    const takesTurns = wanted.maxAge > 0 && inquiry.asker.active > 0
    const turn = takesTurns ? await takeTurn(key, inquiry, wanted) : 'free'
    if (turn !== 'mine' && turn !== 'free') return turn
    try {
      const verdict = await askIssuer(inquiry, clock)
      if (wanted.isCurrent()) share(key, verdict)
      return verdict
    } finally {
      if (turn === 'mine') announce((writes.get(key) ?? Promise.resolve()).then(() => store.release(key)))
    }
  }

  /**
   * Several processes that meet a token at the same time ask once between them: one has its turn, the others wait for
   * what it shares, or for their own turn should it fail. Where the store cannot tell, everybody is free to ask.
   */
  async function takeTurn(key: string, inquiry: Inquiry, wanted: Wanted): Promise<KnownVerdict | 'mine' | 'free'> {
    const { deadline } = inquiry.asker
    const end = monotonicNow() + deadline
    for (;;) {
      const claim = await store.claim(key, deadline + STORE_TIME)
      if (claim === 'unknown') return 'free'
      // Also after a claim: another process may have asked, shared and released since our last look.
      const found = await look(key, inquiry, wanted)
      if (found && claim === 'mine') announce(store.release(key))
      if (found) return found
      if (claim === 'mine') return 'mine'
      if (monotonicNow() > end || inquiry.asker.isResting()) return 'free'
      await new Promise((resolve) => setTimeout(resolve, POLL))
    }
  }

  async function look(key: string, { issuer }: Inquiry, wanted: Wanted): Promise<KnownVerdict | undefined> {
    const record = await store.find(key)
    if (!record || record.asked <= wanted.newerThan) return undefined
    const askedAt = momentOf(record.asked, clock())
    const verdict: KnownVerdict = { issuer, answer: record.answer, askedAt, facts: undefined }
    return isYoung(verdict, wanted.maxAge) ? verdict : undefined
  }

  /** In the background: nobody waits for the store to have kept it. */
  function share(key: string, verdict: KnownVerdict): void {
    const { answer, askedAt, issuer } = verdict
    const young = lifetimeOf(verdict) - ageOf(askedAt)
    const expiry = answer.active ? answer.claims.exp : undefined
    const valid = typeof expiry === 'number' ? expiry + issuer.clockTolerance - clock() : young
    const writing = store.keep(key, { answer, asked: askedAt.wall }, Math.min(young, valid)).finally(() => {
      if (writes.get(key) === writing) writes.delete(key)
    })
    writes.set(key, writing)
    announce(writing)
  }

  return {
    // Another process's question may have to be waited for before our own.
    patience: ({ deadline }) => 2 * deadline + STORE_TIME,
    find,
    async forget({ issuer, raw }) {
      const key = await sharedKeyOf(issuer, raw)
      await writes.get(key) // or it would bring back what is dropped here
      return store.forget(key)
    },
  }
}
