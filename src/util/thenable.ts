/**
 * True for anything with a `then`, not only native promises: a guard of the application may return a query builder or a
 * library's promise, which must not be taken for a plain value.
 */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
