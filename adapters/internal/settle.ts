import { BearwardError, type MaybePromise } from 'bearward'

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

/**
 * To a framework an empty error means "go on", and one with a status is an answer. What an application throws in a guard
 * is to be neither: whatever is not ours and not a plain error reaches the framework as the cause of one.
 */
function asError(thrown: unknown): unknown {
  if (thrown instanceof BearwardError) return thrown
  if (thrown instanceof Error && !ANSWERS.some((name) => name in thrown)) return thrown
  return new Error('bearward: a guard threw something that is no plain Error', { cause: thrown })
}

const ANSWERS = ['status', 'statusCode', 'getResponse']
