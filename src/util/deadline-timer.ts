import { monotonicNow } from './runtime.ts'

/** Time that is running out. */
export interface DeadlineTimer {
  /** Milliseconds that are left. */
  remaining(): number
  stop(): void
}

const SLICES = 8

/**
 * Calls `end` after `milliseconds` in which this process was able to run.
 *
 * A process that stood still, or was busy for seconds, finds its timers due before it has looked at what arrived in the
 * meantime, and would blame the other side. Counted in slices, such a pause costs one of them and not the whole.
 */
export function deadlineTimer(milliseconds: number, end: () => void = () => undefined): DeadlineTimer {
  const slice = milliseconds / SLICES
  let left = SLICES
  let began = monotonicNow()
  const tick = () => {
    left--
    began = monotonicNow()
    if (left === 0) end()
    else timer = setTimeout(tick, slice)
  }
  let timer = setTimeout(tick, slice)
  return {
    remaining: () => Math.max(0, left * slice - Math.min(slice, monotonicNow() - began)),
    stop: () => clearTimeout(timer),
  }
}
