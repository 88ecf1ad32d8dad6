import { deadlineTimer } from './deadline-timer.ts'

/**
 * The outcome of work that another request started, or what `onTimeout` returns or throws after `milliseconds`. The
 * deadline of the work itself is not enough: on Workers it ends silently with the request that started it.
 */
export function withTimeout<T>(milliseconds: number, work: Promise<T>, onTimeout: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = deadlineTimer(milliseconds, () => resolve(Promise.resolve().then(onTimeout)))
    work.then(resolve, reject).finally(timer.stop)
  })
}
