import type ts from 'typescript'
import type { Member, Members } from '../../src/config/validate.ts'
import { commentOf } from '../api-reference/exports.ts'

/** One option on the page. */
export interface Row {
  readonly option: string
  readonly type: string
  readonly fallback: string
  readonly sentence: string
}

/** The public type of an options object, as the compiler sees it. */
export interface PublicType {
  readonly type: ts.Type
  readonly checker: ts.TypeChecker
}

/**
 * The rows of a shape: unit, range and default from the shape, type and sentence from the public type.
 *
 * @param apart members that are objects with a table of their own
 * @throws where the shape and the doc comments disagree
 */
export function rowsOf(members: Members, from: PublicType, apart: readonly string[] = [], before = ''): Row[] {
  const properties = new Map(from.type.getProperties().map((property) => [property.name, property]))
  const missing = Object.keys(members).filter((name) => !properties.has(name))
  if (missing.length > 0) throw new Error(`${before}${missing[0]} is in the shape, and not in the public type`)
  return [...properties].flatMap(([name, property]) => {
    const path = `${before}${name}`
    const member = resolved(members, name)
    if (!member) throw new Error(`${path} is in the public type, and not in the shape`)
    const type = from.checker.getNonNullableType(from.checker.getTypeOfSymbol(property))
    const { text } = commentOf(property, from.checker)
    const row = { option: path, type: typeOf(member, property, type), ...agreed(path, member, text) }
    const inside = member.check.members
    const object = inside && optionsIn(type)
    if (!object || apart.includes(name)) return [row]
    return [row, ...rowsOf(inside, { ...from, type: object }, apart, `${path}.`)]
  })
}

/** A member whose default depends on others is shown by the defaults of those. */
function resolved(members: Members, name: string): (Member & { readonly depends: boolean }) | undefined {
  const entry = members[name]
  if (typeof entry !== 'function') return entry && { ...entry, depends: false }
  const defaults = Object.entries(members).map(([other, one]) => [other, 'check' in one ? (one.fallback ?? {}) : {}])
  return { ...entry(Object.fromEntries(defaults) as never), depends: true }
}

/** Of a union, the member that is an options object. */
const optionsIn = (type: ts.Type): ts.Type | undefined =>
  (type.isUnion() ? type.types : [type]).find(({ symbol }) => symbol?.name.endsWith('Options'))

function typeOf(member: Member, property: ts.Symbol, type: ts.Type): string {
  const number = numberOf(member)
  if (number) return `${number.unit}, ${number.range}`
  const alias = type.isUnion() && type.types.length <= MAX_WORDS && type.types.every((one) => one.isStringLiteral())
  const declaration = (alias ? type.aliasSymbol : property)?.declarations?.[0] ?? property.declarations?.[0]
  const node = (declaration as ts.PropertySignature | ts.TypeAliasDeclaration | undefined)?.type
  if (!node) throw new Error(`${property.name} has no declared type`)
  return `\`${node.getText().replaceAll('readonly ', '').replaceAll(/\s+/g, ' ')}\``
}

/** The names of longer unions say more than their words. */
const MAX_WORDS = 5

/** Unit and range of a number, as the error message states them. */
function numberOf({ check }: Member): { readonly unit: string; readonly range: string } | undefined {
  try {
    check(Symbol('no number'), 'option')
  } catch (thrown) {
    const { message } = thrown as Error
    const [, unit, range] = /must be a number of (\w+), (.+); got/.exec(message) ?? []
    return unit && range ? { unit, range: range.replace(/^(.+) or more$/, 'from $1') } : undefined
  }
  return undefined
}

/** The sentence and the default of a doc comment, which must end with the default and the range of the shape. */
function agreed(path: string, member: Member & { readonly depends: boolean }, comment: string) {
  const flat = comment.replaceAll(/\s+/g, ' ').trim()
  const { sentence = flat, end } = /^(?<sentence>.*?) ?Default: (?<end>.*)\.$/.exec(flat)?.groups ?? {}
  const [, text = end, from] = /^(.*); (from .*)$/.exec(end ?? '') ?? []
  const literal = literalOf(member.fallback)
  const range = numberOf(member)?.range
  if (sentence === '') throw new Error(`${path} needs a sentence in its doc comment`)
  const hasDefault = literal === undefined || text === literal || (member.depends && text?.startsWith(`${literal}, or`))
  if (!hasDefault || (range !== undefined && !member.depends && from !== range)) {
    const expected = `Default: ${literal ?? text}${range ? `; ${range}` : ''}.`
    throw new Error(`the doc comment of ${path} must end with "${expected}"`)
  }
  return { sentence, fallback: 'missing' in member ? 'required' : (text ?? '') }
}

/** A default as a doc comment writes it; `undefined` where it is an object or computed. */
function literalOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.map((one) => `\`${one}\``).join(', ')
  if (typeof value === 'number') return `\`${value}\``
  return typeof value === 'string' ? `\`'${value}'\`` : undefined
}
