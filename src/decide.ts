import type { AccessToken } from './access-token/access-token.ts'
import type { Authenticated, Authenticator } from './authenticate-request.ts'
import { type Decision, RefusedRequest } from './decision.ts'
import { applicationError } from './errors/application-error.ts'
import { refusalOf } from './errors/error-of-refusal.ts'
import { BearwardError } from './errors/errors.ts'
import { NO_CREDENTIALS, Refusal } from './errors/refusal.ts'
import { type EmitDecision, startDecisionEvent } from './events/decision-events.ts'
import type { Emitter } from './events/emitter.ts'
import { refusalFor } from './guards/demand.ts'
import { evaluate } from './guards/evaluate.ts'
import type { Guard, GuardContext } from './guards/guard.ts'
import type { Guards } from './guards/route-guards.ts'
import { type Scheme, schemeOf } from './http/credentials.ts'
import type { Respond } from './http/error-response.ts'
import { isSamePresented, type PresentedRequest } from './http/presented.ts'
import type { ResourceRequest, ResponseHeaders } from './http-message.ts'
import { checkModes } from './sender-constraint/route-mode.ts'
import { createPrivateState } from './util/private-state.ts'
import { isThenable } from './util/thenable.ts'
import type { Seconds } from './util/time.ts'

// Why: docs/decisions/synchronous-path.md

/**
 * The state of one request. It is authenticated once, however many guards are stacked. A request object that presents
 * something else is another request: pools, sockets and queues use the same object for several.
 */
interface RequestState {
  readonly presented: PresentedRequest | undefined
  outcome: Authenticated | Refusal | Promise<Authenticated | Refusal>
  /** The maximum age of an introspection response that the guards so far accept. */
  introspectionMaxAge: Seconds
  /** The guards so far. All must permit, and a challenge names what satisfies all of them. */
  guards: readonly Guard[]
  /** The scopes that they require together. */
  scopes: readonly string[]
  /** The token, once the guards so far have permitted the request. */
  token: AccessToken | undefined
  /** The guards that have permitted it, and with what. Something else has to satisfy them again. */
  permitting: readonly Guard[]
  permitted: Authenticated | undefined
  /** The number of refusals so far. */
  refusals: number
}

/** One call of {@link Decider.decide}: the guards of one middleware decide about one request. */
interface Attempt {
  readonly request: ResourceRequest
  readonly guards: Guards
  readonly state: RequestState
  /** Whether a request without a credential is permitted. */
  readonly optional: boolean
  readonly emit: EmitDecision
  /** The number of refusals when it began. */
  readonly refusals: number
  /** The outcome this decision uses: meanwhile another guard may replace the one in the state. */
  authenticated: Authenticated | undefined
}

export interface Decider {
  /**
   * Returns a promise only if something is pending, or if the application has thrown. It then rejects; this throws only if `native`
   * is no object.
   */
  decide(request: ResourceRequest, guards: Guards, optional: boolean): Decision | Promise<Decision>
  tokenOf(native: object): AccessToken | undefined
  headersOf(native: object): ResponseHeaders | undefined
}

interface Parts {
  readonly authenticator: Authenticator
  readonly respond: Respond
  /** The schemes that the server supports. */
  readonly schemes: readonly Scheme[]
  readonly context: GuardContext
  readonly events: Emitter
}

const NO_SCOPES: readonly string[] = Object.freeze([])

