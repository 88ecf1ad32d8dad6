import { ConfigurationError } from '../errors/errors.ts'
import { isSecureUrl } from '../util/secure-url.ts'

/** A value as an error message may show it: short, and never the inside of an object. */
export function shown(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 80 ? `a string of ${value.length} characters` : JSON.stringify(value)
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array'
  return typeof value === 'function' ? 'a function' : `a value of type ${typeof value}`
}

export function wrong(option: string, value: unknown, wanted: string): ConfigurationError {
  const hint = value === undefined ? ' (leave it out for the default; is an environment variable missing?)' : ''
  return new ConfigurationError(option, `must be ${wanted}; got ${shown(value)}${hint}`)
}

export type Checker<T> = (value: unknown, option: string) => T

/** A plain options object whose members are all known. */
export function record(value: unknown, option: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(option, value, 'an object')
  // Inherited members would be passed over, and with them the checks they ask for.
  if (!isPlain(value)) throw wrong(option, value, 'a plain object, without members from a prototype')
  for (const name of Reflect.ownKeys(value)) {
    if (typeof name === 'symbol' || !known.includes(name)) {
      throw new ConfigurationError(member(option, String(name)), `is not known; known here: ${known.join(', ')}`)
    }
  }
  return value as Readonly<Record<string, unknown>>
}

/** Of this realm or of another one. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf')
}

export const member = (option: string, name: string): string => (option === 'options' ? name : `${option}.${name}`)

/** A member that may be left out, but not be `undefined`. */
export function optional<T, D>(
  from: Readonly<Record<string, unknown>>,
  option: string,
  name: string,
  check: Checker<T>,
  fallback: D,
): T | D {
  return Object.hasOwn(from, name) ? check(from[name], member(option, name)) : fallback
}

export function oneOf<const T extends string>(...allowed: readonly T[]): Checker<T> {
  return (value, option) => {
    const found = allowed.find((name) => name === value)
    if (found === undefined) throw wrong(option, value, allowed.map((name) => JSON.stringify(name)).join(' or '))
    return found
  }
}

export function number(least: number, max: number, unit: string): Checker<number> {
  return (value, option) => {
    if (typeof value !== 'number' || !(value >= least && value <= max)) {
      const range = max === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${max}`
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

export const func: Checker<(...args: never[]) => unknown> = (value, option) => {
  if (typeof value !== 'function') throw wrong(option, value, 'a function')
  return value as (...args: never[]) => unknown
}

/** A list with at least one element, each of which passes. */
export function list<T>(check: Checker<T>): Checker<readonly T[]> {
  return (value, option) => {
    if (!Array.isArray(value) || value.length === 0) throw wrong(option, value, 'an array with at least one element')
    return Object.freeze(Array.from(value, (element, index) => check(element, `${option}[${index}]`)))
  }
}

export const text: Checker<string> = (value, option) => {
  if (typeof value !== 'string' || value === '') throw wrong(option, value, 'a string that is not empty')
  return value
}

export const absoluteUrl: Checker<URL> = (value, option) => {
  if (typeof value !== 'string' || FORGIVEN.test(value) || !URL.canParse(value))
    throw wrong(option, value, 'an absolute URL')
  const url = new URL(value)
  if (url.username || url.password) throw new ConfigurationError(option, 'must not hold a user name or password')
  return url
}

/** A place to fetch from: https, or http on loopback. */
export const secureUrl: Checker<string> = (value, option) => {
  if (!isSecureUrl(absoluteUrl(value, option)))
    throw new ConfigurationError(option, 'must be https (http only on loopback)')
  return value as string
}

/** Something that an error message must not repeat. */
export const secret: Checker<string> = (value, option) => {
  if (typeof value === 'string' && value !== '') return value
  const got = value === '' ? 'an empty string; is an environment variable empty?' : `a value of type ${typeof value}`
  throw new ConfigurationError(option, `must be a string that is not empty; got ${got}`)
}

// The parser forgives white space, control characters and missing slashes, but an identifier is compared as it stands.
const FORGIVEN = /[\s\p{Cc}]|^https?:(?!\/\/)/iu
