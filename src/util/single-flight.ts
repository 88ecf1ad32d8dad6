import { monotonicNow } from './runtime.ts'
import { withTimeout } from './with-timeout.ts'

/** Work that several requests wait for. */
export interface SharedWork<T> {
  /** On the monotonic clock, in milliseconds. */
  readonly startedAt: number
  /**
   * True once it is long overdue or the runtime stopped it: no request waits for it any longer, and the next one starts
   * new work.
   */
  isAbandoned(): boolean
  /** Its outcome, or what `onTimeout` returns or throws once it is abandoned. */
  outcome(): Promise<T>
}

// On Workers a fetch ends silently with the request that started it. This long after its deadline, work is abandoned.
const GRACE = 1000

/** The outcome as a value, so that a rejection can only come from the runtime. */
type Settled<T> = { readonly value: T } | { readonly error: unknown }

const settle = async <T>(work: () => Promise<T>): Promise<Settled<T>> => {
  try {
    return { value: await work() }
  } catch (error) {
    return { error }
  }
}

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
  // workerd rejects what waits for the work of a request that has ended.
  let isStopped = false
  const self: SharedWork<T> = {
    startedAt,
    isAbandoned: () => isStopped || now() >= abandonedAt,
    outcome: async () => {
      const settled = await withTimeout(Math.max(1, abandonedAt - now()), done, () => undefined).catch(() => {
        isStopped = true
        return undefined
      })
      if (!settled) return onTimeout()
      if ('error' in settled) throw settled.error
      return settled.value
    },
  }
  const done: Promise<Settled<T> | undefined> = settle(() => work(self))
  done.then(() => ended(self))
  return self
}
