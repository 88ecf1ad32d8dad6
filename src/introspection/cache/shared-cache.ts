import type { Emitter } from '../../events/emitter.ts'
import type { StoreEvent } from '../../events/events.ts'
import { guardStore } from '../../stores/guarded-store.ts'
import type { IntrospectionStore } from '../../stores/introspection-store.ts'
import type { RecordSealer } from '../../stores/sealed-records.ts'
import { textDigestOf } from '../../util/digest.ts'
import type { NumericDate, Seconds } from '../../util/time.ts'
import type { RecordRules } from '../introspector.ts'
import { type IntrospectionRecord, readRecord, writeRecord } from './record.ts'

/**
 * The records that several processes share. A store that is slow, down or corrupt counts as empty, so that no request
 * fails or waits long because of it.
 */
export interface SharedCache {
  find(key: string, sealer: RecordSealer): Promise<IntrospectionRecord | undefined>
  keep(key: string, record: IntrospectionRecord, sealer: RecordSealer, lifetime: Seconds): Promise<void>
  /** `false` if the record may still exist. */
  forget(key: string): Promise<boolean>
  /** Whether this process may introspect; `unknown` if the store cannot claim, or fails. */
  claim(key: string, lifetime: number): Promise<'mine' | 'taken' | 'unknown'>
  release(key: string): Promise<void>
}

/** How far the clock of another process may be ahead of ours before its records count as corrupt. */
export const CLOCKS_DIFFER: Seconds = 1

export function createSharedCache(store: IntrospectionStore, clock: () => NumericDate, events: Emitter): SharedCache {
  const guarded = guardStore('introspection', events)

  /** The outcome of an operation, or `undefined`. */
  const tried = <T>(operation: StoreEvent['operation'], work: () => T | Promise<T>): Promise<T | undefined> =>
    guarded.run(operation, work).catch(() => undefined)

  // In a store that cannot delete, an empty text means no record.
  const remove = (key: string) => (store.delete ? store.delete(key) : store.set(key, '', 1))

  return {
    async find(key, sealer) {
      const value = await tried('get', () => store.get(key))
      if (value === undefined || value === null || value === '') return undefined
      const record = await readRecord(key, value, sealer)
      if (record && record.requestedAt <= clock() + CLOCKS_DIFFER) return record
      guarded.emit('get', 'corrupt')
      return undefined
    },
    async keep(key, record, sealer, lifetime) {
      const text = lifetime > 0 ? await writeRecord(key, record, sealer).catch(() => undefined) : undefined
      if (text !== undefined) await tried('set', () => store.set(key, text, Math.ceil(lifetime * 1000)))
      // A response that cannot be shared must not leave an older, different record.
      else if (lifetime > 0 || !record.response.active) await tried('delete', () => remove(key))
    },
    async forget(key) {
      try {
        // Tried even if the breaker is open.
        await guarded.insist('delete', () => remove(key))
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
      // Tried even if the breaker is open: other processes wait for it.
      await guarded.insist('release', () => store.release?.(key)).catch(() => undefined)
    },
  }
}

/** The key of a token: a SHA-256 over the identity of the introspector and the token. It does not reveal the token. */
export async function sharedKeyOf({ identity }: RecordRules, token: string): Promise<string> {
  return `v2:${await textDigestOf(`${identity}\n${token}`)}`
}
