import type { ClaimPath } from '../claims/claim-path.ts'
import { type Refusal, unavailable } from '../errors/refusal.ts'
import type { Emitter } from '../events/emitter.ts'
import type { RecordSealer } from '../stores/sealed-records.ts'
import { asUpstreamError, requestedDelay, UpstreamError } from '../upstream/upstream-error.ts'
import { Breaker, type BreakerStatus } from '../util/circuit-breaker.ts'
import { type DeadlineTimer, deadlineTimer } from '../util/deadline-timer.ts'
import type { JsonObject } from '../util/encoding.ts'
import { createSlots } from '../util/slots.ts'
import type { Seconds } from '../util/time.ts'
import { createBlame, type IntrospectedToken } from './blame.ts'
import type { Introspect } from './request.ts'
import type { IntrospectionResult } from './response.ts'
import type { IntrospectorSettings } from './settings.ts'
import type { ResponseRules } from './validate-response.ts'
import { withoutToken } from './without-token.ts'

/** The part of `state()` about introspection at one issuer. */
export interface IntrospectionState {
  /** The circuit breaker. `closed`: requests are sent. `open`: none for a while. `half_open`: one probe at a time. */
  readonly status: BreakerStatus
  /** The last failure since the last success. */
  readonly lastError: UpstreamError | undefined
  /** Seconds until the next request is allowed; 0 if it is allowed now. */
  readonly retryIn: Seconds
}

/** A token as it is sent. */
interface RawToken extends IntrospectedToken {
  readonly raw: string
}

/**
 * Introspects the tokens of one issuer: with a deadline, one retry, a circuit breaker and a limit of requests at the same
 * time. Each issuer has its own, so that one that hangs does not delay the tokens of others.
 */
export interface Introspector extends Pick<IntrospectorSettings, 'cache'> {
  readonly records: RecordRules
  /** Milliseconds in which an introspection succeeds or fails. */
  readonly deadline: number
  /** Refused at once while the circuit breaker is open, or if there is no usable response */
  introspect(token: RawToken): Promise<IntrospectionResult | Refusal>
  /** True while the circuit breaker allows no request. */
  isOpen(): boolean
  state(): IntrospectionState
}

/** How responses are recorded in a store that processes share. */
export interface RecordRules {
  /** The rules and the client of the introspection. Responses are shared only between servers where it is the same. */
  readonly identity: string
  /** Authenticates the records. */
  readonly sealer: RecordSealer
}

/** What the introspection cache needs of one issuer. */
export interface IntrospectionIssuer {
  readonly name: string
  readonly scopeClaims: readonly ClaimPath[]
  readonly clockTolerance: Seconds
  /** `undefined` if introspection is not configured. */
  readonly introspector: Introspector | undefined
  /** What its active tokens must satisfy. */
  readonly responseRules: ResponseRules
  /** True while the times of an active token are valid. */
  isCurrent(claims: JsonObject): boolean
}

// Milliseconds after the deadline at which a request without outcome is considered abandoned.
const GRACE = 1000

// The share of concurrent requests that only tokens get which were active before.
const RESERVED = 0.1

export function createIntrospector(
  settings: IntrospectorSettings,
  issuer: string,
  send: Introspect,
  records: RecordRules,
  events: Emitter,
): Introspector {
  const deadline = settings.deadline * 1000
  const breaker = new Breaker(settings.breaker, deadline + GRACE, (state, retryIn) =>
    events.emit({ type: 'breaker', issuer, state, retryIn }),
  )
  const blame = createBlame()
  const { maxConcurrent } = settings
  // Made-up tokens whose requests hang must not hold them all. Of a single one, none can be reserved.
  const reserved = maxConcurrent > 1 ? Math.ceil(maxConcurrent * RESERVED) : 0
  const slots = createSlots((running) => running < maxConcurrent, deadline + GRACE, reserved)
  let lastError: UpstreamError | undefined

  const refuse = () => unavailable('introspection_unavailable', { cause: lastError, retryAfter: breaker.retryIn() })

  /** A token that just failed is no probe: it would close the way for all others again. */
  const isBlocked = (token: IntrospectedToken): boolean =>
    breaker.isBlocked(blame.mayWorkFor(token)) || (breaker.status !== 'closed' && blame.justFailed(token))

  async function introspect(token: RawToken): Promise<IntrospectionResult | Refusal> {
    if (isBlocked(token)) return refuse()
    const time = deadlineTimer(deadline)
    let release: (() => void) | undefined
    try {
      // Half of the time is for the request: one that waited too long would fail, and the server would be blamed.
      release = await slots.take(deadline / 2, token.isSeen)
      return release ? await attemptFor(token, time) : unavailable('introspection_unavailable', BUSY)
    } finally {
      release?.()
      time.stop()
    }
  }

  async function attemptFor(token: RawToken, time: DeadlineTimer): Promise<IntrospectionResult | Refusal> {
    const attempt = isBlocked(token) ? undefined : breaker.attempt(blame.mayWorkFor(token))
    if (!attempt) return refuse()
    try {
      const response = await withOneRetry(() => send(token.raw, time), token, time)
      attempt.succeeded()
      blame.succeeded()
      lastError = undefined
      return withoutToken(response, token.raw, token.digest)
    } catch (thrown) {
      const error = upstreamErrorOf(thrown)
      const delay = requestedDelay(error)
      lastError = error
      if (blame.isServers(error, token) || delay !== undefined) attempt.failed(delay)
      else attempt.unclear()
      blame.failed(token, breaker.retryIn())
      return refuse()
    }
  }

  async function withOneRetry(
    once: () => Promise<IntrospectionResult>,
    token: RawToken,
    time: DeadlineTimer,
  ): Promise<IntrospectionResult> {
    try {
      return await once()
    } catch (thrown) {
      // A probe is not retried: it spares the server, and one failure is conclusive.
      const mayRetry = breaker.status === 'closed' && time.remaining() > deadline / 2
      const error = upstreamErrorOf(thrown)
      if (mayRetry && isWorthRetrying(error) && blame.mayRetry(error, token)) return once()
      throw thrown
    }
  }

  return {
    records,
    cache: settings.cache,
    deadline,
    introspect,
    isOpen: () => breaker.retryIn() > 0,
    state: () => ({ status: breaker.status, lastError, retryIn: breaker.retryIn() }),
  }
}

// The server may work, so that it is not blamed.
const BUSY = {
  cause: new UpstreamError('timeout', 'no introspection request could start in time: maxConcurrent are pending'),
  retryAfter: 1,
  option: 'maxConcurrent',
}

const upstreamErrorOf = (thrown: unknown): UpstreamError => asUpstreamError(thrown, 'the introspection failed')

/** A retry may succeed: the connection failed, or the server reported an error of its own without `Retry-After`. */
function isWorthRetrying(error: UpstreamError): boolean {
  const { code, status } = error
  if (requestedDelay(error) !== undefined) return false
  return code === 'network' || (code === 'status' && status !== undefined && [500, 502, 503, 504].includes(status))
}
