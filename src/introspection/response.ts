import { UpstreamError } from '../upstream/upstream-error.ts'
import { isObject, type JsonObject } from '../util/encoding.ts'
import { isDeeperThan } from '../util/nesting.ts'

/** An introspection response that is complete and has the right shape. */
export type IntrospectionResult = { readonly active: false } | { readonly active: true; readonly claims: JsonObject }

const INACTIVE: IntrospectionResult = Object.freeze({ active: false })

const STRINGS = ['iss', 'sub', 'client_id', 'jti', 'token_type', 'username']
const TIMES = ['exp', 'nbf', 'iat']

/**
 * Reads an introspection response (RFC 7662 §2.2), in the forms in which real servers send it: a member that is `null`
 * is absent, times may be decimal strings, and `scope` may be a list. None of these grants more than the plain form.
 *
 * @throws {UpstreamError} `shape` if it is not one, `claims` if its claims about the token are unusable. Neither may
 * lead to a 401
 */
export function readResponse(json: unknown): IntrospectionResult {
  if (!isObject(json)) throw wrong('it is not a JSON object')
  // Only a boolean: the string "false" is truthy.
  if (!Object.hasOwn(json, 'active') || typeof json.active !== 'boolean') throw wrong('active is not a boolean')
  if (!json.active) return INACTIVE
  const claims = withPlainForms(json)
  const isWrong = (name: string, isRight: (value: unknown) => boolean) =>
    Object.hasOwn(claims, name) && !isRight(claims[name])
  for (const name of STRINGS) {
    if (isWrong(name, (value) => typeof value === 'string')) throw unusable(`${name} is not a string`)
  }
  for (const name of TIMES) if (isWrong(name, Number.isFinite)) throw unusable(`${name} is not a finite number`)
  if (isWrong('aud', isOneOrStrings)) throw unusable('aud is not a string or a list of strings')
  if (isWrong('scope', isOneOrStrings)) throw unusable('scope is not a string or a list of strings')
  if (isDeeperThan(MAX_LEVELS, claims)) throw unusable('it is nested too deep')
  return { active: true, claims }
}

/** RFC 7800 §3.1: a `cnf` that states nothing must not become a token without a binding. */
function withPlainForms(json: JsonObject): JsonObject {
  const present = Object.entries(json).filter(
    ([name, value]) => name !== 'active' && (value !== null || name === 'cnf'),
  )
  return Object.fromEntries(
    present.map(([name, value]) => [name, TIMES.includes(name) && isDecimal(value) ? Number(value) : value]),
  ) as JsonObject
}

const isDecimal = (value: unknown): boolean => typeof value === 'string' && /^\d{1,15}(?:\.\d{1,9})?$/.test(value)

/** Deeply nested JSON can be parsed but not always serialized: storing it would fail. */
const MAX_LEVELS = 32

const isOneOrStrings = (value: unknown): boolean =>
  typeof value === 'string' || (Array.isArray(value) && value.every((member) => typeof member === 'string'))

const wrong = (problem: string): UpstreamError =>
  new UpstreamError('shape', `the introspection response is unusable: ${problem}`)

/** The holder of the token may have caused it, so it does not count as a failure of the server. */
const unusable = (problem: string): UpstreamError =>
  new UpstreamError('claims', `the introspection response is unusable: ${problem}`)
