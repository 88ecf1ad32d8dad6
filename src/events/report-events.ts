import type { AccessToken } from '../access-token/access-token.ts'
import { refusalOf } from '../errors/error-of-refusal.ts'
import { BearwardError } from '../errors/errors.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Emitter } from './emitter.ts'
import type { ReportEvent } from './events.ts'

/**
 * Reports what a report-only rule would have done.
 *
 * @param outcome the refusal, or what the rule threw
 * @param request the framework's own request; `undefined` for a token without one
 * @param names the scopes that the event may name
 */
export type Report = (
  outcome: unknown,
  token: Pick<AccessToken, 'issuer' | 'format'>,
  request: object | undefined,
  names?: readonly string[],
) => void

export function createReport(events: Emitter): Report {
  // Each request has its own token object.
  const reported = new WeakMap<object, Set<string>>()

  function isNew(token: object, { code, reason, scopes }: ReportEvent): boolean {
    const previous = reported.get(token) ?? new Set()
    const key = [code, reason, ...scopes].join(' ')
    if (previous.has(key)) return false
    reported.set(token, previous.add(key))
    return true
  }

  return (outcome, token, request, names = NO_NAMES) => {
    if (!events.wants('report')) return
    const event = {
      type: 'report',
      ...consequenceOf(outcome, names),
      issuer: token.issuer,
      format: token.format,
    } as const
    if (isNew(token, event)) events.emit(event, request)
  }
}

type Consequence = Omit<ReportEvent, 'type' | 'issuer' | 'format'>

const NO_NAMES: readonly string[] = Object.freeze([])
const FAILED: Consequence = {
  outcome: 'failed',
  status: undefined,
  code: undefined,
  reason: undefined,
  claim: undefined,
  scopes: [],
}

/** Reads nothing from errors of others: they may contain anything, and getters may throw. */
function consequenceOf(outcome: unknown, names: readonly string[]): Consequence {
  try {
    const refusal = outcome instanceof BearwardError ? refusalOf(outcome) : outcome
    if (!(refusal instanceof Refusal)) return FAILED
    const { status, kind, reason, details } = refusal
    return {
      outcome: status === 503 ? 'unavailable' : 'refused',
      status,
      code: kind.code,
      reason,
      claim: refusal.claim,
      scopes: (details.scopes ?? []).filter((scope) => names.includes(scope)),
    }
  } catch {
    return FAILED
  }
}
