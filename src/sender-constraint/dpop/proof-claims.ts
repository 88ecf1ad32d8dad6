import { invalidDpopProof, type Refusal } from '../../errors/refusal.ts'
import type { JsonObject } from '../../util/encoding.ts'
import type { NumericDate } from '../../util/time.ts'

/** The claims of a proof for a request with an access token (RFC 9449 §4.2). */
export interface ProofClaims {
  readonly jti: string
  readonly htm: string
  readonly htu: string
  readonly iat: NumericDate
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
export function readProofClaims({ jti, htm, htu, iat, ath, nonce }: JsonObject): ProofClaims | Refusal {
  const isComplete =
    isText(jti) && jti.length <= MAX_ID_LENGTH && isText(htm) && isText(htu) && isText(ath) && Number.isFinite(iat)
  if (!isComplete) return invalidDpopProof('proof_claims')
  return { jti, htm, htu, iat: iat as NumericDate, ath, nonce }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
