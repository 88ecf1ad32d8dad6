import { monotonicNow } from './runtime.ts'
import { FOREVER } from './time.ts'

/** A timer that does not keep the process alive. At most one call is scheduled. */
export interface UnreferencedTimer {
  /** Calls after `milliseconds`, or earlier if an earlier call is scheduled. */
  start(milliseconds: number): void
  stop(): void
}

export function unreferenced(call: () => void): UnreferencedTimer {
  let timer: ReturnType<typeof setTimeout> | undefined
  let due = FOREVER
  const stop = () => {
    clearTimeout(timer)
    due = FOREVER
  }
  return {
    start(milliseconds) {
      const at = monotonicNow() + milliseconds
      if (at >= due) return
      stop()
      due = at
      timer = setTimeout(() => {
        due = FOREVER
        call()
      }, milliseconds)
      // Timers of Node have this method, those of the Web are numbers.
      ;(timer as { unref?: () => void }).unref?.()
    },
    stop,
  }
}
