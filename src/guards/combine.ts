import { ConfigurationError } from '../errors.ts'
import { chain, type MaybePromise } from '../platform/maybe-promise.ts'
import type { AccessToken } from '../token/access-token.ts'
import { allPermit, type Guard, type GuardLike, toGuards, unique } from './guard.ts'

/** All guards must permit. */
export function allOf<const Scope extends string, Request extends object, Claims>(
  ...guards: readonly GuardLike<Scope, Request, Claims>[]
): Guard<Scope> {
  const all = toGuards(guards, 'allOf')
  return Object.freeze({
    scopes: unique(all.flatMap((guard) => guard.scopes)) as readonly Scope[],
    permits: (token, request) => chain(allPermit(all, token, request), (outcome) => outcome === true),
  } satisfies Guard<Scope>)
}

/** At least one guard must permit. The challenge asks for the scopes of the first that has any. */
export function anyOf<const Scope extends string, Request extends object, Claims>(
  ...guards: readonly GuardLike<Scope, Request, Claims>[]
): Guard<Scope> {
  const all = toGuards(guards, 'anyOf')
  if (all.length === 0) throw new ConfigurationError('anyOf', 'needs at least one guard')
  return Object.freeze({
    scopes: (all.find((guard) => guard.scopes.length > 0)?.scopes ?? []) as readonly Scope[],
    permits: (token, request) => anyPermits(all, token, request),
  } satisfies Guard<Scope>)
}

function anyPermits(guards: readonly Guard[], token: AccessToken, request: object, from = 0): MaybePromise<boolean> {
  const guard = guards[from]
  if (!guard) return false
  return chain(guard.permits(token, request), (value) => value === true || anyPermits(guards, token, request, from + 1))
}
