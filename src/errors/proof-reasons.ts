import type { Kind } from './kind.ts'

/** The kinds of errors of DPoP proofs, with every reason. As {@link KINDS} of the other errors. */
export const PROOF_KINDS = {
  InvalidDpopProof: {
    status: 401,
    code: 'ERR_INVALID_DPOP_PROOF',
    error: 'invalid_dpop_proof',
    sentences: {
      proof_missing: 'The request carries no DPoP proof',
      several_proofs: 'The request carries more than one DPoP proof',
      proof_too_large: 'The DPoP proof is larger than this server accepts',
      proof_malformed: 'The DPoP proof is malformed',
      proof_type: 'The DPoP header does not hold a DPoP proof',
      proof_algorithm: 'The DPoP proof is signed with an algorithm that is not accepted',
      proof_key: 'The DPoP proof has no accepted public key (jwk)',
      proof_claims: 'A claim of the DPoP proof is missing or malformed',
      proof_method: 'The DPoP proof is meant for another HTTP method (htm)',
      proof_target: 'The DPoP proof is meant for another URI (htu)',
      proof_time: 'The DPoP proof is too old, or not valid yet',
      proof_token: 'The DPoP proof is meant for another access token (ath)',
      proof_signature: 'The signature of the DPoP proof is invalid',
      proof_replayed: 'The DPoP proof has been used before',
    },
  },
  UseDpopNonce: {
    status: 401,
    code: 'ERR_USE_DPOP_NONCE',
    error: 'use_dpop_nonce',
    sentences: {
      proof_nonce: 'The DPoP proof needs the nonce from the DPoP-Nonce header',
    },
  },
} as const satisfies Record<string, Kind>
