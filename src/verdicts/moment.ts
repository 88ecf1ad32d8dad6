import { monotonicNow } from '../platform/runtime.ts'
import type { NumericDate, Seconds } from '../platform/time.ts'

/** When a question was asked, on both clocks. */
export interface Moment {
  /** Milliseconds on the clock that never jumps, but that may stand still while a machine sleeps. */
  readonly monotonic: number
  /** On the clock of the wall, which other processes share, but which may be set. */
  readonly wall: NumericDate
}

export const momentAt = (wall: NumericDate): Moment => ({ monotonic: monotonicNow(), wall })

/** How old a moment is, by the clock that says it is older: no jump of either makes anything younger. */
export const ageOf = (moment: Moment, wall: NumericDate): Seconds =>
  Math.max((monotonicNow() - moment.monotonic) / 1000, wall - moment.wall)
