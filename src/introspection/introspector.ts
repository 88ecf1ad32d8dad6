import { Unavailable } from '../errors/errors.ts'
import type { Emitter } from '../events/emitter.ts'
import { UpstreamError, type UpstreamErrorCode } from '../upstream/upstream-error.ts'
import { Breaker, type BreakerStatus } from '../util/circuit-breaker.ts'
import { type DeadlineTimer, deadlineTimer } from '../util/deadline-timer.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { Seconds } from '../util/time.ts'
import type { Introspect } from './request.ts'
import type { IntrospectionResult } from './response.ts'
import type { IntrospectorSettings } from './settings.ts'

/** What `state()` tells about the questions to an issuer. */
export interface IntrospectionState {
  /** `closed`: questions are asked. `open`: none are asked for a while. `half_open`: one is, to see. */
  readonly status: BreakerStatus
  /** The last failure since the last success. */
  readonly lastError: UpstreamError | undefined
  /** Seconds until the next question may be asked; 0 where nothing stands against it. */
  readonly retryIn: Seconds
}

/**
 * Asks one issuer about tokens: within a deadline, with one more try, and not at all while it fails. Each issuer has its
 * own, so that one that hangs holds up nobody else's tokens.
 */
export interface Introspector extends Pick<IntrospectorSettings, 'cache'> {
  /** Milliseconds within which a question has been answered or has failed. */
  readonly deadline: number
  /** @throws {Unavailable} at once while questions are held back, and where there is no answer */
  ask(token: string): Promise<IntrospectionResult>
  /** True while questions are held back. */
  isOpen(): boolean
  state(): IntrospectionState
}

/** One authorization server, as far as what it says about tokens goes. */
export interface IntrospectionIssuer {
  readonly name: string
  readonly scopeClaims: readonly string[]
  readonly clockTolerance: Seconds
  /** Under which rules, and as whom, it is asked: verdicts are shared only where this is the same. */
  readonly identity: string
  /** Asks it about a token; `undefined` where that is not configured. */
  readonly introspector: Introspector | undefined
  /** Refuses what it calls active but is no access token for us, or not now. */
  checkResponse(claims: JsonObject): void
  /** True while the times of a token it called active still hold. */
  isCurrent(claims: JsonObject): boolean
}

// Milliseconds after its deadline at which a question that tells nothing is taken for lost.
const GRACE = 1000

export function createIntrospector(
  settings: IntrospectorSettings,
  issuer: string,
  introspect: Introspect,
  events: Emitter,
): Introspector {
  const deadline = settings.deadline * 1000
  const breaker = new Breaker(settings.breaker, deadline + GRACE, (state, retryIn) =>
    events.emit({ type: 'breaker', issuer, state, retryIn }),
  )
  let lastError: UpstreamError | undefined

  // Made anew for each caller, since an error carries the answer to one request.
  const unavailable = (cause = lastError) =>
    new Unavailable('introspection_unavailable', { cause, retryAfter: breaker.retryIn() })

  async function ask(token: string): Promise<IntrospectionResult> {
    const attempt = breaker.attempt()
    if (!attempt) throw unavailable()
    const time = deadlineTimer(deadline)
    try {
      const response = await withOneRetry(() => introspect(token, time), time)
      attempt.succeeded()
      lastError = undefined
      return withoutToken(response, token)
    } catch (thrown) {
      const error = faultOf(thrown)
      lastError = error
      if (isUnclear(error)) attempt.unclear()
      else attempt.failed(pauseOf(error))
      throw unavailable(error)
    } finally {
      time.stop()
    }
  }

  async function withOneRetry(
    once: () => Promise<IntrospectionResult>,
    time: DeadlineTimer,
  ): Promise<IntrospectionResult> {
    try {
      return await once()
    } catch (thrown) {
      // A probe is to spare the server, and its failure is answer enough.
      const mayRetry = breaker.status === 'closed' && time.remaining() > deadline / 2
      if (mayRetry && isWorthRetrying(faultOf(thrown))) return once()
      throw thrown
    }
  }

  return {
    cache: settings.cache,
    deadline,
    ask,
    isOpen: () => breaker.retryIn() > 0,
    state: () => ({ status: breaker.status, lastError, retryIn: breaker.retryIn() }),
  }
}

const faultOf = (thrown: unknown): UpstreamError =>
  thrown instanceof UpstreamError ? thrown : new UpstreamError('network', 'the question failed', { cause: thrown })

/** Some servers repeat the token, which is to be kept nowhere. */
function withoutToken(response: IntrospectionResult, token: string): IntrospectionResult {
  if (!response.active || !Object.values(response.claims).includes(token)) return response
  return {
    active: true,
    claims: Object.fromEntries(Object.entries(response.claims).filter(([, value]) => value !== token)),
  }
}

/** Another try may well succeed: the connection broke, or the server says that it is its own trouble, and no more. */
function isWorthRetrying(outcome: UpstreamError): boolean {
  const { code: error, status } = outcome
  if (pauseOf(outcome) !== undefined) return false
  return error === 'network' || (error === 'status' && status !== undefined && [500, 502, 503, 504].includes(status))
}

/** For how long we were asked to stay away, where the status says that this is what it means (RFC 6585 §4). */
function pauseOf({ status, retryAfter }: UpstreamError): Seconds | undefined {
  return status === undefined || status === 429 || status === 503 ? retryAfter : undefined
}

/**
 * A server that refuses one request, or answers it with nonsense, for whatever there is in it, may be well for all
 * others. Counted as its failure, tokens that somebody makes up for it would hold up everybody's.
 */
function isUnclear({ code: error, status }: UpstreamError): boolean {
  if (UNCLEAR.includes(error)) return true
  return status !== undefined && status >= 400 && status < 500 && ![401, 408, 429].includes(status)
}

const UNCLEAR: readonly UpstreamErrorCode[] = ['claims', 'too_large']
