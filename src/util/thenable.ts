/**
 * True for anything with a `then`, not only native promises: a guard of the application may return a query builder or a
 * library's promise, which must not be taken for a plain value.
 */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function'

/**
 * What a function of the application has returned, unless it is a promise: that would never equal true, and its rejection
 * would be unhandled.
 *
 * @throws {TypeError}
 */
export function notPromised(value: unknown, name: string): unknown {
  if (!isThenable(value)) return value
  Promise.resolve(value).catch(() => undefined)
  throw new TypeError(`bearward: ${name} must return a boolean; it returned a promise`)
}
