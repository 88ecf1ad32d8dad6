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
 * The records that several processes share. No request ever fails here or waits for long: a store that is slow, down or
 * corrupt is a store that knows nothing.
 */
export interface SharedVerdicts {
  find(key: string): Promise<VerdictRecord | undefined>
  keep(key: string, record: VerdictRecord, lifetime: Seconds): Promise<void>
  /** `false` where it may still be there. */
  forget(key: string): Promise<boolean>
  /** Whether this process is the one to ask the issuer; `unknown` where the store cannot say. */
  claim(key: string, lifetime: number): Promise<'mine' | 'taken' | 'unknown'>
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

  /** The outcome of an operation, or what `otherwise` says. */
  async function run<T, D>(operation: Operation, work: () => T | Promise<T>, otherwise: D): Promise<T | D> {
    const attempt = breaker.attempt()
    if (!attempt) return otherwise
    try {
      const outcome = await watched(operation, work)
      attempt.succeeded()
      return outcome
    } catch {
      attempt.failed()
      return otherwise
    }
  }

  async function watched<T>(operation: Operation, work: () => T | Promise<T>): Promise<T> {
    const start = monotonicNow()
    try {
      return await inTime(work)
    } catch (thrown) {
      tell(operation, thrown === TOO_LATE ? 'timeout' : 'failed', monotonicNow() - start)
      throw thrown
    }
  }

  const tell = (operation: Operation, fault: StoreEvent['fault'], duration: number) =>
    events.emit({ type: 'store', store: 'verdicts', operation, fault, duration })

  // For a store that cannot delete, an empty record is none.
  const remove = (key: string) => (store.delete ? store.delete(key) : store.set(key, '', 1))

  return {
    async find(key) {
      const value = await run('get', () => store.get(key), undefined)
      if (value === undefined || value === null || value === '') return undefined
      const record = readRecord(key, value)
      if (record && record.asked <= clock() + CLOCKS_DIFFER) return record
      tell('get', 'corrupt', 0)
      return undefined
    },
    async keep(key, record, lifetime) {
      const text = lifetime > 0 ? writeRecord(key, record) : undefined
      if (text !== undefined) await run('set', () => store.set(key, text, Math.ceil(lifetime * 1000)), undefined)
      // What cannot be shared must not leave an older record standing that says otherwise.
      else if (lifetime > 0 || !record.answer.active) await run('delete', () => remove(key), undefined)
    },
    async forget(key) {
      try {
        // Whatever the breaker says: this has to be tried.
        await watched('delete', () => remove(key))
        return true
      } catch {
        return false
      }
    },
    async claim(key, lifetime) {
      if (!store.claim) return 'unknown'
      const claimed = await run('claim', () => store.claim?.(key, lifetime), undefined)
      return claimed === true ? 'mine' : claimed === false ? 'taken' : 'unknown'
    },
    async release(key) {
      // Whatever the breaker says: others wait for it.
      await watched('release', () => store.release?.(key)).catch(() => undefined)
    },
  }
}

const TOO_LATE = Symbol('too late')

function inTime<T>(work: () => T | Promise<T>): Promise<T> {
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
