import { BearwardError, defineKind, type ErrorDetails } from './errors.ts'
import { PROOF_KINDS } from './proof-reasons.ts'
import type { KindName, ReasonFor } from './reasons.ts'

/** The proof of possession is missing or wrong: 401 `invalid_dpop_proof` (RFC 9449 §7.1). */
export class InvalidDpopProof extends BearwardError {
  static readonly kind: KindName = 'InvalidDpopProof'
  constructor(reason: ReasonFor<'InvalidDpopProof'>, details?: ErrorDetails) {
    super(INVALID_DPOP_PROOF, reason, details)
  }
}

export const INVALID_DPOP_PROOF = defineKind(InvalidDpopProof, PROOF_KINDS.InvalidDpopProof)

/** The client must create a new proof with a nonce of this server: 401 `use_dpop_nonce` (RFC 9449 §9). */
export class UseDpopNonce extends BearwardError {
  static readonly kind: KindName = 'UseDpopNonce'
  /** The value of the `DPoP-Nonce` response header. */
  readonly nonce: string
  constructor(nonce: string, details?: ErrorDetails) {
    super(USE_DPOP_NONCE, 'proof_nonce', details)
    this.nonce = nonce
  }
}

export const USE_DPOP_NONCE = defineKind(
  UseDpopNonce,
  PROOF_KINDS.UseDpopNonce,
  (_, details) => new UseDpopNonce(details.nonce ?? '', details),
)
