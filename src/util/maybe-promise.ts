/**
 * A value, or the promise of one. Steps that usually have their answer at hand return it plainly, so that a request
 * whose keys are known is decided without a single promise; `await` works for both.
 */
export type MaybePromise<T> = T | Promise<T>

export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

// Whatever has a `then` is waited for, not only a native promise: a guard of the application may return a query builder
// or a promise of a library, and taking that for a plain value would let the request through before it is decided.

/** Goes on with `next` at once when the value is there, and when it arrives otherwise. */
export function chain<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value)
}

/** Runs `step`; whatever it throws, now or later, goes to `recover`. */
export function attempt<T, U>(step: () => MaybePromise<T>, recover: (thrown: unknown) => U): MaybePromise<T | U> {
  try {
    const value = step()
    return isPromise(value) ? Promise.resolve(value).catch(recover) : value
  } catch (thrown) {
    return recover(thrown)
  }
}
