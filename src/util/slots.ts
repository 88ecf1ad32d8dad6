import { deadlineTimer } from './deadline-timer.ts'
import { monotonicNow } from './runtime.ts'

/** Limits how much runs at the same time. What has to wait is started in order, in two classes that share the slots. */
export interface Slots {
  /** Waits for a slot. @returns a function that releases it, or `undefined` if none became free in time */
  take(milliseconds: number, isPreferred?: boolean): Promise<(() => void) | undefined>
  /** Starts what may run now: to be called when the limit has changed. */
  next(): void
}

interface Class {
  /** When each of them started, in order. */
  readonly running: Set<{ readonly startedAt: number }>
  readonly waiting: Set<() => void>
}

/**
 * @param mayRun whether one more may run, beside so many
 * @param maxDuration milliseconds after which a slot is free again: on Workers, work ends silently with its request
 * @param reserved how many slots only preferred work gets
 */
export function createSlots(mayRun: (running: number) => boolean, maxDuration: number, reserved = 0): Slots {
  const preferred: Class = { running: new Set(), waiting: new Set() }
  const others: Class = { running: new Set(), waiting: new Set() }

  function count({ running }: Class): number {
    for (const slot of running) {
      if (monotonicNow() - slot.startedAt < maxDuration) break
      running.delete(slot)
    }
    return running.size
  }

  /** To others, a reserved slot that is free looks taken. */
  const isFree = (own: Class) =>
    mayRun(count(others) + (own === preferred ? count(preferred) : Math.max(count(preferred), reserved)))

  /** While both wait, neither gets more than half of the slots, or of what the other one leaves. */
  function nextClass(): Class {
    if (others.waiting.size === 0) return preferred
    return preferred.waiting.size > 0 && count(preferred) <= count(others) ? preferred : others
  }

  function start({ running }: Class): () => void {
    const slot = { startedAt: monotonicNow() }
    running.add(slot)
    return () => {
      running.delete(slot)
      next()
    }
  }

  function next(): void {
    for (;;) {
      const own = nextClass()
      const [resume] = own.waiting
      if (!resume || !isFree(own)) return
      resume()
    }
  }

  return {
    async take(milliseconds, isPreferred = true) {
      const own = isPreferred ? preferred : others
      if (preferred.waiting.size + others.waiting.size === 0 && isFree(own)) return start(own)
      return new Promise((resolve) => {
        const end = (release?: () => void) => {
          time.stop()
          own.waiting.delete(resume)
          resolve(release)
        }
        const resume = () => end(start(own))
        const time = deadlineTimer(milliseconds, end)
        own.waiting.add(resume)
        next()
      })
    },
    next,
  }
}
