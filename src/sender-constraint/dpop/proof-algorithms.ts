import type { JwsAlgorithm } from '../../jws/algorithms.ts'

/**
 * What proofs may be signed with unless the options say otherwise. The keys are the callers' own choice, so that only
 * those algorithms are here of which no proof costs much more than one of ES256. P-384 and P-521 cost about 8 and 16
 * times as much, and loading their keys again as much: they are named by hand, and so is ML-DSA.
 */
export const DEFAULT_PROOF_ALGORITHMS: readonly JwsAlgorithm[] = Object.freeze([
  'ES256',
  'EdDSA',
  'Ed25519',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
])
