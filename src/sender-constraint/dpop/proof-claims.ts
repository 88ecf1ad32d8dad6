import { invalidDpopProof } from '../../errors/proof-refusals.ts'
import type { Refusal } from '../../errors/refusal.ts'
import type { JsonObject } from '../../util/encoding.ts'
import { FOREVER, isFiniteNumber, LONG_AGO, type NumericDate, type Seconds } from '../../util/time.ts'

/** The claims of a proof for a request with an access token (RFC 9449 §4.2). */
export interface ProofClaims {
  readonly jti: string
  readonly htm: string
  readonly htu: string
  readonly iat: NumericDate
  /** Infinite if the proof has none; the same for `nbf`. */
  readonly exp: NumericDate
  readonly nbf: NumericDate
  readonly ath: string
  /** Unchecked; compared only if nonces are required. */
  readonly nonce: unknown
}

/** The maximum length of `jti` in characters; a UUID has 36. */
const MAX_ID_LENGTH = 256

/**
 * Reads the required claims of a proof and checks their types, not their values.
 *
 * Refused with `proof_claims`
 * @see RFC 9449 §4.3 check 3
 */
export function readProofClaims(claims: JsonObject): ProofClaims | Refusal {
  const { jti, htm, htu, iat, ath, nonce } = claims
  const exp = Object.hasOwn(claims, 'exp') ? claims.exp : FOREVER
  const nbf = Object.hasOwn(claims, 'nbf') ? claims.nbf : LONG_AGO
  const isComplete = isText(jti) && jti.length <= MAX_ID_LENGTH && isText(htm) && isText(htu) && isText(ath)
  if (!isComplete || !isFiniteNumber(iat) || !isLimit(claims, 'exp') || !isLimit(claims, 'nbf'))
    return invalidDpopProof('proof_claims')
  return { jti, htm, htu, iat, exp: exp as NumericDate, nbf: nbf as NumericDate, ath, nonce }
}

/** Whether a proof is valid now. Written so that a clock that returns NaN permits nothing. */
export function isCurrent(
  { iat, exp, nbf }: ProofClaims,
  now: NumericDate,
  { maxAge, clockTolerance }: { readonly maxAge: Seconds; readonly clockTolerance: Seconds },
): boolean {
  const age = now - iat
  // RFC 7519 §4.1.4, §4.1.5. The tolerance is for clocks that are ahead, which matters only for the beginning.
  return age <= maxAge && age >= -clockTolerance && now < exp && nbf <= now + clockTolerance
}

const isLimit = (claims: JsonObject, name: 'exp' | 'nbf'): boolean =>
  !Object.hasOwn(claims, name) || isFiniteNumber(claims[name])

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
