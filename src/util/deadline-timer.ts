import { monotonicNow } from './runtime.ts'

export interface DeadlineTimer {
  /** Milliseconds that are left. */
  remaining(): number
  stop(): void
}

// Why: docs/decisions/deadlines.md
const SLICES = 8

/**
 * Calls `end` after `milliseconds` in which this process was able to run.
 *
 * After a suspended or blocked event loop resumes, timers fire before I/O that arrived in the meantime is read, and the
 * upstream would be blamed. The time is counted in slices, so that such a pause costs only one slice.
 */
export function deadlineTimer(milliseconds: number, end: () => void = () => undefined): DeadlineTimer {
  const slice = milliseconds / SLICES
  let left = SLICES
  let sliceStart = monotonicNow()
  const tick = () => {
    left--
    sliceStart = monotonicNow()
    if (left === 0) end()
    else timer = setTimeout(tick, slice)
  }
  let timer = setTimeout(tick, slice)
  return {
    remaining: () => Math.max(0, left * slice - Math.min(slice, monotonicNow() - sliceStart)),
    stop: () => clearTimeout(timer),
  }
}
