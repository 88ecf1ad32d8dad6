import { DESCRIPTIONS, type Reason } from '../errors/reasons.ts'
import type { JsonObject } from '../util/encoding.ts'
import { proofChecksOf } from './proof-checks.ts'
import { type TimeInWords, timesOf } from './times.ts'
import { type CheckResult, checksOf, type TokenExpectations } from './token-checks.ts'
import { shapeOf } from './token-form.ts'
import { type DiagnosedKind, kindOf, titleOf } from './token-kind.ts'

/** What can be said about a token without asking anybody. It does not hold the token, nor its signature. */
export interface Inspection {
  readonly kind: DiagnosedKind
  readonly title: string
  /** How many characters it has. */
  readonly length: number
  readonly header: JsonObject | undefined
  readonly claims: JsonObject | undefined
  readonly times: readonly TimeInWords[]
  readonly checks: readonly CheckResult[]
  /**
   * Why a resource server would refuse it as what it is (a proof as a proof, all else as an access token); `undefined`
   * where nothing speaks against it so far.
   */
  readonly refusal: { readonly reason: Reason; readonly description: string } | undefined
}

/**
 * Explains a token, offline.
 *
 * @throws {ConfigurationError} an issuer or a resource to hold it against that is none
 */
export async function inspectToken(token: string, expected: TokenExpectations, timeZone?: string): Promise<Inspection> {
  const shape = shapeOf(token)
  const kind = kindOf(shape)
  const header = 'header' in shape ? shape.header : undefined
  const claims = 'claims' in shape ? shape.claims : undefined
  const asToken = checksOf(token, expected)
  const asProof = kind === 'dpop_proof' && claims ? await proofChecksOf(token, claims, expected.now) : undefined
  // To a server that introspects, an opaque token is none that is malformed.
  const checks = kind === 'opaque' ? [] : (asProof ?? asToken)
  const reason = checks.find(({ outcome }) => outcome === 'refused')?.reason
  return {
    kind,
    title: titleOf(kind),
    length: token.length,
    header,
    claims,
    times: claims ? timesOf(claims, expected.now, timeZone) : [],
    checks,
    refusal: reason && { reason, description: DESCRIPTIONS[reason] },
  }
}
