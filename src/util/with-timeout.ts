import { countdown } from './deadline-timer.ts'

/**
 * What somebody else began, but no longer than `milliseconds`. A deadline of its own does not reach everybody: on some
 * runtimes (Workers) work ends, without a word, with the request that began it.
 */
export function within<T>(milliseconds: number, work: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const time = countdown(milliseconds, () => reject(late()))
    work.then(resolve, reject).finally(time.stop)
  })
}