export function createDecider({ authenticator, respond, schemes, context, events }: Parts): Decider {
  const requests = createPrivateState<RequestState>()

  function decide(request: ResourceRequest, guards: Guards, optional: boolean): Decision | Promise<Decision> {
    const presented = readPresented(request)
    const seen = requests.get(request.native)
    const repeated = seen?.presented && presented && isSamePresented(seen.presented, presented) ? seen : undefined
    const emit = startDecisionEvent(events, request.native, repeated !== undefined)
    const state = repeated ? join(repeated, request, guards) : begin(request, presented, guards)
    const { outcome, refusals } = state
    const attempt: Attempt = { request, guards, state, optional, emit, refusals, authenticated: undefined }
    try {
      if (isThenable(outcome)) return decideWhenAuthenticated(attempt, outcome)
      const refusal = authorize(attempt, outcome)
      return isThenable(refusal) ? decideWhenAuthorized(attempt, refusal) : conclude(attempt, refusal)
    } catch (thrown) {
      return decideWhenAuthorized(attempt, Promise.reject(thrown))
    }
  }

  /** `undefined` if the view of the adapter throws; the authentication reads it again, and rejects. */
  function readPresented(request: ResourceRequest): PresentedRequest | undefined {
    try {
      return authenticator.presentedBy(request)
    } catch {
      return undefined
    }
  }

  function begin(
    request: ResourceRequest,
    presented: PresentedRequest | undefined,
    { maxAge, list, scopes }: Guards,
  ): RequestState {
    const state = {
      presented,
      outcome: startAuthentication(request, presented, maxAge),
      introspectionMaxAge: maxAge,
      guards: list,
      scopes,
      token: undefined,
      permitting: [],
      permitted: undefined,
      refusals: 0,
    }
    requests.set(request.native, state)
    return state
  }

  function startAuthentication(
    request: ResourceRequest,
    presented: PresentedRequest | undefined,
    introspectionMaxAge: Seconds,
  ): RequestState['outcome'] {
    try {
      return authenticator.authenticate(request, presented ?? authenticator.presentedBy(request), introspectionMaxAge)
    } catch (thrown) {
      return Promise.reject(thrown)
    }
  }

  /**
   * Adds guards to a request that an earlier guard has seen. It keeps its outcome, unless something else has to be checked.
   */
  function join(state: RequestState, request: ResourceRequest, { maxAge, list, scopes }: Guards): RequestState {
    const isLower = maxAge < state.introspectionMaxAge
    if (isLower) state.introspectionMaxAge = maxAge
    state.outcome = recheckOutcome(state.outcome, request, state.introspectionMaxAge, isLower)
    state.guards = union(state.guards, list)
    // Responses are cached by the identity of this list.
    state.scopes = union(state.scopes, scopes)
    return state
  }

  function recheckOutcome(
    outcome: RequestState['outcome'],
    request: ResourceRequest,
    introspectionMaxAge: Seconds,
    isLower: boolean,
  ): RequestState['outcome'] {
    if (isThenable(outcome))
      return outcome.then((resolved) => recheckOutcome(resolved, request, introspectionMaxAge, isLower))
    if (outcome instanceof Refusal) return outcome
    try {
      return authenticator.recheck(outcome, request, introspectionMaxAge, isLower)
    } catch (thrown) {
      return Promise.reject(thrown)
    }
  }

  async function decideWhenAuthenticated(
    attempt: Attempt,
    pending: Promise<Authenticated | Refusal>,
  ): Promise<Decision> {
    const { state } = attempt
    try {
      const outcome = await pending
      // Later guards need not wait, and headersOf() finds the headers.
      if (state.outcome === pending) state.outcome = outcome
      const refusal = authorize(attempt, outcome)
      return conclude(attempt, isThenable(refusal) ? await refusal : refusal)
    } catch (thrown) {
      return fail(attempt, thrown)
    }
  }

  /** Whether an authenticated request meets what the route requires. */
  function authorize(attempt: Attempt, outcome: Authenticated | Refusal) {
    if (outcome instanceof Refusal) return outcome
    const { request, guards, state, optional } = attempt
    attempt.authenticated = outcome
    const { token } = outcome
    if (!token) return optional ? undefined : NO_CREDENTIALS
    const refusal = checkModes(guards.modes, token, request.native, context)
    const isOther = state.permitted && state.permitted !== outcome
    const list = isOther ? union(state.permitting, guards.list) : guards.list
    if (refusal || list.length === 0) return refusal
    const refused = evaluate(list, token, request.native, context)
    if (!isThenable(refused)) return refused && refusalFor(state.guards, refused, context.graph)
    return refused.then((resolved) => resolved && refusalFor(state.guards, resolved, context.graph))
  }

  async function decideWhenAuthorized(attempt: Attempt, refusal: PromiseLike<Refusal | undefined>): Promise<Decision> {
    try {
      return conclude(attempt, await refusal)
    } catch (thrown) {
      return fail(attempt, thrown)
    }
  }

  /** Throws an error of the application again; one of this package is a refusal. */
  function fail(attempt: Attempt, thrown: unknown): Decision {
    withdrawToken(attempt.state)
    if (thrown instanceof BearwardError) return conclude(attempt, refusalOf(thrown), thrown)
    attempt.emit.failed()
    throw applicationError(thrown)
  }

  function conclude(attempt: Attempt, refusal: Refusal | undefined, thrown?: BearwardError): Decision {
    const { request, guards, state, emit } = attempt
    if (!refusal) {
      const { token, headers } = attempt.authenticated as Authenticated
      // Not if another guard that decides at the same time has refused: all must permit.
      if (state.refusals === attempt.refusals) state.token = token
      state.permitting = union(state.permitting, guards.list)
      state.permitted = attempt.authenticated
      emit.allowed(token)
      return { allowed: true, token, headers }
    }
    withdrawToken(state)
    emit.refused(refusal, attempt.authenticated?.token)
    const scopes = refusal.status === 401 ? state.scopes : (refusal.details.scopes ?? NO_SCOPES)
    const response = respond(refusal, { scopes, schemes: guards.schemes, used: schemeOf(request, schemes) })
    return new RefusedRequest(refusal, response, thrown)
  }

  return {
    decide,
    tokenOf: (native) => requests.get(native)?.token,
    headersOf(native) {
      const outcome = requests.get(native)?.outcome
      return !outcome || outcome instanceof Refusal || isThenable(outcome) ? undefined : outcome.headers
    },
  }
}

/** Whatever other guards permit. */
function withdrawToken(state: RequestState): void {
  state.token = undefined
  state.refusals++
}

/** No request passes as many guards; an object that is used for many requests may, if each has guards of its own. */
const MAX_STACKED = 100

/** One of the lists itself if it has all, so that an object that is used for many requests does not collect copies. */
function union<T>(one: readonly T[], other: readonly T[]): readonly T[] {
  if (one.length === 0) return other
  const added = other.filter((member) => !one.includes(member))
  if (added.length === 0) return one
  return one.length + added.length > MAX_STACKED ? other : [...one, ...added]
}
