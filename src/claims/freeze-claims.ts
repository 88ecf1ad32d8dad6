/**
 * Freezes parsed JSON all the way down, and removes `__proto__` members on the way: `JSON.parse` makes them ordinary
 * ones, but copying with `Object.assign` would turn them into a prototype. A loop instead of recursion, because a token
 * may be nested as deep as it is long.
 *
 * @returns false where something in it can still be changed: a schema may have made dates, sets or instances of classes
 */
export function freezeClaims(claims: unknown): boolean {
  const pending: unknown[] = [claims]
  // Only what holds objects can lead back to itself; most claims are flat.
  let seen: Set<object> | undefined
  let immutable = true
  while (pending.length > 0) {
    const value = pending.pop()
    if (!isObject(value) || seen?.has(value)) continue
    // What is frozen already may hold something that is not, so that it is looked through all the same.
    if (!isPlain(value)) immutable = false
    else if (freezeOne(value, pending)) seen = (seen ?? new Set()).add(value)
  }
  return immutable
}

/** @returns whether it holds objects; they are left in `open` */
function freezeOne(value: object, pending: unknown[]): boolean {
  if (Object.hasOwn(value, '__proto__')) Reflect.deleteProperty(value, '__proto__')
  const before = pending.length
  for (const name of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[name]
    if (isObject(member)) pending.push(member)
  }
  Object.freeze(value)
  return pending.length > before
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
