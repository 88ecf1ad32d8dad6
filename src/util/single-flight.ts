import { monotonicNow } from './runtime.ts'
import { withTimeout } from './with-timeout.ts'

/** Work under way that several wait for. */
export interface PendingWork<T> {
  /** On the monotonic clock, in milliseconds. */
  readonly startedAt: number
  /** True once it should have ended long ago: nobody is to wait for it any more, and somebody may begin anew. */
  isAbandoned(): boolean
  /** Its outcome, or what `late` makes once it is lost. */
  wait(): Promise<T>
}

// On Workers a fetch ends, without a word, with the request that began it; this long after its deadline it is lost.
const GRACE = 1000

/**
 * @param deadline milliseconds after which the work ends by itself, as a rule
 * @param over called when it has ended, one way or the other
 */
export function startWork<T>(
  work: (flight: PendingWork<T>) => Promise<T>,
  deadline: number,
  resolved: () => Error,
  over: (flight: PendingWork<T>) => void,
): PendingWork<T> {
  const startedAt = monotonicNow()
  const abandonedAt = startedAt + deadline + GRACE
  const flight: PendingWork<T> = {
    startedAt,
    isAbandoned: () => monotonicNow() >= abandonedAt,
    wait: () => withTimeout(Math.max(1, abandonedAt - monotonicNow()), done, resolved),
  }
  const done = Promise.resolve(flight).then(work)
  const end = () => over(flight)
  done.then(end, end)
  return flight
}
