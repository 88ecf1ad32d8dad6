import { descriptionOf } from '../errors/all-reasons.ts'
import type { Reason } from '../errors/reasons.ts'
import type { JsonObject } from '../util/encoding.ts'
import { isDeeperThan } from '../util/nesting.ts'
import { proofChecksOf } from './proof-checks.ts'
import { type TimeInWords, timesInWords } from './times.ts'
import { type CheckResult, checksOf, open, type TokenExpectations } from './token-checks.ts'
import { shapeOf } from './token-form.ts'
import { type DiagnosedKind, kindOf, titleOf } from './token-kind.ts'

/** The result of inspecting a token offline. It contains neither the token nor its signature. */
export interface Inspection {
  readonly kind: DiagnosedKind
  readonly title: string
  /** In characters. */
  readonly length: number
  readonly header: JsonObject | undefined
  readonly claims: JsonObject | undefined
  readonly times: readonly TimeInWords[]
  readonly checks: readonly CheckResult[]
  /**
   * Why a resource server would refuse it (a DPoP proof as a proof, anything else as an access token); `undefined` if
   * no check failed.
   */
  readonly refusal: { readonly reason: Reason; readonly description: string } | undefined
}

const MAX_LEVELS = 32

/** A server reads such a token, but it cannot be shown whole. */
const nestingOf = (parts: object): readonly CheckResult[] =>
  isDeeperThan(MAX_LEVELS, parts)
    ? [open('nesting', `more than ${MAX_LEVELS} levels deep, which no program needs`)]
    : []

/**
 * Explains a token, offline.
 *
 * @throws {ConfigurationError} for an expected issuer, resource or audience that is not valid
 */
export async function inspectToken(token: string, expected: TokenExpectations, timeZone?: string): Promise<Inspection> {
  const shape = shapeOf(token)
  const kind = kindOf(shape)
  const header = 'header' in shape ? shape.header : undefined
  const claims = 'claims' in shape ? shape.claims : undefined
  const asToken = checksOf(token, expected)
  const asProof = kind === 'dpop_proof' && claims ? await proofChecksOf(token, claims, expected.now) : undefined
  // A server that introspects does not refuse an opaque token as malformed.
  const checks = kind === 'opaque' ? [] : (asProof ?? asToken)
  const { reason, claim } = checks.find(({ outcome }) => outcome === 'refused') ?? {}
  return {
    kind,
    title: titleOf(kind),
    length: token.length,
    header,
    claims,
    times: claims ? timesInWords(claims, expected.now, timeZone) : [],
    checks: [...checks, ...nestingOf({ header, claims })],
    refusal: reason && { reason, description: descriptionOf(reason, claim) },
  }
}
