import { isScopeToken } from '../http/grammar.ts'
import type { JsonObject } from '../util/encoding.ts'
import { memoize } from '../util/memoize.ts'
import type { ScopeGraph } from './scope-graph.ts'

/** What a token grants, in the order of its claims. */
export interface GrantedScopes {
  /** As they were issued. */
  readonly list: readonly string[]
  /** True for these and for those they imply. */
  has(scope: string): boolean
}

/**
 * Reads the scopes of all scope claims together: a string of scopes separated by spaces (RFC 9068 §2.2.3), or a list of
 * them. A member that is no scope-token, such as a list element with a space in it, grants nothing.
 */
export type ScopeReader = (claims: JsonObject, names: readonly string[]) => GrantedScopes

// Issuers write the same few on all their tokens.
const CACHED = 128

export function createScopeReader(graph: ScopeGraph): ScopeReader {
  const ofText = memoize(CACHED, (text) => grantedBy(membersOf(text), graph))
  return (claims, names) => {
    const values: unknown[] = []
    for (const name of names) if (Object.hasOwn(claims, name)) values.push(claims[name])
    const [first] = values
    return values.length === 1 && typeof first === 'string'
      ? ofText(first)
      : grantedBy(values.flatMap(membersOf), graph)
  }
}

function membersOf(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return value.split(' ')
  return Array.isArray(value) ? value : []
}

/** Those of the members that are scopes. */
function grantedBy(members: readonly unknown[], graph: ScopeGraph): GrantedScopes {
  const granted = new Set(members.filter((member) => typeof member === 'string' && isScopeToken(member)) as string[])
  const list = Object.freeze([...granted])
  return { list, has: (scope) => granted.has(scope) || graph.implies(list, scope) }
}

/**
 * What two statements about a token grant both, implied scopes included: `admin` in one and the `read` that it implies
 * in the other are `read`.
 */
export function grantedByBoth(one: GrantedScopes, other: GrantedScopes): GrantedScopes {
  return {
    list: Object.freeze(one.list.filter((scope) => other.has(scope))),
    has: (scope) => one.has(scope) && other.has(scope),
  }
}
