import { monotonicNow } from '../../util/runtime.ts'
import type { NumericDate, Seconds } from '../../util/time.ts'

/** When an introspection request was sent. */
export interface Timestamp {
  /** Milliseconds on the monotonic clock, for ages. It may stop while a machine sleeps. */
  readonly monotonic: number
  /** The wall clock, which other processes share. */
  readonly wall: NumericDate
}

export const timestampAt = (wall: NumericDate): Timestamp => ({ monotonic: monotonicNow(), wall })

/** Converts the wall time that another process recorded. */
export const timestampOf = (recorded: NumericDate, wall: NumericDate): Timestamp => ({
  monotonic: monotonicNow() - Math.max(0, wall - recorded) * 1000,
  wall: recorded,
})

export const ageOf = ({ monotonic }: Timestamp): Seconds => (monotonicNow() - monotonic) / 1000
