import { monotonicNow } from '../../util/runtime.ts'

/**
 * The keys with proofs that the shared store recorded and this process did not. While such a proof could be replayed, its
 * absence here proves nothing.
 */
export interface UnrecordedKeys {
  /** A proof of this key was not recorded here. Without a key, it counts for every key. */
  note(key: string | undefined): void
  has(key: string): boolean
}

/** @param lifetime milliseconds */
export function createUnrecordedKeys(lifetime: number): UnrecordedKeys {
  /** When the last such proof of each key expires, the earliest first. Bounded by the number of keys with recorded proofs. */
  const ends = new Map<string, number>()
  let endOfAll = 0

  return {
    note(key) {
      const now = monotonicNow()
      for (const [old, end] of ends) {
        if (end > now) break
        ends.delete(old)
      }
      if (key === undefined) {
        endOfAll = now + lifetime
        return
      }
      ends.delete(key)
      ends.set(key, now + lifetime)
    },
    has(key) {
      const now = monotonicNow()
      return endOfAll > now || (ends.get(key) ?? 0) > now
    },
  }
}
