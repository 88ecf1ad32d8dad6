import type { AccessToken } from '../access-token/access-token.ts'
import { scopeName } from '../access-token/scope-name.ts'
import { list } from '../config/validate.ts'
import type { Guard } from './guard.ts'

/**
 * The token must have all of these scopes (RFC 6750 §3.1).
 *
 * @throws {ConfigurationError} no scope, or one that is not a scope-token (RFC 6749 §3.3)
 */
export function scope<const Scope extends string>(...scopes: readonly [Scope, ...Scope[]]): Guard<Scope> {
  const required = list(scopeName)(scopes, 'scope') as readonly Scope[]
  return Object.freeze({
    scopes: required,
    permits: (token) => hasAll(token, required),
  } satisfies Guard<Scope>)
}

/** A loop without a closure, since it runs for each request, and V8 has no fast `every()` for a frozen array. */
function hasAll(token: Pick<AccessToken, 'hasScope'>, names: readonly string[]): boolean {
  for (let at = 0; at < names.length; at++) if (!token.hasScope(names[at] as string)) return false
  return true
}

/**
 * The token must have at least one of these scopes. The challenge asks for the one that grants least according to the
 * scope graph, the first of several.
 *
 * @throws {ConfigurationError} no scope, or one that is not a scope-token (RFC 6749 §3.3)
 */
export function anyScope<const Scope extends string>(...scopes: readonly [Scope, ...Scope[]]): Guard<Scope> {
  const accepted = list(scopeName)(scopes, 'anyScope') as readonly Scope[]
  return Object.freeze({
    some: Object.freeze(accepted.map((name) => scope(name))),
    scopes: Object.freeze(accepted.slice(0, 1)),
    names: accepted,
    permits: (token) => accepted.some((name) => token.hasScope(name)),
  } satisfies Guard<Scope>)
}
