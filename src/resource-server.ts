import { type AccessToken, createAccessToken, type VerifiedToken } from './access-token/access-token.ts'
import type { JwtClaims } from './access-token/jwt-claims.ts'
import { createAuthenticator, type Outcome, reportProfileViolation } from './authenticate-request.ts'
import { optional, shape } from './config/shape.ts'
import { func, number } from './config/validate.ts'
import { BearwardError, InvalidToken, MissingCredentials } from './errors/errors.ts'
import { createReport, type DecisionReport, startDecisionReport } from './events/decision-events.ts'
import { createEmitter } from './events/emitter.ts'
import { allPermit } from './guards/evaluate.ts'
import { type Guard, type GuardContext, type GuardLike, unique } from './guards/guard.ts'
import { type Refused, refusalOf } from './guards/refusal.ts'
import { Guards, requireIntrospection, SCHEMES } from './guards/route-guards.ts'
import { schemeOf } from './http/credentials.ts'
import { createRespond } from './http/error-response.ts'
import type { HttpResponse, ResourceRequest } from './http-message.ts'
import { createIntrospectionCache } from './introspection/cache/index.ts'
import type { IssuerState } from './issuers/issuer.ts'
import { createIssuers } from './issuers/issuer-registry.ts'
import { checkOptions, type ResourceServerOptions, type ServerSettings } from './options.ts'
import { createMetadata, type MetadataDocument } from './resource-metadata/resource-metadata.ts'
import { createDpopBinding } from './sender-constraint/dpop/dpop.ts'
import { checkModes } from './sender-constraint/route-mode.ts'
import { createBinding } from './sender-constraint/verify-sender.ts'
import { chain, isPromise, type MaybePromise } from './util/maybe-promise.ts'
import { createPrivateState } from './util/private-state.ts'
import type { Seconds } from './util/time.ts'
import { createTokenVerifier } from './verifier/token-verifier.ts'

/** One protected resource. Made at boot, it answers one question per request: may this caller do this? */
export interface ResourceServer<Scope extends string = string, Claims = JwtClaims> {
  /**
   * The access token of a request that all guards permit; returned plainly where nothing has to be waited for.
   *
   * @throws {BearwardError} with its answer prepared, where the request is not let through
   * @throws whatever a guard of your own throws
   */
  authenticate<Native extends object>(
    request: ResourceRequest<Native>,
    guards?: Guards | readonly GuardLike<Scope, Native, Claims>[],
  ): MaybePromise<AccessToken<Claims, Scope>>
  /** As {@link authenticate}, but a request without credential gets `undefined`. A bad token is refused all the same. */
  optionalAuth<Native extends object>(
    request: ResourceRequest<Native>,
    guards?: Guards | readonly GuardLike<Scope, Native, Claims>[],
  ): MaybePromise<AccessToken<Claims, Scope> | undefined>
  /** The token of a request that has been let through, by the framework's request; `undefined` where there is none. */
  tokenOf(native: object): AccessToken<Claims, Scope> | undefined
  /** Fields that go with the response to a request that has been let through, such as a `DPoP-Nonce` (RFC 9449 §8.2). */
  responseHeaders(native: object): Readonly<Record<string, string>> | undefined
  /**
   * Verifies a token outside of HTTP: for sockets, queues and tests. A bound token is refused, since nothing proves whose
   * it is; {@link authenticate} takes anything that looks like a request.
   *
   * @throws {ConfigurationError} a `maxAge` that is none, or that an issuer cannot keep
   * @param options `maxAge`: how many seconds ago, at most, the issuer may have been asked about it, as with `introspected()`
   */
  verify(token: string, options?: { readonly maxAge?: Seconds }): MaybePromise<AccessToken<Claims, Scope>>
  /**
   * Drops what is remembered of a token, here and in the shared store; or of all tokens that match, here. The next
   * request with one is decided anew. Other processes go on with what they remember, for as long as they may.
   *
   * @throws {Error} where the shared store could not be told; what this process remembers is gone all the same
   */
  forget(tokenOrPredicate: string | ((token: VerifiedToken<Claims, Scope>) => boolean)): Promise<void>
  /**
   * Checks guards once, when a route is set up; {@link authenticate} and {@link optionalAuth} take the result.
   *
   * @throws {ConfigurationError} something that is no guard, or a scope that is not declared
   */
  guards<Native extends object>(...guards: readonly GuardLike<Scope, Native, Claims>[]): Guards
  /** The answer to an error of ours. */
  respond(error: BearwardError): HttpResponse
  /** Whether the adapter answers, or the framework's own error path. */
  readonly errors: 'respond' | 'forward'
  readonly metadata: MetadataDocument
  /**
   * Loads the keys of all issuers, so that the first request does not wait.
   *
   * @throws {Unavailable} where one cannot be loaded
   */
  ready(): Promise<void>
  state(): ResourceServerState
  /** Ends what runs in the background. Loaded keys go on serving for as long as they may. */
  close(): void
}

