import type { MaybePromise } from 'bearward'

/** Runs a step that may be synchronous, and goes on in the same turn where it is. */
export function settle<T, R>(
  step: () => MaybePromise<T>,
  done: (value: T) => R,
  failed: (thrown: unknown) => R,
): R | Promise<Awaited<R>> {
  let value: MaybePromise<T>
  try {
    value = step()
  } catch (thrown) {
    return failed(thrown)
  }
  // `done` stands outside of the try: what the application throws behind the guard is not ours to answer.
  return isPending(value) ? (value.then(done, failed) as Promise<Awaited<R>>) : done(value)
}

const isPending = <T>(value: MaybePromise<T>): value is Promise<T> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
