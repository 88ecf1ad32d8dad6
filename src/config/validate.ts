import { ConfigurationError } from '../errors/errors.ts'
import { isPlain } from '../util/is-plain.ts'
import { isSecureUrl, METADATA_PATH } from '../util/secure-url.ts'
import type { Hint } from './nearest-name.ts'

/** A value as an error message may show it: short, and never the contents of an object. */
export function shown(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 80 ? `a string of ${value.length} characters` : JSON.stringify(value)
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array'
  return typeof value === 'function' ? 'a function' : `a value of type ${typeof value}`
}

/** The usual cause of a value that is empty or `undefined`. */
export const UNSET = 'is an environment variable missing?'

export function wrong(option: string, value: unknown, expected: string): ConfigurationError {
  const hint =
    value === undefined ? ` (${UNSET} Omit an optional member)` : value === null ? ' (omit an optional member)' : ''
  return new ConfigurationError(option, `must be ${expected}; got ${shown(value)}${hint}`)
}

/** Returns the value as settings hold it, or throws a {@link ConfigurationError} that names the option. */
export interface Checker<T> {
  /** @param hint for the error about an unknown member */
  (value: unknown, option: string, hint?: Hint): T
  /** Of an object: its members. */
  readonly members?: Members
}

/** One member of an options object. */
export interface Member<T = unknown> {
  readonly check: Checker<T>
  /** The default, as an application would write it; it is checked as well. `undefined` means no default. */
  readonly fallback?: unknown
  /** Of a required member: what it is for. */
  readonly missing?: string | undefined
}

/** The members of an options object. A function gets the settings before it: a default or range may depend on them. */
export type Members = Readonly<Record<string, Member | ((before: never) => Member)>>

export const member = (option: string, name: string): string => (option === 'options' ? name : `${option}.${name}`)

/** As {@link wrong}. A string where an object belongs may be a secret, such as the URL of a store: it is never repeated. */
export const noObject = (option: string, value: unknown, expected: string): ConfigurationError =>
  typeof value === 'string'
    ? new ConfigurationError(option, `must be ${expected}; got a string`)
    : wrong(option, value, expected)

/** A plain object, with any members. */
export function record(
  value: unknown,
  option: string,
  expected = 'an object',
): Readonly<Record<string | symbol, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw noObject(option, value, expected)
  // Inherited members would be ignored, and with them the checks that they ask for.
  if (!isPlain(value)) throw wrong(option, value, 'a plain object, without inherited members')
  return value as Readonly<Record<string | symbol, unknown>>
}

/** A plain object whose member names are the application's own: all are enumerable strings. */
export function dictionary(value: unknown, option: string): Readonly<Record<string, unknown>> {
  const from = record(value, option)
  const names = new Set<string | symbol>(Object.keys(from))
  const hidden = Reflect.ownKeys(from).find((name) => !names.has(name))
  if (hidden !== undefined) throw new ConfigurationError(member(option, String(hidden)), 'is unknown')
  return from
}

/** @param expected what passes the test */
export const valueThat =
  <T>(passes: (value: unknown) => value is T, expected: string): Checker<T> =>
  (value, option) => {
    if (!passes(value)) throw wrong(option, value, expected)
    return value
  }

/** The same for a string. */
export const textThat = (passes: (text: string) => boolean, expected: string): Checker<string> =>
  valueThat((value): value is string => typeof value === 'string' && passes(value), expected)

export function oneOf<const T extends string>(...allowed: readonly T[]): Checker<T> {
  return (value, option) => {
    const found = allowed.find((name) => name === value)
    if (found === undefined) throw wrong(option, value, allowed.map((name) => JSON.stringify(name)).join(' or '))
    return found
  }
}

/** The largest number where there is no other limit. */
export const MAX = Number.MAX_SAFE_INTEGER

export function number(least: number, max: number, unit: string): Checker<number> {
  return (value, option) => {
    if (typeof value !== 'number' || !(value >= least && value <= max)) {
      const range = max === MAX ? `${least} or more` : `from ${least} to ${max}`
      throw wrong(option, value, `a number of ${unit}, ${range}`)
    }
    return value
  }
}

