import type { AccessToken, VerifiedToken } from './access-token/access-token.ts'
import type { JwtClaims } from './access-token/jwt-claims.ts'
import type { Decision } from './decision.ts'
import type { BearwardError } from './errors/errors.ts'
import type { Subscription } from './events/emitter.ts'
import type { BearwardEvent } from './events/events.ts'
import type { GuardLike } from './guards/guard.ts'
import type { Guards } from './guards/route-guards.ts'
import type { HttpResponse, ResourceRequest } from './http-message.ts'
import type { Availability } from './issuers/availability.ts'
import type { IssuerState } from './issuers/issuer.ts'
import type { MetadataDocument } from './resource-metadata/resource-metadata.ts'
import type { Seconds } from './util/time.ts'
import type { RevocationState } from './verifier/revocation.ts'
import type { TokenEnd, TokenWatch } from './verifier/token-watches.ts'

/** One protected resource, created at startup. For each request, it decides whether the caller may do this. */
export interface ResourceServer<Scope extends string = string, Claims = JwtClaims> {
  /**
   * The access token of a request that all guards permit.
   *
   * @throws {BearwardError} with its response prepared, if the request is refused
   * @throws {Error} what a guard of your own throws; if that is no plain error, it is the `cause` of one
   */
  authenticate<Native extends object>(
    request: ResourceRequest<Native>,
    guards?: Guards | readonly GuardLike<Scope, Native, Claims>[],
  ): Promise<AccessToken<Claims, Scope>>
  /** As {@link authenticate}, but a request without a credential gets `undefined`. A bad token is still refused. */
  optionalAuth<Native extends object>(
    request: ResourceRequest<Native>,
    guards?: Guards | readonly GuardLike<Scope, Native, Claims>[],
  ): Promise<AccessToken<Claims, Scope> | undefined>
  /**
   * As {@link authenticate} and {@link optionalAuth}, for adapters that respond themselves: a refusal is a value with
   * its response, and no error is created. Returns the decision itself if nothing is pending, such as for a cached
   * token, and otherwise, or if a guard throws, a promise. The promise rejects with what a guard of the application
   * throws, or an error with it as `cause` if a framework could take it for a response or for "continue"; `decide` itself
   * never throws.
   *
   * @param options `optional`: permit requests without a credential
   */
  decide<Native extends object>(
    request: ResourceRequest<Native>,
    guards: Guards,
    options?: { readonly optional?: boolean },
  ): Decision<Claims, Scope> | Promise<Decision<Claims, Scope>>
  /** The token of a permitted request, by the framework's request; `undefined` without one. */
  tokenOf(native: object): AccessToken<Claims, Scope> | undefined
  /** Headers for the response to a permitted request, such as a `DPoP-Nonce` (RFC 9449 §8.2). */
  responseHeaders(native: object): Readonly<Record<string, string>> | undefined
  /**
   * Verifies a token outside of HTTP: for sockets, queues and tests. A sender-constrained token is refused, because there
   * is no request that proves possession; {@link authenticate} takes anything that looks like a request.
   *
   * @param options `maxAge`: how many seconds ago, at most, the token may have been introspected, as with `introspected()`
   * @throws {BearwardError} if the token is refused
   * @throws {ConfigurationError} an invalid `maxAge`, or one that an issuer cannot provide
   */
  verify(token: string, options?: { readonly maxAge?: Seconds }): Promise<AccessToken<Claims, Scope>>
  /**
   * Calls `onEnd` once when a token ends whose connection is still open, such as that of a WebSocket: `expired` when a
   * request with it would be refused (`exp` plus the clock tolerance), `revoked` within a second after this process learns
   * of it, `closed` with {@link close}. It is never called in the same turn, and what it throws is ignored. Watches do not
   * keep the process alive.
   *
   * A token with a status ends as `revoked` after its status list was fetched again, which happens within the lifetime of
   * the list, without requests as well.
   *
   * Not noticed: an opaque token that becomes inactive at its issuer, withdrawn keys, an issuer that is no longer trusted, and an
   * outage of the revocation store or of status lists.
   */
  watch(token: AccessToken<Claims, Scope>, onEnd: (why: TokenEnd) => void): TokenWatch
  /**
   * Removes what is cached for a token, in this process and in the shared store. With a predicate: for all tokens that
   * match, in this process. Other processes use what they have cached until it expires. What a predicate throws is
   * rethrown after all tokens have been tried; those for which it throws are removed.
   *
   * @throws {Error} if the shared store, or its issuer's options, could not be reached; this process is cleared anyway
   */
  forget(tokenOrPredicate: string | ((token: VerifiedToken<Claims, Scope>) => boolean)): Promise<void>
  /**
   * Checks guards once, when a route is set up; {@link authenticate}, {@link optionalAuth} and {@link decide} take the
   * result.
   *
   * @throws {ConfigurationError} something that is not a guard, or a scope that is not declared
   */
  guards<Native extends object>(...guards: readonly GuardLike<Scope, Native, Claims>[]): Guards
  /** The response for an error of this package. */
  respond(error: BearwardError): HttpResponse
  /** Whether the adapter responds, or passes the error to the framework. */
  readonly errors: 'respond' | 'forward'
  readonly metadata: MetadataDocument
  /**
   * Loads the keys of all issuers and the revocations, so that the first request does not wait.
   *
   * @throws {Unavailable} if the keys of an issuer or the revocations cannot be loaded
   */
  ready(): Promise<void>
  state(): ResourceServerState
  /**
   * Adds a listener for events, like `onEvent`. What it throws is ignored. For events about a request it also gets the
   * framework's request, which contains the token.
   *
   * @param types the types of events to listen to. Default: all.
   * @throws {ConfigurationError} not a function, or a type that does not exist
   */
  subscribe(
    listener: (event: BearwardEvent, request: object | undefined) => void,
    types?: readonly BearwardEvent['type'][],
  ): Subscription
  /** Stops background work. Loaded keys remain usable until they expire. */
  close(): void
}

/** The state of a server, for startup probes and operators. Reading it sends no request. */
export interface ResourceServerState {
  readonly status: Availability
  /**
   * True while `status` is `ready` or `degraded`. Wait for it once, at startup: a probe that fails later, because an issuer
   * is down, would take every process out of service.
   */
  readonly ready: boolean
  readonly issuers: readonly IssuerState[]
  /** Whether revocations are known; `undefined` without the option `revocation`. */
  readonly revocation: RevocationState | undefined
  /**
   * The caches of this process, by the names of the option `cacheSize`. `jwt` counts tokens that were seen once and those that
   * were seen again, `replay` the used DPoP proofs.
   */
  readonly caches: Readonly<Record<'jwt' | 'active' | 'inactive' | 'replay', CacheState>>
}

/** How many entries each cache of a server has. */
export interface CacheState {
  readonly entries: number
  /** The most entries that it holds. */
  readonly max: number
}
