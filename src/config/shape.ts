import { ConfigurationError } from '../errors/errors.ts'
import { isObject } from '../util/encoding.ts'
import { type Hint, nearestName } from './nearest-name.ts'
import { type Checker, type Member, type Members, member, record, UNSET } from './validate.ts'

// Why: docs/decisions/options.md

/** The check of an options object. Each member states its check (with unit and range) and its default. */
export interface Shape<M extends Members> extends Checker<Checked<M>> {
  readonly members: M
}

/** The settings that a shape returns: one for each member, frozen. */
export type Checked<M extends Members> = {
  readonly [Name in keyof M]: M[Name] extends Member<infer T> | ((before: never) => Member<infer T>) ? T : never
}

/** @param missing what the member is for: the error message says it where the member is missing */
export const required = <T>(check: Checker<T>, missing = ''): Member<T> => ({ check, missing })

/** @param fallback the default, as an application would write it. The default of an object with defaults is `{}`. */
export function optional<T>(check: Checker<T>): Member<T | undefined>
export function optional<T>(check: Checker<T>, fallback: unknown): Member<T>
export function optional<T>(check: Checker<T>, fallback?: unknown): Member<T | undefined> {
  return { check, fallback }
}

/**
 * The sentence about each member is the doc comment of the public type, and not here: it would be in every bundle.
 * `npm run docs` puts both together on the options page, and fails where they disagree.
 *
 * @param shorthand the member that a value other than an object stands for, such as `mode` in `dpop: 'accept'`
 */
export function shape<const M extends Members>(members: M, shorthand?: keyof M & string): Shape<M> {
  const check = (value: unknown, option: string, hint: Hint = nearestName): Checked<M> => {
    const isShort = shorthand !== undefined && !isObject(value)
    const from = isShort ? { [shorthand]: value } : record(value, option, `an object such as { ${example(members)} }`)
    for (const name of Reflect.ownKeys(from)) {
      if (typeof name === 'symbol' || !Object.hasOwn(members, name))
        throw unknownOption(option, String(name), Object.keys(members), hint)
    }
    const settings: Record<string, unknown> = {}
    for (const [name, entry] of Object.entries(members)) {
      const { check, fallback, missing } = typeof entry === 'function' ? entry(settings as never) : entry
      const path = isShort ? option : member(option, name)
      const isGiven = Object.hasOwn(from, name)
      const given = isGiven ? from[name] : fallback
      if (given === undefined && missing !== undefined) throw missingOption(path, missing, isGiven)
      settings[name] = isGiven || given !== undefined ? check(given, path, hint) : undefined
    }
    return Object.freeze(settings) as Checked<M>
  }
  return Object.assign(check, { members })
}

/** A check around a shape, whose members are those of the shape. */
export const withMembers = <T>(members: Members, check: Checker<T>): Checker<T> & { readonly members: Members } =>
  Object.assign(check, { members })

/** The required members, or else the first one. */
const example = (members: Members): string => {
  const names = Object.keys(members)
  const needed = names.filter((name) => 'missing' in (members[name] as object))
  return (needed.length > 0 ? needed : names.slice(0, 1)).map((name) => `${name}: …`).join(', ')
}

function unknownOption(option: string, name: string, here: readonly string[], hint: Hint): ConfigurationError {
  const use = hint(name, here)
  return new ConfigurationError(
    member(option, name),
    `is unknown; ${use ? `did you mean ${use}?` : `the options here: ${here.join(', ')}`}`,
  )
}

const missingOption = (option: string, why: string, isGiven: boolean): ConfigurationError =>
  new ConfigurationError(option, `is missing${why && `: ${why}`}${isGiven ? `; got undefined (${UNSET})` : ''}`)
