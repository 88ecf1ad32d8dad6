/**
 * Freezes parsed JSON all the way down, and removes `__proto__` members on the way: `JSON.parse` makes them ordinary
 * ones, but copying with `Object.assign` would turn them into a prototype. A loop instead of recursion, because a token
 * may be nested as deep as it is long.
 *
 * @returns false where something in it can still be changed: a schema may have made dates, sets or instances of classes
 */
export function freezeClaims(claims: unknown): boolean {
  const met = new Set<object>()
  const open: unknown[] = [claims]
  let lasting = true
  while (open.length > 0) {
    const value = open.pop()
    if (!isObject(value) || met.has(value)) continue
    met.add(value)
    // What is frozen already may hold something that is not, so that it is looked through all the same.
    if (!isPlain(value)) lasting = false
    else freezeOne(value, open)
  }
  return lasting
}

function freezeOne(value: object, open: unknown[]): void {
  if (Object.hasOwn(value, '__proto__')) Reflect.deleteProperty(value, '__proto__')
  for (const name of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[name]
    if (isObject(member)) open.push(member)
  }
  Object.freeze(value)
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
