import { monotonicNow } from '../platform/runtime.ts'
import type { NumericDate, Seconds } from '../platform/time.ts'

/** When a question was asked. */
export interface Moment {
  /** Milliseconds on the clock that never jumps: ages count on it. */
  readonly monotonic: number
  /** On the clock of the wall, the only one that other processes share. */
  readonly wall: NumericDate
}

export const momentAt = (wall: NumericDate): Moment => ({ monotonic: monotonicNow(), wall })

export const ageOf = ({ monotonic }: Moment): Seconds => (monotonicNow() - monotonic) / 1000
