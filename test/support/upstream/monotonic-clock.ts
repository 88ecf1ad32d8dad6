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

/** One clock for `count` courses of events side by side: it moves when the last of them asks for it. */
export function moveTogether(count: number, advance: (seconds: number) => void): (seconds: number) => Promise<void> {
  const waiting: (() => void)[] = []
  return (seconds) =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length < count) return
      advance(seconds)
      for (const goOn of waiting.splice(0)) goOn()
    })
}
