import { monotonicNow } from '../../util/runtime.ts'
import type { NumericDate, Seconds } from '../../util/time.ts'

/** When a question was asked. */
export interface Timestamp {
  /** Milliseconds on the clock that never jumps; ages count on it. It stands still while a machine sleeps. */
  readonly monotonic: number
  /** On the clock of the wall, the only one that other processes share. */
  readonly wall: NumericDate
}

export const timestampAt = (wall: NumericDate): Timestamp => ({ monotonic: monotonicNow(), wall })

/** A moment that another process noted by the wall, as it is on the clocks of this one. */
export const timestampOf = (noted: NumericDate, wall: NumericDate): Timestamp => ({
  monotonic: monotonicNow() - Math.max(0, wall - noted) * 1000,
  wall: noted,
})

export const ageOf = ({ monotonic }: Timestamp): Seconds => (monotonicNow() - monotonic) / 1000
