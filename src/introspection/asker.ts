import { Unavailable } from '../errors.ts'
import type { Emitter } from '../events.ts'
import { UpstreamFault } from '../http/upstream-fault.ts'
import type { VerdictSettings } from '../options/asking-options.ts'
import { Breaker, type BreakerStatus } from '../platform/breaker.ts'
import { countdown } from '../platform/countdown.ts'
import type { Seconds } from '../platform/time.ts'
import type { Answer } from './answer.ts'
import type { Question } from './question.ts'

/** What `state()` tells about the questions to an issuer. */
export interface AskingState {
  /** `closed`: questions are asked. `open`: none are asked for a while. `half_open`: one is, to see. */
  readonly status: BreakerStatus
  /** The last failure since the last success. */
  readonly lastError: UpstreamFault | undefined
  /** Seconds until the next question may be asked; 0 where nothing stands against it. */
  readonly retryIn: Seconds
}

/**
 * Asks one issuer about tokens: within a deadline, with one more try, and not at all while it fails. Each issuer has its
 * own, so that one that hangs holds up nobody else's tokens.
 */
export interface Asker extends Pick<VerdictSettings, 'active' | 'inactive'> {
  /** Milliseconds within which a question has been answered or has failed. */
  readonly deadline: number
  /**
   * @param spent milliseconds of the deadline that are over already
   * @throws {Unavailable} at once while questions are held back, and where there is no answer
   */
  ask(token: string, spent?: number): Promise<Answer>
  /** True while questions are held back. */
  isResting(): boolean
  state(): AskingState
}

// Milliseconds after its deadline at which a question that tells nothing is taken for lost.
const GRACE = 1000

export function createAsker(settings: VerdictSettings, issuer: string, question: Question, events: Emitter): Asker {
  const deadline = settings.deadline * 1000
  const breaker = new Breaker(settings.breaker, deadline + GRACE, (state, retryIn) =>
    events.emit({ type: 'breaker', issuer, state, retryIn }),
  )
  let lastError: UpstreamFault | undefined

  // Made anew for each caller, since an error carries the answer to one request.
  const unavailable = (cause = lastError) =>
    new Unavailable('introspection_unavailable', { cause, retryAfter: breaker.retryIn() })

  /** One question, or `undefined` while none may be asked. */
  async function tryOnce(ask: () => Promise<Answer>): Promise<Answer | UpstreamFault | undefined> {
    const attempt = breaker.attempt()
    if (!attempt) return undefined
    try {
      const answer = await ask()
      attempt.succeeded()
      lastError = undefined
      return answer
    } catch (thrown) {
      const fault = thrown instanceof UpstreamFault ? thrown : new UpstreamFault('network', 'failed', { cause: thrown })
      lastError = fault
      if (isUnclear(fault)) attempt.unclear()
      else attempt.failed(pauseOf(fault))
      return fault
    }
  }

  return {
    active: settings.active,
    inactive: settings.inactive,
    deadline,
    async ask(token, spent = 0) {
      const time = countdown(Math.max(1, deadline - spent))
      const ask = () => question(token, time)
      try {
        let outcome = await tryOnce(ask)
        if (outcome instanceof UpstreamFault && isWorthRetrying(outcome) && time.remaining() > deadline / 2) {
          outcome = (await tryOnce(ask)) ?? outcome
        }
        if (outcome === undefined || outcome instanceof UpstreamFault) throw unavailable(outcome)
        return outcome
      } finally {
        time.stop()
      }
    },
    isResting: () => breaker.retryIn() > 0,
    state: () => ({ status: breaker.status, lastError, retryIn: breaker.retryIn() }),
  }
}

/** Another try may well succeed: the connection broke, or the server says that it is its own trouble, and no more. */
function isWorthRetrying(outcome: UpstreamFault): boolean {
  const { fault, status } = outcome
  if (pauseOf(outcome) !== undefined) return false
  return fault === 'network' || (fault === 'status' && status !== undefined && [500, 502, 503, 504].includes(status))
}

/** For how long we were asked to stay away, where the status says that this is what it means (RFC 6585 §4). */
function pauseOf({ status, retryAfter }: UpstreamFault): Seconds | undefined {
  return status === undefined || status === 429 || status === 503 ? retryAfter : undefined
}

/**
 * A server that refuses one request, for whatever there is in it, may be well for all others. Counted as its failure,
 * tokens that somebody makes up for it would hold up everybody's.
 */
function isUnclear({ status }: UpstreamFault): boolean {
  return status !== undefined && status >= 400 && status < 500 && ![401, 408, 429].includes(status)
}
