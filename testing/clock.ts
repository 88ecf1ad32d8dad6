import type { NumericDate, Seconds } from '../src/util/time.ts'

/** A wall clock that a test controls. It follows the real clock until a test fixes its time. */
export interface TestClock {
  /** The value for the `clock` option; needs no `this`. */
  readonly now: () => NumericDate
  /** Moves the clock forward, or back if negative. */
  advance(seconds: Seconds): void
  /** Fixes the clock at this time. */
  set(time: NumericDate): void
}

/**
 * Creates a clock for token times. Cache lifetimes (keys, introspection responses) use a monotonic clock that no test
 * can change: configure short lifetimes instead.
 *
 * @param at fixes the clock at this time; by default it follows the real clock
 */
export function createTestClock(at?: NumericDate): TestClock {
  let fixed = at
  let offset = 0
  return {
    now: () => fixed ?? Date.now() / 1000 + offset,
    advance(seconds) {
      if (fixed === undefined) offset += seconds
      else fixed += seconds
    },
    set(time) {
      fixed = time
    },
  }
}
