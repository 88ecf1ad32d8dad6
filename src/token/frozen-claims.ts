/**
 * Freezes parsed JSON all the way down, and removes `__proto__` members on the way: `JSON.parse` makes them ordinary
 * ones, but copying with `Object.assign` would turn them into a prototype. A loop instead of recursion, because a token
 * may be nested as deep as it is long. Only plain objects and arrays are frozen: a schema may have made dates or sets.
 */
export function freezeClaims<T>(claims: T): T {
  const open: unknown[] = [claims]
  while (open.length > 0) {
    const value = open.pop()
    if (!isPlain(value) || Object.isFrozen(value)) continue
    if (Object.hasOwn(value, '__proto__')) Reflect.deleteProperty(value, '__proto__')
    for (const name of Object.keys(value)) {
      const member = (value as Record<string, unknown>)[name]
      if (typeof member === 'object' && member !== null) open.push(member)
    }
    Object.freeze(value)
  }
  return claims
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
