import type { Emitter } from '../events/emitter.ts'
import type { StoreEvent } from '../events/events.ts'
import { Breaker } from '../util/circuit-breaker.ts'
import { countdown } from '../util/deadline-timer.ts'
import type { MaybePromise } from '../util/maybe-promise.ts'
import { monotonicNow } from '../util/runtime.ts'
import type { Seconds } from '../util/time.ts'

type Operation = StoreEvent['operation']

/**
 * A store of the application that is not trusted to work: each operation has a deadline, failures are told, and one that
 * keeps failing is left alone for a while.
 */
export interface WatchedStore {
  /** The outcome of an operation. `fits` says whether it is one; what does not fit is a failure. */
  run<T>(operation: Operation, work: () => MaybePromise<T>, fits?: (outcome: T) => boolean): Promise<T>
  /** The same whatever the breaker says, for what has to be tried. */
  insist<T>(operation: Operation, work: () => MaybePromise<T>): Promise<T>
  /** Seconds until it is asked again. */
  retryIn(): Seconds
  tell(operation: Operation, fault: StoreEvent['fault'], duration?: number): void
}

/** Milliseconds for one operation. */
const DEADLINE = 50

const BREAKER = { failures: 5, pause: 1, pauseLimit: 30 }

/** What an operation ends with that has no outcome. */
export class StoreFault extends Error {
  readonly fault: StoreEvent['fault'] | 'left_alone'

  constructor(fault: StoreFault['fault'], cause?: unknown) {
    super(`bearward: the store is of no use now: ${fault}`, cause === undefined ? undefined : { cause })
    this.name = 'StoreFault'
    this.fault = fault
  }
}

export function watchStore(store: StoreEvent['store'], events: Emitter): WatchedStore {
  const breaker = new Breaker(BREAKER, 1000, () => undefined)

  const tell: WatchedStore['tell'] = (operation, fault, duration = 0) =>
    events.emit({ type: 'store', store, operation, fault, duration })

  async function insist<T>(
    operation: Operation,
    work: () => MaybePromise<T>,
    fits: (outcome: T) => boolean = anything,
  ) {
    const start = monotonicNow()
    try {
      const outcome = await inTime(work)
      if (!fits(outcome)) throw new StoreFault('corrupt')
      return outcome
    } catch (thrown) {
      const fault = thrown instanceof StoreFault ? thrown : new StoreFault('failed', thrown)
      if (fault.fault !== 'left_alone') tell(operation, fault.fault, monotonicNow() - start)
      throw fault
    }
  }

  return {
    async run(operation, work, fits) {
      const attempt = breaker.attempt()
      if (!attempt) throw new StoreFault('left_alone')
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
    tell,
  }
}

const anything = (): boolean => true

function inTime<T>(work: () => MaybePromise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const time = countdown(DEADLINE, () => reject(new StoreFault('timeout')))
    Promise.resolve()
      .then(work)
      .then(resolve, reject)
      .finally(() => time.stop())
  })
}