/** A count. */
export function whole(least: number, max: number, unit: string): Checker<number> {
  return (value, option) => {
    const count = number(least, max, unit)(value, option)
    if (!Number.isInteger(count)) throw wrong(option, value, `a whole number of ${unit}`)
    return count
  }
}

export const func = valueThat(
  (value): value is (...args: never[]) => unknown => typeof value === 'function',
  'a function',
)

/** An object with these methods. */
export const withMethods =
  <T>(expected: string, ...names: readonly (keyof T)[]): Checker<T> =>
  (value, option) => {
    const given = Object(value) as T
    if (!names.every((name) => typeof given[name] === 'function')) throw noObject(option, value, expected)
    return given
  }

/** A list with at least one element, each of which passes. */
export function list<T>(check: Checker<T>): Checker<readonly T[]> {
  return (value, option, hint) => {
    if (!Array.isArray(value) || value.length === 0) throw wrong(option, value, 'an array with at least one element')
    return Object.freeze(Array.from(value, (element, index) => check(element, `${option}[${index}]`, hint)))
  }
}

/** One element, or a list of them. */
export const oneOrList =
  <T>(check: Checker<T>): Checker<readonly T[]> =>
  (value, option) =>
    Array.isArray(value) ? list(check)(value, option) : Object.freeze([check(value, option)])

export const bool = valueThat((value) => typeof value === 'boolean', 'true or false')

export const text = textThat((value) => value !== '', 'a string that is not empty')

/** RFC 6749 Appendix A: identifiers and secrets have no control characters; a file may end with one. */
function onOneLine(value: string, option: string): string {
  if (/\p{Cc}/u.test(value))
    throw new ConfigurationError(option, 'must not have control characters, such as the line end of a file')
  return value
}

/** The same, for an identifier that others compare. */
export const identifier: Checker<string> = (value, option) => onOneLine(text(value, option), option)

/** A name that is a `token` (RFC 9110 §5.6.2). */
export const tokenText = (expected: string): Checker<string> =>
  textThat((value) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value), expected)

const fieldName = tokenText('the name of a header field')

/** `field-name = token` (RFC 9110 §5.1), in lower case. */
export const headerName: Checker<string> = (value, option) => fieldName(value, option).toLowerCase()

export const absoluteUrl: Checker<URL> = (value, option) => {
  if (typeof value !== 'string' || !isAbsoluteUrl(value)) throw wrong(option, value, 'an absolute URL')
  const url = new URL(value)
  if (url.username || url.password) throw new ConfigurationError(option, NO_USER)
  return url
}

export const NO_USER = 'must not have a user name or password'
export const MUST_BE_SECURE = 'must be https (http only on loopback)'

export const isAbsoluteUrl = (value: string): boolean => !FORGIVEN.test(value) && URL.canParse(value)

// The parser accepts white space, control characters and missing slashes, but identifiers are compared character by character.
const FORGIVEN = /[\s\p{Cc}]|^https?:(?!\/\/)/iu

/** For identifiers, whose metadata has another URL. */
export function refuseMetadata(url: string, option: string): void {
  if (METADATA_PATH.test(url))
    throw new ConfigurationError(
      option,
      `must not be the URL of its metadata; use ${JSON.stringify(url.replace(METADATA_PATH, ''))}`,
    )
}

export const httpUrl: Checker<string> = (value, option) => {
  const url = absoluteUrl(value, option)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw wrong(option, value, 'an http or https URL')
  return value as string
}

/** The URL of something to fetch: https, or http on loopback. */
export const secureUrl: Checker<string> = (value, option) => {
  if (!isSecureUrl(absoluteUrl(value, option))) throw new ConfigurationError(option, MUST_BE_SECURE)
  return value as string
}

/** A string that error messages must not repeat. */
export const secret: Checker<string> = (value, option) => {
  if (typeof value === 'string' && value !== '') return onOneLine(value, option)
  const got = value === '' ? `an empty string (${UNSET})` : `a value of type ${typeof value}`
  throw new ConfigurationError(option, `must be a string that is not empty; got ${got}`)
}

/** A copy of JSON, so that later changes of the original have no effect. */
export function jsonCopy<T>(value: T, option: string): T {
  try {
    return structuredClone(value)
  } catch {
    throw new ConfigurationError(option, 'has a member that is not JSON')
  }
}
