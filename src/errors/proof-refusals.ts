import { INVALID_DPOP_PROOF, USE_DPOP_NONCE } from './proof-errors.ts'
import type { ReasonFor } from './reasons.ts'
import { type Refusal, refusal } from './refusal.ts'

export const invalidDpopProof = (reason: ReasonFor<'InvalidDpopProof'>): Refusal => refusal(INVALID_DPOP_PROOF, reason)

export const useDpopNonce = (nonce: string): Refusal => refusal(USE_DPOP_NONCE, 'proof_nonce', { nonce })
