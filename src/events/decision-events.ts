import type { AccessToken } from '../access-token/access-token.ts'
import type { Refusal } from '../errors/refusal.ts'
import { monotonicNow } from '../util/runtime.ts'
import type { Emitter } from './emitter.ts'
import type { DecisionEvent } from './events.ts'

/** Emits the event of one decision. */
export interface EmitDecision {
  allowed(token: AccessToken | undefined): void
  /** @param token if it is valid, and does not permit this request */
  refused(refusal: Refusal, token: AccessToken | undefined): void
  /** An error of the application. */
  failed(): void
}

const SILENT: EmitDecision = { allowed: () => undefined, refused: () => undefined, failed: () => undefined }

export function startDecisionEvent(events: Emitter, request: object, stacked: boolean): EmitDecision {
  if (!events.wants('decision')) return SILENT
  const start = monotonicNow()
  const emit = (outcome: DecisionEvent['outcome'], token?: AccessToken, refusal?: Refusal) =>
    events.emit(
      {
        type: 'decision',
        outcome,
        status: refusal?.status,
        code: refusal?.kind.code,
        reason: refusal?.reason,
        claim: refusal?.claim,
        option: refusal?.details.option,
        size: refusal?.details.size,
        limit: refusal?.details.limit,
        issuer: token?.issuer,
        format: token?.format,
        stacked,
        duration: monotonicNow() - start,
        // Only the cause of an outage: other causes may quote a claim or come from the application.
        cause: outcome === 'unavailable' ? refusal?.details.cause : undefined,
      },
      request,
    )
  return {
    allowed: (token) => emit(token ? 'allowed' : 'anonymous', token),
    refused: (refusal, token) => emit(refusal.status === 503 ? 'unavailable' : 'refused', token, refusal),
    failed: () => emit('failed'),
  }
}
