import {
  type AccessToken,
  anyScope,
  createResourceServer,
  type Decision,
  type Endpoint,
  type GuardLike,
  type JwtClaims,
  type ResourceRequest,
  type ResourceServer,
  type ResourceServerOptions,
  scope,
} from 'bearward'
import { ENDPOINT, marked } from './mounted.ts'

// Why: docs/decisions/accessor.md

/**
 * What `resourceServer()` returns on every framework.
 *
 * @typeParam Native the request as the framework's handlers get it; guard functions get it as well
 * @typeParam Protected middleware that guarantees a token
 * @typeParam Optional middleware that permits requests without a token
 * @typeParam Metadata what the framework mounts to serve the metadata
 * @typeParam EndpointMount what it mounts for any endpoint, if that differs
 * @typeParam AnyNative every request that has a token, if the framework's types have more than one for requests
 */
export interface BoundResourceServer<
  Scope extends string,
  Claims,
  Native extends object,
  Protected,
  Optional,
  Metadata,
  EndpointMount = Metadata,
  AnyNative extends object = Native,
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
  accessToken(native: AnyNative): AccessToken<Claims, Scope>
  /** The token of a request, if it has one. */
  maybeAccessToken(native: AnyNative): AccessToken<Claims, Scope> | undefined
  /** Serves the protected resource metadata (RFC 9728): `app.use(metadata())`, on Fastify `app.route(metadata())`. */
  metadata(): Metadata
  /** Mounts an endpoint of this package; `metadata()` is `endpoint(server.metadata)`. */
  endpoint(endpoint: Endpoint): EndpointMount
  readonly server: ResourceServer<Scope, Claims>
}

/** What `resourceServer()` takes: options, or a resource server that several frameworks share. */
export type ResourceServerInput<Scope extends string, Claims, Native extends object = object> =
  | ResourceServerOptions<Scope, Claims, Native>
  | ResourceServer<Scope, Claims>

export function toServer<Scope extends string, Claims = JwtClaims, Native extends object = object>(
  input: ResourceServerInput<Scope, Claims, Native>,
): ResourceServer<Scope, Claims> {
  return isServer(input) ? input : createResourceServer(input)
}

/** False for what is no object: that is a wrong option, not an error of `in`. */
const isServer = <Scope extends string, Claims>(
  input: ResourceServerInput<Scope, Claims, never>,
): input is ResourceServer<Scope, Claims> => typeof input === 'object' && input !== null && 'authenticate' in input

/** Decides about one request with the guards of one route. A rejection is an error of the application. */
export type Decide<Scope extends string, Claims, Native extends object> = (
  request: ResourceRequest<Native>,
) => Decision<Claims, Scope> | Promise<Decision<Claims, Scope>>

/** What an adapter makes of a decision, and of an endpoint: something that its framework can mount. */
interface Mounts<Scope extends string, Claims, Native extends object, Protected, Optional, EndpointMount> {
  protect(decide: Decide<Scope, Claims, Native>): Protected
  optionalAuth(decide: Decide<Scope, Claims, Native>): Optional
  endpoint(endpoint: Endpoint): EndpointMount
}

/** Everything that `resourceServer()` returns, from what differs between frameworks. */
export function bind<Scope extends string, Claims, Native extends object, Protected, Optional, EndpointMount>(
  server: ResourceServer<Scope, Claims>,
  mounts: Mounts<Scope, Claims, Native, Protected, Optional, EndpointMount>,
): BoundResourceServer<Scope, Claims, Native, Protected, Optional, EndpointMount> {
  function mountGuards<T>(
    mount: (decide: Decide<Scope, Claims, Native>) => T,
    guards: readonly GuardLike<Scope, Native, Claims>[],
    optional: boolean,
  ): T {
    const checked = server.guards(...guards)
    const options = { optional }
    const mounted = mount((request) => server.decide(request, checked, options))
    return marked(mounted, { kind: 'guard', scopes: checked.scopes, optional })
  }

  const protect = (...guards: readonly GuardLike<Scope, Native, Claims>[]) => mountGuards(mounts.protect, guards, false)
  const endpoint = (one: Endpoint) => {
    one.mounted?.()
    return marked(mounts.endpoint(one), ENDPOINT)
  }
  return {
    protect,
    optionalAuth: (...guards) => mountGuards(mounts.optionalAuth, guards, true),
    requireScope: (...scopes) => protect(scope(...scopes)),
    requireAnyScope: (...scopes) => protect(anyScope(...scopes)),
    accessToken: (native) => tokenOf(server, native),
    maybeAccessToken: (native) => server.tokenOf(native),
    metadata: (...given: readonly unknown[]) => {
      // Mounted uncalled, it would be a handler that never responds.
      if (given.length > 0) throw new TypeError('bearward: mount metadata(), not metadata')
      return endpoint(server.metadata)
    },
    endpoint,
    server,
  }
}

/** The token of a request behind a guard. A route without a guard is a mistake of the application. */
function tokenOf<Scope extends string, Claims>(server: ResourceServer<Scope, Claims>, native: object) {
  const token = server.tokenOf(native)
  if (!token)
    throw new Error(
      'bearward: accessToken() needs protect() or requireScope() on the route; after optionalAuth(), use maybeAccessToken()',
    )
  return token
}
