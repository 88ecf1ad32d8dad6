import type { JwsAlgorithm } from '../../signature/algorithms.ts'

/**
 * What proofs may be signed with unless the options say otherwise. The keys are the callers' own choice, so that only
 * those algorithms are here of which no proof costs much more than one of ES256; the larger curves are named by hand.
 */
export const DEFAULT_PROOF_ALGORITHMS: readonly JwsAlgorithm[] = Object.freeze([
  'ES256',
  'EdDSA',
  'Ed25519',
  'RS256',
  'PS256',
])
