import { monotonicNow } from '../../platform/runtime.ts'
import type { Seconds } from '../../platform/time.ts'

/**
 * The proofs that this process has seen, all for the same time, at most so and so many. What is still needed is never
 * dropped to make room: that would let its proof be used again.
 */
export interface UsedProofs {
  /** True for the first call with a key; `full` where it cannot be remembered. */
  firstUse(key: string): boolean | 'full'
  /** Seconds until there is room again. */
  roomIn(): Seconds
}

/** @param lifetime milliseconds */
export function createUsedProofs(most: number, lifetime: number): UsedProofs {
  /** When each may be dropped. All live equally long, so that the oldest are the first of the map. */
  const ends = new Map<string, number>()

  function dropOld(now: number): void {
    for (const [key, end] of ends) {
      if (end > now) return
      ends.delete(key)
    }
  }

  return {
    firstUse(key) {
      const now = monotonicNow()
      dropOld(now)
      if (ends.has(key)) return false
      if (ends.size >= most) return 'full'
      ends.set(key, now + lifetime)
      return true
    },
    roomIn() {
      const [oldest] = ends.values()
      return oldest === undefined ? 0 : Math.max(0, oldest - monotonicNow()) / 1000
    },
  }
}
