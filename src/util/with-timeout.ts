import { deadlineTimer } from './deadline-timer.ts'

/**
 * The outcome of work that another request began, or what `late` returns or throws after `milliseconds`. The deadline of
 * the work itself is not enough: on some runtimes (Workers) work ends silently with the request that began it.
 */
export function withTimeout<T>(milliseconds: number, work: Promise<T>, late: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = deadlineTimer(milliseconds, () => resolve(Promise.resolve().then(late)))
    work.then(resolve, reject).finally(timer.stop)
  })
}
