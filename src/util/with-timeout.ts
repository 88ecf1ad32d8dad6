import { deadlineTimer } from './deadline-timer.ts'

/**
 * The outcome of work, or what `onTimeout` returns or throws after `milliseconds`. If another request started the work, its
 * own deadline is not enough: on Workers it ends silently with that request.
 */
export function withTimeout<T>(milliseconds: number, work: Promise<T>, onTimeout: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = deadlineTimer(milliseconds, () => resolve(Promise.resolve().then(onTimeout)))
    work.then(resolve, reject).finally(timer.stop)
  })
}
