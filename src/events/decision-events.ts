import type { AccessToken } from '../access-token/access-token.ts'
import { BearwardError } from '../errors/errors.ts'
import { monotonicNow } from '../util/runtime.ts'
import type { Emitter } from './emitter.ts'
import type { DecisionEvent, ReportEvent } from './events.ts'

/** Tells what came of one guard's decision. */
export interface DecisionReport {
  allowed(token: AccessToken | undefined): void
  refused(thrown: unknown): void
}

const SILENT: DecisionReport = { allowed: () => undefined, refused: () => undefined }

export function startDecisionReport(events: Emitter, stacked: boolean): DecisionReport {
  if (!events.wants('decision')) return SILENT
  const start = monotonicNow()
  const emit = (outcome: DecisionEvent['outcome'], token?: AccessToken, error?: BearwardError) =>
    events.emit({
      type: 'decision',
      outcome,
      status: error?.status,
      code: error?.code,
      reason: error?.reason,
      issuer: token?.issuer,
      format: token?.format,
      stacked,
      duration: monotonicNow() - start,
      // Only what lies behind an outage: other causes may come from a claim or from the application.
      cause: outcome === 'unavailable' ? error?.cause : undefined,
    })
  return {
    allowed: (token) => emit(token ? 'allowed' : 'anonymous', token),
    refused(thrown) {
      if (!(thrown instanceof BearwardError)) emit('failed')
      else emit(thrown.status === 503 ? 'unavailable' : 'refused', undefined, thrown)
    },
  }
}

/**
 * Tells what a rule on trial would have refused.
 *
 * @param names the scopes that the event may name
 */
export type Report = (thrown: unknown, token: Pick<AccessToken, 'issuer' | 'format'>, names?: readonly string[]) => void

/** Tells of a refusal that did not happen, because the rule behind it is on trial. */
export function createReport(events: Emitter): Report {
  // Requests bring tokens of their own, so that what is known of a token here is known of one request.
  const reported = new WeakMap<object, Set<string>>()

  function isNews(token: object, { code, reason, scopes }: ReportEvent): boolean {
    const known = reported.get(token) ?? new Set()
    const sign = [code, reason, ...scopes].join(' ')
    if (known.has(sign)) return false
    reported.set(token, known.add(sign))
    return true
  }

  return (thrown, token, names = NO_NAMES) => {
    if (!events.wants('report')) return
    const event = {
      type: 'report',
      ...whatWouldHaveBeen(thrown, names),
      issuer: token.issuer,
      format: token.format,
    } as const
    if (isNews(token, event)) events.emit(event)
  }
}

type WouldBe = Omit<ReportEvent, 'type' | 'issuer' | 'format'>

const NO_NAMES: readonly string[] = Object.freeze([])
const FAILED: WouldBe = { outcome: 'failed', status: undefined, code: undefined, reason: undefined, scopes: [] }

/** Nothing of an error that is not ours: it may hold anything, and may be something that cannot even be looked at. */
function whatWouldHaveBeen(thrown: unknown, names: readonly string[]): WouldBe {
  try {
    if (!(thrown instanceof BearwardError)) return FAILED
    const { status, code, reason, scopes } = thrown
    const outcome = status === 503 ? 'unavailable' : 'refused'
    return { outcome, status, code, reason, scopes: scopes.filter((scope) => names.includes(scope)) }
  } catch {
    return FAILED
  }
}
