import { BearwardError } from './errors.ts'
import type { DecisionEvent, Emitter } from './events.ts'
import { monotonicNow } from './platform/runtime.ts'
import type { AccessToken } from './token/access-token.ts'

/** Tells what came of one guard's decision. */
export interface DecisionReport {
  allowed(token: AccessToken | undefined): void
  refused(thrown: unknown): void
}

const SILENT: DecisionReport = { allowed: () => undefined, refused: () => undefined }

export function startDecisionReport(events: Emitter, stacked: boolean): DecisionReport {
  if (!events.wants('decision')) return SILENT
  const start = monotonicNow()
  const tell = (outcome: DecisionEvent['outcome'], token?: AccessToken, error?: BearwardError) =>
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
    allowed: (token) => tell(token ? 'allowed' : 'anonymous', token),
    refused(thrown) {
      if (!(thrown instanceof BearwardError)) tell('failed')
      else tell(thrown.status === 503 ? 'unavailable' : 'refused', undefined, thrown)
    },
  }
}

/** Tells of a refusal that did not happen, because the rule behind it is on trial. */
export function createWarn(events: Emitter): (refusal: BearwardError, token: AccessToken) => void {
  return ({ status, code, reason, scopes }, { issuer, format }) => {
    if (events.wants('warning')) events.emit({ type: 'warning', status, code, reason, scopes, issuer, format })
  }
}
