import { type ClaimPath, claimAt } from '../claims/claim-path.ts'
import { isScopeToken } from '../http/grammar.ts'
import type { JsonObject } from '../util/encoding.ts'
import { memoize } from '../util/memoize.ts'
import type { ScopeGraph } from './scope-graph.ts'

/** The scopes of a token, in the order of its claims. */
export interface GrantedScopes {
  /** As issued, without implied scopes. */
  readonly list: readonly string[]
  /** True for granted and for implied scopes. */
  has(scope: string): boolean
}

/**
 * Reads the scopes of all scope claims together: each is a space-separated string (RFC 9068 §2.2.3) or an array. A
 * member that is not a scope-token, such as an array element with a space in it, grants nothing.
 */
export type ScopeReader = (claims: JsonObject, paths: readonly ClaimPath[]) => GrantedScopes

// An issuer uses the same few values in all its tokens.
const CACHE_SIZE = 128

export function createScopeReader(graph: ScopeGraph): ScopeReader {
  const ofText = memoize(CACHE_SIZE, (text) => grantedBy(membersOf(text), graph))
  return (claims, paths) => {
    const values: unknown[] = []
    for (const path of paths) {
      const value = claimAt(claims, path)
      if (value !== undefined) values.push(value)
    }
    const first = values[0]
    return values.length === 1 && typeof first === 'string'
      ? ofText(first)
      : grantedBy(values.flatMap(membersOf), graph)
  }
}

function membersOf(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return value.split(' ')
  return Array.isArray(value) ? value : []
}

function grantedBy(members: readonly unknown[], graph: ScopeGraph): GrantedScopes {
  const granted = new Set(members.filter((member) => typeof member === 'string' && isScopeToken(member)) as string[])
  const list = Object.freeze([...granted])
  return { list, has: (scope) => granted.has(scope) || graph.implies(list, scope) }
}

/**
 * What both of two statements about a token grant, including implied scopes: `admin` in one and `read`, which it
 * implies, in the other grant `read`.
 */
export function grantedByBoth(one: GrantedScopes, other: GrantedScopes): GrantedScopes {
  return {
    list: Object.freeze(one.list.filter((scope) => other.has(scope))),
    has: (scope) => one.has(scope) && other.has(scope),
  }
}
