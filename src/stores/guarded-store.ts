import type { Emitter } from '../events/emitter.ts'
import type { StoreEvent } from '../events/events.ts'
import { Breaker } from '../util/circuit-breaker.ts'
import { monotonicNow } from '../util/runtime.ts'
import type { Seconds } from '../util/time.ts'
import { withTimeout } from '../util/with-timeout.ts'

type Operation = StoreEvent['operation']

/**
 * Wraps a store of the application so that its failures are bounded: each operation has a deadline, failures emit an
 * event, and a circuit breaker stops calling a store that keeps failing.
 */
export interface GuardedStore {
  /** The outcome of an operation. An outcome that does not pass `fits` is a failure. */
  run<T>(operation: Operation, work: () => T | Promise<T>, fits?: (outcome: T) => boolean): Promise<T>
  /** The same regardless of the circuit breaker, for operations that must be attempted. */
  insist<T>(operation: Operation, work: () => T | Promise<T>): Promise<T>
  /** Seconds until the store is called again. */
  retryIn(): Seconds
  emit(operation: Operation, code: StoreEvent['code'], duration?: number): void
}

/** Milliseconds for one operation. */
const DEADLINE = 50

const BREAKER = { failures: 5, delay: 1, maxDelay: 30 }

/** The error of an operation without outcome. */
export class StoreError extends Error {
  readonly code: StoreEvent['code'] | 'breaker_open'

  constructor(code: StoreError['code'], cause?: unknown) {
    super(`bearward: the store is unavailable: ${code}`, cause === undefined ? undefined : { cause })
    this.name = 'StoreError'
    this.code = code
  }
}

export function guardStore(store: StoreEvent['store'], events: Emitter): GuardedStore {
  const breaker = new Breaker(BREAKER, 1000, () => undefined)

  const emit: GuardedStore['emit'] = (operation, code, duration = 0) =>
    events.emit({ type: 'store', store, operation, code, duration })

  async function insist<T>(
    operation: Operation,
    work: () => T | Promise<T>,
    fits: (outcome: T) => boolean = acceptAny,
  ) {
    const start = monotonicNow()
    try {
      const outcome = await withTimeout(DEADLINE, Promise.resolve().then(work), timedOut)
      if (!fits(outcome)) throw new StoreError('corrupt')
      return outcome
    } catch (thrown) {
      const error = thrown instanceof StoreError ? thrown : new StoreError('failed', thrown)
      if (error.code !== 'breaker_open') emit(operation, error.code, monotonicNow() - start)
      throw error
    }
  }

  return {
    async run(operation, work, fits) {
      const attempt = breaker.attempt()
      if (!attempt) throw new StoreError('breaker_open')
      try {
        const outcome = await insist(operation, work, fits)
        attempt.succeeded()
        return outcome
      } catch (thrown) {
        attempt.failed()
        throw thrown
      }
    },
    insist,
    retryIn: () => breaker.retryIn(),
    emit,
  }
}

const acceptAny = (): boolean => true

const timedOut = (): never => {
  throw new StoreError('timeout')
}