/** What `state()` tells, without asking anybody: for readiness probes and operators. */
export interface ResourceServerState {
  /** True if tokens of every issuer can be decided now. */
  readonly ready: boolean
  readonly issuers: readonly IssuerState[]
}

/** What is known of one request. It is verified and proven once, however many guards are stacked on its way. */
interface RequestState {
  outcome: MaybePromise<Outcome>
  /** The greatest age of a verdict that the guards so far accept. */
  maxAge: Seconds
  /** The guards so far, all of which have to permit it: a challenge names what suffices for them all. */
  guards: readonly Guard[]
  /** The scopes that they ask for together. */
  scopes: readonly string[]
  /** The token, once the guards so far have let the request through. */
  token: AccessToken | undefined
}

/**
 * Makes a resource server from plain options.
 *
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function createResourceServer<const Scope extends string = string, Claims = JwtClaims>(
  options: ResourceServerOptions<Scope, Claims>,
): ResourceServer<Scope, Claims> {
  const settings = checkOptions(options)
  const events = createEmitter(settings.onEvent)
  const issuers = createIssuers(settings.issuers, { ...settings, events })
  const verifier = createTokenVerifier(settings, issuers, createIntrospectionCache(settings, events))
  const trusted = 'resolve' in settings.issuers ? settings.issuers.listed : settings.issuers.map(({ issuer }) => issuer)
  const metadata = createMetadata(settings, trusted)
  const modes = { dpop: settings.dpop.mode, mtls: settings.mtls.mode }
  const proofAlgorithms = settings.dpop.algorithms
  const respond = createRespond({ ...settings, proofAlgorithms, resourceMetadata: metadata.url })
  const schemes = SCHEMES[settings.dpop.mode === 'off' ? 'off' : 'accept']
  const binding = createBinding(settings, createDpopBinding(settings, events))
  const context: GuardContext = Object.freeze({
    now: settings.clock,
    graph: settings.graph,
    report: createReport(events),
  })
  const authenticator = createAuthenticator({ ...settings, schemes, context }, verifier, binding)
  const requests = createPrivateState<RequestState>()

  /** From a request to its token; a request met before keeps its outcome, unless a guard wants to know it anew. */
  function stateOf(request: ResourceRequest, known: RequestState | undefined, { maxAge, list, scopes }: Guards) {
    if (!known) {
      const outcome = authenticator.of(request, maxAge)
      const state: RequestState = { outcome, maxAge, guards: list, scopes, token: undefined }
      requests.set(request.native, state)
      return state
    }
    if (maxAge < known.maxAge) {
      known.maxAge = maxAge
      known.outcome = chain(known.outcome, (outcome) => authenticator.again(outcome, maxAge))
    }
    // Behind a guard that asks for nothing, the lists of the route stay the same ones: its answers are kept with them.
    known.guards = known.guards.length === 0 ? list : [...known.guards, ...list]
    known.scopes = known.scopes.length === 0 ? scopes : unique([...known.scopes, ...scopes])
    return known
  }

  /** From a token to a decision. */
  function decide(state: RequestState, guards: Guards, native: object, anonymous: boolean) {
    const { outcome } = state
    if (!isPromise(outcome)) return permit(outcome, state, guards, native, anonymous)
    return outcome.then((resolved) => {
      // From here on it is known: guards behind this one wait for nothing, and its fields go with the response.
      if (state.outcome === outcome) state.outcome = resolved
      return permit(resolved, state, guards, native, anonymous)
    })
  }

  function permit(outcome: Outcome, state: RequestState, guards: Guards, native: object, anonymous: boolean) {
    if ('thrown' in outcome) throw outcome.thrown
    const { token } = outcome
    if (!token) {
      if (anonymous) return undefined
      throw new MissingCredentials()
    }
    checkModes(guards.modes, token, context)
    const permitting = allPermit(guards.list, token, native, context)
    if (permitting === true) return token
    return chain(permitting, (resolved) => permitted(resolved, token, state))
  }

  function permitted(outcome: Refused | true, token: AccessToken, state: RequestState): AccessToken {
    if (outcome === true) return token
    throw refusalOf(state.guards, outcome, settings.graph)
  }

  function walk(request: ResourceRequest, given: Guards | readonly unknown[] | undefined, anonymous: boolean) {
    const guards = given instanceof Guards ? given : new Guards(given ?? [], settings)
    const known = requests.get(request.native)
    const report = startDecisionReport(events, known !== undefined)
    const state = stateOf(request, known, guards)
    // Written out for the way of a token seen before, which most requests take: no closure and no promise.
    try {
      const token = decide(state, guards, request.native, anonymous)
      if (!isPromise(token)) return pass(token, state, report)
      return token
        .then((resolved) => pass(resolved, state, report))
        .catch((thrown) => fail(thrown, state, report, request, guards))
    } catch (thrown) {
      return fail(thrown, state, report, request, guards)
    }
  }

  function pass(token: AccessToken | undefined, state: RequestState, report: DecisionReport) {
    state.token = token
    report.allowed(token)
    return token
  }

  function fail(
    thrown: unknown,
    state: RequestState,
    report: DecisionReport,
    request: ResourceRequest,
    guards: Guards,
  ): never {
    report.refused(thrown)
    state.token = undefined // whatever an earlier guard thought of it
    // An error of the application stays one. An empty one gets a shape: to many frameworks it would mean "go on".
    if (typeof thrown !== 'object' || thrown === null) {
      throw new Error('bearward: something that is no Error was thrown', { cause: thrown })
    }
    if (!(thrown instanceof BearwardError)) throw thrown
    const scopes = thrown.status === 401 ? state.scopes : thrown.scopes
    throw thrown.prepared(respond(thrown, { scopes, schemes: guards.schemes, used: schemeOf(request, schemes) }))
  }

  const server: ResourceServer = {
    authenticate: (request, guards) => walk(request, guards, false) as MaybePromise<AccessToken<JwtClaims>>,
    optionalAuth: (request, guards) => walk(request, guards, true) as MaybePromise<AccessToken<JwtClaims> | undefined>,
    tokenOf: (native) => requests.get(native)?.token as AccessToken<JwtClaims> | undefined,
    responseHeaders(native) {
      const outcome = requests.get(native)?.outcome
      return outcome === undefined || isPromise(outcome) || 'thrown' in outcome ? undefined : outcome.headers
    },
    verify(token, options) {
      const maxAge = options && checkFreshness(options, settings.issuers)
      return chain(verifier.verify(token, maxAge), (verified) => {
        // There is no request that could prove anything.
        if (verified.confirmation) throw new InvalidToken('confirmation')
        const accessToken = createAccessToken(verified, token)
        reportProfileViolation(verified, context)
        checkModes(modes, accessToken, context)
        return accessToken as AccessToken<JwtClaims>
      })
    },
    async forget(tokenOrPredicate) {
      if (typeof tokenOrPredicate === 'string') return verifier.forget(tokenOrPredicate)
      const matches = func(tokenOrPredicate, 'forget') as (token: VerifiedToken<JwtClaims>) => boolean
      verifier.forgetWhere((known) => matches(known as VerifiedToken<JwtClaims>))
    },
    guards: (...guards) => new Guards(guards, settings),
    respond: (error) => error.response ?? respond(error, { scopes: error.scopes, schemes, used: undefined }),
    errors: settings.errors,
    metadata,
    async ready() {
      await Promise.all(issuers.all().map((issuer) => issuer.ready()))
    },
    state() {
      const states = issuers.all().map((issuer) => issuer.state())
      return { ready: states.every(isReady), issuers: states }
    },
    close: () => issuers.close(),
  }
  return server as unknown as ResourceServer<Scope, Claims>
}

const verifyShape = shape({ maxAge: optional(number(0, 86_400, 'seconds')) })

function checkFreshness(
  options: { readonly maxAge?: Seconds },
  issuers: ServerSettings['issuers'],
): Seconds | undefined {
  const { maxAge } = verifyShape(options, 'verify')
  if (maxAge !== undefined) requireIntrospection(issuers)
  return maxAge
}

function isReady({ keys, introspection }: IssuerState): boolean {
  return ['fresh', 'stale', 'none'].includes(keys.status) && introspection?.status !== 'open'
}
