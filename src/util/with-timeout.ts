import { deadlineTimer } from './deadline-timer.ts'

/**
 * What somebody else began, but no longer than `milliseconds`. A deadline of its own does not reach everybody: on some
 * runtimes (Workers) work ends, without a word, with the request that began it.
 */
export function withTimeout<T>(milliseconds: number, work: Promise<T>, resolved: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const time = deadlineTimer(milliseconds, () => reject(resolved()))
    work.then(resolve, reject).finally(time.stop)
  })
}
