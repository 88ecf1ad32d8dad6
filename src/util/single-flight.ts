import { monotonicNow } from './runtime.ts'
import { withTimeout } from './with-timeout.ts'

/** Work that several requests wait for. */
export interface SharedWork<T> {
  /** On the monotonic clock, in milliseconds. */
  readonly startedAt: number
  /** True once it is long overdue: no request waits for it any longer, and the next one starts new work. */
  isAbandoned(): boolean
  /** Its outcome, or what `onTimeout` returns or throws once it is abandoned. */
  outcome(): Promise<T>
}

// On Workers a fetch ends silently with the request that started it. This long after its deadline, work is abandoned.
const GRACE = 1000

/**
 * @param deadline milliseconds within which the work ends by itself, unless the runtime stopped it
 * @param ended called when it has ended, successfully or not
 */
export function startSharedWork<T>(
  work: (self: SharedWork<T>) => Promise<T>,
  deadline: number,
  onTimeout: () => T,
  ended: (self: SharedWork<T>) => void,
  now: () => number = monotonicNow,
): SharedWork<T> {
  const startedAt = now()
  const abandonedAt = startedAt + deadline + GRACE
  const self: SharedWork<T> = {
    startedAt,
    isAbandoned: () => now() >= abandonedAt,
    outcome: () => withTimeout(Math.max(1, abandonedAt - now()), done, onTimeout),
  }
  const done = (async () => work(self))()
  const end = () => ended(self)
  done.then(end, end)
  return self
}
