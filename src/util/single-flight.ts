import { monotonicNow } from './runtime.ts'
import { within } from './with-timeout.ts'

/** Work under way that several wait for. */
export interface Flight<T> {
  /** On the monotonic clock, in milliseconds. */
  readonly startedAt: number
  /** True once it should have ended long ago: nobody is to wait for it any more, and somebody may begin anew. */
  isLost(): boolean
  /** Its outcome, or what `late` makes once it is lost. */
  wait(): Promise<T>
}

// On Workers a fetch ends, without a word, with the request that began it; this long after its deadline it is lost.
const GRACE = 1000

/**
 * @param deadline milliseconds after which the work ends by itself, as a rule
 * @param over called when it has ended, one way or the other
 */
export function startFlight<T>(
  work: (flight: Flight<T>) => Promise<T>,
  deadline: number,
  late: () => Error,
  over: (flight: Flight<T>) => void,
): Flight<T> {
  const startedAt = monotonicNow()
  const lostAt = startedAt + deadline + GRACE
  const flight: Flight<T> = {
    startedAt,
    isLost: () => monotonicNow() >= lostAt,
    wait: () => within(Math.max(1, lostAt - monotonicNow()), done, late),
  }
  const done = Promise.resolve(flight).then(work)
  const end = () => over(flight)
  done.then(end, end)
  return flight
}
