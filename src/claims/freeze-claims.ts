/**
 * Freezes parsed JSON all the way down, and removes `__proto__` members on the way: `JSON.parse` makes them ordinary
 * ones, but copying with `Object.assign` would turn them into a prototype. A loop instead of recursion, because a token
 * may be nested as deep as it is long.
 *
 * @returns false where something in it can still be changed: a schema may have made dates, sets or instances of classes
 */
export function freezeClaims(claims: unknown): boolean {
  const open: unknown[] = [claims]
  // Only what holds objects can lead back to itself; most claims are flat.
  let met: Set<object> | undefined
  let lasting = true
  while (open.length > 0) {
    const value = open.pop()
    if (!isObject(value) || met?.has(value)) continue
    // What is frozen already may hold something that is not, so that it is looked through all the same.
    if (!isPlain(value)) lasting = false
    else if (freezeOne(value, open)) met = (met ?? new Set()).add(value)
  }
  return lasting
}

/** @returns whether it holds objects; they are left in `open` */
function freezeOne(value: object, open: unknown[]): boolean {
  if (Object.hasOwn(value, '__proto__')) Reflect.deleteProperty(value, '__proto__')
  const before = open.length
  for (const name of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[name]
    if (isObject(member)) open.push(member)
  }
  Object.freeze(value)
  return open.length > before
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
