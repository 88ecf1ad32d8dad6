import type { JwsAlgorithm } from '../../jws/algorithms.ts'

/**
 * The algorithms for proofs unless the options name others. Callers choose their keys, so the default includes only
 * algorithms whose proofs cost about as much as with ES256. P-384 and P-521 cost about 8 and 16 times as much, and loading
 * their keys costs the same again. They must be enabled explicitly, and so must ML-DSA.
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
