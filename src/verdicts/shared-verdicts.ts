import type { Emitter, StoreEvent } from '../events.ts'
import type { Issuer } from '../issuers/issuer.ts'
import { Breaker } from '../platform/breaker.ts'
import { countdown } from '../platform/countdown.ts'
import { monotonicNow } from '../platform/runtime.ts'
import type { NumericDate, Seconds } from '../platform/time.ts'
import type { VerdictCache } from '../stores/verdict-cache.ts'
import { textDigestOf } from './digest.ts'
import { readRecord, type VerdictRecord, writeRecord } from './record.ts'

/**
 * The verdicts that several processes share. Nothing here ever fails or is waited for long: a store that is slow, down
 * or corrupt is a store that knows nothing.
 */
export interface SharedVerdicts {
  find(key: string): Promise<VerdictRecord | undefined>
  keep(key: string, record: VerdictRecord, lifetime: Seconds): Promise<void>
  forget(key: string): Promise<void>
  /** True where this process is the one to ask the issuer. */
  claim(key: string, lifetime: number): Promise<boolean>
  release(key: string): Promise<void>
}

type Operation = StoreEvent['operation']

/** Milliseconds for one operation. */
const DEADLINE = 50

const BREAKER = { failures: 5, pause: 1, pauseLimit: 30 }

/** By how much the clock of another process may run ahead of ours without its records looking made up. */
export const CLOCKS_DIFFER: Seconds = 1

export function createSharedVerdicts(store: VerdictCache, clock: () => NumericDate, events: Emitter): SharedVerdicts {
  const breaker = new Breaker(BREAKER, 1000, () => undefined)
  const tell = (operation: Operation, fault: StoreEvent['fault'], start: number) =>
    events.emit({ type: 'store', store: 'verdicts', operation, fault, duration: monotonicNow() - start })

  /** The outcome of an operation, or what `otherwise` says. */
  async function run<T, D>(operation: Operation, work: () => T | Promise<T>, otherwise: D): Promise<T | D> {
    const attempt = breaker.attempt()
    if (!attempt) return otherwise
    const start = monotonicNow()
    try {
      const outcome = await intime(work)
      attempt.succeeded()
      return outcome
    } catch (thrown) {
      attempt.failed()
      tell(operation, thrown === TOO_LATE ? 'timeout' : 'failed', start)
      return otherwise
    }
  }

  return {
    async find(key) {
      const value = await run('get', () => store.get(key), undefined)
      if (value === undefined || value === null || value === '') return undefined
      const record = readRecord(key, value)
      if (record && record.asked <= clock() + CLOCKS_DIFFER) return record
      tell('get', 'corrupt', monotonicNow())
      return undefined
    },
    async keep(key, record, lifetime) {
      const text = lifetime > 0 ? writeRecord(key, record) : undefined
      if (text !== undefined) await run('set', () => store.set(key, text, Math.ceil(lifetime * 1000)), undefined)
    },
    async forget(key) {
      // For a store that cannot delete, an empty record is none.
      await run('delete', () => (store.delete ? store.delete(key) : store.set(key, '', 1)), undefined)
    },
    // A store that cannot say who asks lets everybody ask.
    claim: async (key, lifetime) => (await run('claim', () => store.claim?.(key, lifetime) ?? true, true)) !== false,
    async release(key) {
      if (store.release) await run('release', () => store.release?.(key), undefined)
    },
  }
}

const TOO_LATE = Symbol('too late')

function intime<T>(work: () => T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const time = countdown(DEADLINE, () => reject(TOO_LATE))
    Promise.resolve()
      .then(work)
      .then(resolve, reject)
      .finally(() => time.stop())
  })
}

/** The key of a token: a full SHA-256 over whom we ask, how, as whom, and the token, which it does not give away. */
export async function sharedKeyOf(issuer: Issuer, token: string): Promise<string> {
  return `v1:${await textDigestOf(`${issuer.identity}\n${token}`)}`
}
