import { isScopeToken } from '../http/grammar.ts'
import type { JsonObject } from '../platform/encoding.ts'
import { remembering } from '../platform/remembering.ts'

/** What a token grants, in the order of its claims. */
export interface GrantedScopes {
  readonly list: readonly string[]
  has(scope: string): boolean
}

/**
 * The scopes of all scope claims together: a string of scopes separated by spaces (RFC 9068 §2.2.3), or a list of them.
 * A member that is no scope-token, such as a list element with a space in it, grants nothing.
 */
export function grantedScopes(claims: JsonObject, names: readonly string[]): GrantedScopes {
  const values: unknown[] = []
  for (const name of names) if (Object.hasOwn(claims, name)) values.push(claims[name])
  const [first] = values
  return values.length === 1 && typeof first === 'string' ? scopesOfText(first) : scopesOf(values.flatMap(membersOf))
}

// Issuers write the same few on all their tokens.
const REMEMBERED = 128
const scopesOfText = remembering(REMEMBERED, (text) => scopesOf(membersOf(text)))

function membersOf(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return value.split(' ')
  return Array.isArray(value) ? value : []
}

/** Those of the members that are scopes. */
export function scopesOf(members: readonly unknown[]): GrantedScopes {
  const granted = new Set(members.filter((member) => typeof member === 'string' && isScopeToken(member)) as string[])
  return { list: Object.freeze([...granted]), has: (scope) => granted.has(scope) }
}
