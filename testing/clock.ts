import type { NumericDate, Seconds } from '../src/util/time.ts'

/** A wall clock that a test turns. It moves on with the real one unless it was told to stand still. */
export interface TestClock {
  /** For the `clock` option; it needs no `this`. */
  readonly now: () => NumericDate
  /** Turns it forward, or back by a negative number. */
  advance(seconds: Seconds): void
  /** Makes it stand still at this time. */
  set(time: NumericDate): void
}

/**
 * Not everything goes by the wall clock: how long keys and verdicts are kept is measured on a monotonic one, which no
 * test can turn; use short times in the options there.
 *
 * @param at stands still at this time; without it, the clock goes with the real one
 */
export function createTestClock(at?: NumericDate): TestClock {
  let standing = at
  let turned = 0
  return {
    now: () => standing ?? Date.now() / 1000 + turned,
    advance(seconds) {
      if (standing === undefined) turned += seconds
      else standing += seconds
    },
    set(time) {
      standing = time
    },
  }
}
