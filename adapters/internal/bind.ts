import {
  anyScope,
  createResourceServer,
  type GuardLike,
  type JwtClaims,
  type ResourceServer,
  type ResourceServerOptions,
  scope,
} from 'bearward'

/** What `resourceServer()` takes: options, or a resource server that several frameworks share. */
export type ResourceServerInput<Scope extends string, Claims> =
  | ResourceServerOptions<Scope, Claims>
  | ResourceServer<Scope, Claims>

export function toServer<Scope extends string, Claims = JwtClaims>(
  given: ResourceServerInput<Scope, Claims>,
): ResourceServer<Scope, Claims> {
  return 'authenticate' in given ? given : createResourceServer(given)
}

/** The shorthands every adapter has, from the one function that makes a middleware out of guards. */
export function scopeShorthands<Scope extends string, Middleware>(protect: (guard: GuardLike<Scope>) => Middleware) {
  return {
    requireScope: (...scopes: readonly [Scope, ...Scope[]]): Middleware => protect(scope(...scopes)),
    requireAnyScope: (...scopes: readonly [Scope, ...Scope[]]): Middleware => protect(anyScope(...scopes)),
  }
}

/** The token of a request behind a guard; a route without one is a mistake of the application. */
export function tokenOf<Scope extends string, Claims>(server: ResourceServer<Scope, Claims>, native: object) {
  const token = server.tokenOf(native)
  if (!token)
    throw new Error(
      'bearward: accessToken() needs protect() or requireScope() on the route; behind identify(), use maybeAccessToken()',
    )
  return token
}
