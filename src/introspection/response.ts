import { UpstreamError } from '../upstream/upstream-error.ts'
import { isObject, type JsonObject } from '../util/encoding.ts'

/** What an issuer said about a token: complete, and of the right shape. */
export type IntrospectionResult = { readonly active: false } | { readonly active: true; readonly claims: JsonObject }

const INACTIVE: IntrospectionResult = Object.freeze({ active: false })

const STRINGS = ['iss', 'sub', 'client_id', 'jti', 'scope', 'token_type', 'username']
const TIMES = ['exp', 'nbf', 'iat']

/**
 * Reads an introspection answer (RFC 7662 §2.2).
 *
 * @throws {UpstreamError} `shape` where it is not one, `claims` where what it says of the token makes no sense: nobody may
 * be refused for either
 */
export function readResponse(json: unknown): IntrospectionResult {
  if (!isObject(json)) throw wrong('it is not a JSON object')
  // Only a boolean: a text "false" is truthy in too many languages.
  if (!Object.hasOwn(json, 'active') || typeof json.active !== 'boolean') throw wrong('active is not a boolean')
  if (!json.active) return INACTIVE
  for (const name of STRINGS) {
    if (Object.hasOwn(json, name) && typeof json[name] !== 'string') throw unusable(`${name} is not a string`)
  }
  for (const name of TIMES) {
    if (Object.hasOwn(json, name) && !Number.isFinite(json[name])) throw unusable(`${name} is not a finite number`)
  }
  if (Object.hasOwn(json, 'aud') && !isAudience(json.aud)) throw unusable('aud is not a string or a list of strings')
  if (isTooDeep(json)) throw unusable('it is nested too deep')
  const { active: _, ...claims } = json
  return { active: true, claims }
}

const MAX_LEVELS = 32

/** What is nested without end can be read but not written: it would fail where it is kept. */
function isTooDeep(json: JsonObject): boolean {
  let level: readonly unknown[] = [json]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_LEVELS) return true
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []))
  }
  return false
}

const isAudience = (value: unknown): boolean =>
  typeof value === 'string' || (Array.isArray(value) && value.every((member) => typeof member === 'string'))

const wrong = (problem: string): UpstreamError =>
  new UpstreamError('shape', `the answer about a token is unusable: ${problem}`)

/** It may be the doing of whoever has the token. */
const unusable = (problem: string): UpstreamError =>
  new UpstreamError('claims', `the answer about a token is unusable: ${problem}`)
