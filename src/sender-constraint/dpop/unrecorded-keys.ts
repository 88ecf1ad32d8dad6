import { monotonicNow } from '../../util/runtime.ts'

/**
 * Which keys have proofs that a shared store remembers, and this process does not. For as long as those can be sent again,
 * that a proof is not known here says nothing.
 */
export interface UnrecordedKeys {
  /** A proof of this key was not remembered; without one, it is as if it were a proof of every key. */
  note(key: string | undefined): void
  has(key: string): boolean
}

/** @param lifetime milliseconds */
export function createUnrecordedKeys(lifetime: number): UnrecordedKeys {
  /** Until when each key has one, the earliest first: no more than keys of which proofs were remembered. */
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
