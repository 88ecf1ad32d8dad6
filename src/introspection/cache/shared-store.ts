import type { Emitter } from '../../events/emitter.ts'
import type { StoreEvent } from '../../events/events.ts'
import { watchStore } from '../../stores/guarded-store.ts'
import type { VerdictCache } from '../../stores/introspection-store.ts'
import { textDigestOf } from '../../util/digest.ts'
import type { MaybePromise } from '../../util/maybe-promise.ts'
import type { NumericDate, Seconds } from '../../util/time.ts'
import type { AskedIssuer } from '../introspector.ts'
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

/** By how much the clock of another process may run ahead of ours without its records looking made up. */
export const CLOCKS_DIFFER: Seconds = 1

export function createSharedVerdicts(store: VerdictCache, clock: () => NumericDate, events: Emitter): SharedVerdicts {
  const watched = watchStore('verdicts', events)

  /** The outcome of an operation, or `undefined`. */
  const tried = <T>(operation: StoreEvent['operation'], work: () => MaybePromise<T>): Promise<T | undefined> =>
    watched.run(operation, work).catch(() => undefined)

  // For a store that cannot delete, an empty record is none.
  const remove = (key: string) => (store.delete ? store.delete(key) : store.set(key, '', 1))

  return {
    async find(key) {
      const value = await tried('get', () => store.get(key))
      if (value === undefined || value === null || value === '') return undefined
      const record = readRecord(key, value)
      if (record && record.asked <= clock() + CLOCKS_DIFFER) return record
      watched.tell('get', 'corrupt')
      return undefined
    },
    async keep(key, record, lifetime) {
      const text = lifetime > 0 ? writeRecord(key, record) : undefined
      if (text !== undefined) await tried('set', () => store.set(key, text, Math.ceil(lifetime * 1000)))
      // What cannot be shared must not leave an older record standing that says otherwise.
      else if (lifetime > 0 || !record.answer.active) await tried('delete', () => remove(key))
    },
    async forget(key) {
      try {
        // Whatever the breaker says: this has to be tried.
        await watched.insist('delete', () => remove(key))
        return true
      } catch {
        return false
      }
    },
    async claim(key, lifetime) {
      if (!store.claim) return 'unknown'
      const claimed = await tried('claim', () => store.claim?.(key, lifetime))
      return claimed === true ? 'mine' : claimed === false ? 'taken' : 'unknown'
    },
    async release(key) {
      // Whatever the breaker says: others wait for it.
      await watched.insist('release', () => store.release?.(key)).catch(() => undefined)
    },
  }
}

/** The key of a token: a full SHA-256 over whom we ask, how, as whom, and the token, which it does not give away. */
export async function sharedKeyOf(issuer: AskedIssuer, token: string): Promise<string> {
  return `v1:${await textDigestOf(`${issuer.identity}\n${token}`)}`
}
