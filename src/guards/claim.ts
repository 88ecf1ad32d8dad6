import { text, wrong } from '../config/validate.ts'
import { notPromised } from '../util/thenable.ts'
import type { Guard } from './guard.ts'

/** A value that a claim can be compared with. */
export type ClaimValue = string | number | boolean | null

/**
 * The token must have this claim: equal to the value, a list that contains it, or accepted by the predicate with `true`.
 * It reads the claims as the issuer sent them or, with a `claims` schema, as the schema returned them.
 *
 * @throws {ConfigurationError} a name that is empty, or a value that is `undefined` or an object
 */
export function claim(name: string, expected: ClaimValue | ((value: unknown) => boolean)): Guard<never> {
  text(name, 'claim')
  const matches = typeof expected === 'function' ? expected : equality(name, expected)
  return Object.freeze({
    scopes: [],
    permits: ({ claims }) =>
      isRecord(claims) &&
      Object.hasOwn(claims, name) &&
      notPromised(matches(claims[name]), 'the predicate of claim()') === true,
  } satisfies Guard<never>)
}

function equality(name: string, expected: ClaimValue): (value: unknown) => boolean {
  if (expected !== null && !['string', 'number', 'boolean'].includes(typeof expected)) {
    throw wrong(`claim(${JSON.stringify(name)})`, expected, 'a string, a number, a boolean, null or a function')
  }
  return (value) => value === expected || (Array.isArray(value) && value.includes(expected))
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
