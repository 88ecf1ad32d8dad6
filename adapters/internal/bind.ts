import {
  type AccessToken,
  anyScope,
  createResourceServer,
  type Endpoint,
  type GuardLike,
  type JwtClaims,
  type ResourceServer,
  type ResourceServerOptions,
  scope,
} from 'bearward'

/**
 * What `resourceServer()` returns on every framework.
 *
 * @typeParam Native the request as the framework's handlers get it; guard functions get it as well
 * @typeParam Protected middleware that guarantees a token
 * @typeParam Optional middleware that permits requests without a token
 * @typeParam Metadata what the framework mounts to serve the metadata
 * @typeParam EndpointMount what it mounts for any endpoint, if that differs
 */
export interface BoundResourceServer<
  Scope extends string,
  Claims,
  Native extends object,
  Protected,
  Optional,
  Metadata,
  EndpointMount = Metadata,
> {
  /** Permits requests with a valid token that all guards permit. */
  protect(...guards: readonly GuardLike<Scope, Native, Claims>[]): Protected
  /** As `protect`, but also permits requests without a credential. */
  optionalAuth(...guards: readonly GuardLike<Scope, Native, Claims>[]): Optional
  /** `protect(scope(…))`: all of these scopes. */
  requireScope(...scopes: readonly [Scope, ...Scope[]]): Protected
  /** `protect(anyScope(…))`: one of these scopes. */
  requireAnyScope(...scopes: readonly [Scope, ...Scope[]]): Protected
  /**
   * The token of a protected request.
   *
   * @throws {Error} on a request without a permitted token
   */
  accessToken(native: Native): AccessToken<Claims, Scope>
  /** The token of a request, if it has one. */
  maybeAccessToken(native: Native): AccessToken<Claims, Scope> | undefined
  /** Serves the protected resource metadata (RFC 9728): `app.use(metadata())`, on Fastify `app.route(metadata())`. */
  metadata(): Metadata
  /** Mounts an endpoint of ours; `metadata()` is `endpoint(server.metadata)`. */
  endpoint(endpoint: Endpoint): EndpointMount
  readonly server: ResourceServer<Scope, Claims>
}

/** What `resourceServer()` takes: options, or a resource server that several frameworks share. */
export type ResourceServerInput<Scope extends string, Claims> =
  | ResourceServerOptions<Scope, Claims>
  | ResourceServer<Scope, Claims>

export function toServer<Scope extends string, Claims = JwtClaims>(
  input: ResourceServerInput<Scope, Claims>,
): ResourceServer<Scope, Claims> {
  return 'authenticate' in input ? input : createResourceServer(input)
}

/** The shorthands that every adapter derives from its `protect()`. */
export function scopeShorthands<Scope extends string, Middleware>(protect: (guard: GuardLike<Scope>) => Middleware) {
  return {
    requireScope: (...scopes: readonly [Scope, ...Scope[]]): Middleware => protect(scope(...scopes)),
    requireAnyScope: (...scopes: readonly [Scope, ...Scope[]]): Middleware => protect(anyScope(...scopes)),
  }
}

/** The token of a request behind a guard. A route without a guard is a mistake of the application. */
export function tokenOf<Scope extends string, Claims>(server: ResourceServer<Scope, Claims>, native: object) {
  const token = server.tokenOf(native)
  if (!token)
    throw new Error(
      'bearward: accessToken() needs protect() or requireScope() on the route; behind optionalAuth(), use maybeAccessToken()',
    )
  return token
}
