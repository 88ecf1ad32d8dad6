import { afterEach, beforeEach, vi } from 'vitest'

/**
 * Puts the clock by which keys age into the hands of a test file, for behaviour over hours. Timers and the wall clock
 * stay real, so that sockets and deadlines work as ever.
 */
export function useMonotonicClock(): { advance(seconds: number): void } {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  return {
    advance: (seconds) => {
      vi.advanceTimersByTime(seconds * 1000)
    },
  }
}
