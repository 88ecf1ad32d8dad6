import { afterEach, beforeEach, vi } from 'vitest'

/**
 * Lets a test file control the clock for the age of keys, for behavior over hours. Timers and the wall clock stay real,
 * so sockets and deadlines work as usual.
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

/** The same, and timers fire by this clock: for tests without sockets, of what happens after a timeout. */
export function useClockWithTimers(): { advance(milliseconds: number): Promise<void> } {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  return {
    advance: async (milliseconds) => {
      await vi.advanceTimersByTimeAsync(milliseconds)
    },
  }
}

/** One clock for `count` concurrent sequences: it advances when all of them have requested it. */
export function moveTogether(count: number, advance: (seconds: number) => void): (seconds: number) => Promise<void> {
  const waiting: (() => void)[] = []
  return (seconds) =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length < count) return
      advance(seconds)
      for (const resume of waiting.splice(0)) resume()
    })
}
