import { isPlain } from '../util/is-plain.ts'

/**
 * Freezes parsed JSON deeply and removes `__proto__` members: `JSON.parse` makes them ordinary ones, but copying with
 * `Object.assign` would turn them into a prototype. Not recursive, because only the token's length limits its nesting.
 *
 * @returns false if something in it stays mutable, such as a date, a set or a class instance from a schema
 */
export function freezeClaims(claims: unknown): boolean {
  const pending: unknown[] = [claims]
  // Only objects that hold objects can form a cycle; most claims are flat.
  let seen: Set<object> | undefined
  let immutable = true
  while (pending.length > 0) {
    const value = pending.pop()
    if (!isObject(value) || seen?.has(value)) continue
    // Frozen objects are visited as well: they may hold unfrozen ones.
    if (!Array.isArray(value) && !isPlain(value)) immutable = false
    else if (freezeOne(value, pending)) seen = (seen ?? new Set()).add(value)
  }
  return immutable
}

/** The same for what `JSON.parse` has returned: nothing but plain objects and lists, without cycles. */
export function freezeJson(json: object): void {
  const pending = [json]
  for (let value = pending.pop(); value; value = pending.pop()) {
    // Not by their keys: for a list, those are as many new strings.
    for (const member of Array.isArray(value) ? value : membersOf(value)) if (isObject(member)) pending.push(member)
    Object.freeze(value)
  }
}

function membersOf(value: object): readonly unknown[] {
  removePrototypeMember(value)
  return Object.values(value)
}

/** @returns whether it holds objects; they are added to `pending` */
function freezeOne(value: object, pending: unknown[]): boolean {
  removePrototypeMember(value)
  const before = pending.length
  for (const name of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[name]
    if (isObject(member)) pending.push(member)
  }
  Object.freeze(value)
  return pending.length > before
}

function removePrototypeMember(value: object): void {
  if (Object.hasOwn(value, '__proto__')) Reflect.deleteProperty(value, '__proto__')
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'
