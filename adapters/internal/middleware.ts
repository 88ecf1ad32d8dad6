import { BearwardError, type MaybePromise } from 'bearward'

/**
 * A middleware of up to three arguments: a step, and what follows where it is done or has failed, in the same turn where
 * nothing has to be waited for. Each of them gets the arguments, so that a request makes no closure.
 */
export function middlewareOf<A, B, T, R, C = void>(
  step: (a: A, b: B, c: C) => MaybePromise<T>,
  done: (value: T, a: A, b: B, c: C) => R,
  failed: (thrown: unknown, a: A, b: B, c: C) => R,
): (a: A, b: B, c: C) => R | Promise<Awaited<R>> {
  return (a, b, c) => {
    let value: MaybePromise<T>
    try {
      value = step(a, b, c)
    } catch (thrown) {
      return failed(asError(thrown), a, b, c)
    }
    // `done` stands outside of the try: what the application throws behind the guard is not ours to answer.
    if (!isPending(value)) return done(value, a, b, c)
    return value.then(
      (late) => done(late, a, b, c),
      (thrown) => failed(asError(thrown), a, b, c),
    ) as Promise<Awaited<R>>
  }
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
