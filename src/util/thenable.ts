/**
 * True for anything with a `then`, not only native promises: a guard of the application may return a query builder or a
 * promise of a library, and taking that for a plain value would let the request through before it is decided.
 */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
