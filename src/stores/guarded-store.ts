import type { Emitter } from '../events/emitter.ts'
import type { StoreEvent } from '../events/events.ts'
import { Breaker } from '../util/circuit-breaker.ts'
import { deadlineTimer } from '../util/deadline-timer.ts'
import type { MaybePromise } from '../util/maybe-promise.ts'
import { monotonicNow } from '../util/runtime.ts'
import type { Seconds } from '../util/time.ts'

type Operation = StoreEvent['operation']

/**
 * A store of the application that is not trusted to work: each operation has a deadline, failures are told, and one that
 * keeps failing is left alone for a while.
 */
export interface GuardedStore {
  /** The outcome of an operation. `fits` says whether it is one; what does not fit is a failure. */
  run<T>(operation: Operation, work: () => MaybePromise<T>, fits?: (outcome: T) => boolean): Promise<T>
  /** The same whatever the breaker says, for what has to be tried. */
  insist<T>(operation: Operation, work: () => MaybePromise<T>): Promise<T>
  /** Seconds until it is asked again. */
  retryIn(): Seconds
  emit(operation: Operation, code: StoreEvent['code'], duration?: number): void
}

/** Milliseconds for one operation. */
const DEADLINE = 50

const BREAKER = { failures: 5, delay: 1, maxDelay: 30 }

/** What an operation ends with that has no outcome. */
export class StoreError extends Error {
  readonly code: StoreEvent['code'] | 'left_alone'

  constructor(code: StoreError['code'], cause?: unknown) {
    super(`bearward: the store is of no use now: ${code}`, cause === undefined ? undefined : { cause })
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
    work: () => MaybePromise<T>,
    fits: (outcome: T) => boolean = anything,
  ) {
    const start = monotonicNow()
    try {
      const outcome = await inTime(work)
      if (!fits(outcome)) throw new StoreError('corrupt')
      return outcome
    } catch (thrown) {
      const code = thrown instanceof StoreError ? thrown : new StoreError('failed', thrown)
      if (code.code !== 'left_alone') emit(operation, code.code, monotonicNow() - start)
      throw code
    }
  }

  return {
    async run(operation, work, fits) {
      const attempt = breaker.attempt()
      if (!attempt) throw new StoreError('left_alone')
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

const anything = (): boolean => true

function inTime<T>(work: () => MaybePromise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const time = deadlineTimer(DEADLINE, () => reject(new StoreError('timeout')))
    Promise.resolve()
      .then(work)
      .then(resolve, reject)
      .finally(() => time.stop())
  })
}
