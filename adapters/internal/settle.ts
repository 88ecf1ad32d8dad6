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
    return failed(asError(thrown))
  }
  // `done` stands outside of the try: what the application throws behind the guard is not ours to answer.
  return isPending(value) ? (value.then(done, (thrown) => failed(asError(thrown))) as Promise<Awaited<R>>) : done(value)
}

const isPending = <T>(value: MaybePromise<T>): value is Promise<T> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function'

/** To a framework an empty error means "go on": what is thrown without being an object must not reach it as it is. */
const asError = (thrown: unknown): unknown =>
  typeof thrown === 'object' && thrown !== null
    ? thrown
    : new Error('bearward: something that is no Error was thrown', { cause: thrown })
