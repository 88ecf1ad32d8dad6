import { invalidDpopProof } from '../../errors/proof-refusals.ts'
import type { Refusal } from '../../errors/refusal.ts'
import type { JwsAlgorithm } from '../../jws/algorithms.ts'
import { mediaTypeOf } from '../../jws/compact.ts'
import { decodeJsonObject } from '../../util/encoding.ts'
import { type ProofKey, readProofKey } from './proof-key.ts'

/**
 * Reads the header of a proof. Other key material in it (`kid`, `jku`, `x5c`, …) is ignored: the key of a proof is its
 * `jwk`.
 *
 * Refused with `proof_malformed`, `proof_type`, `proof_algorithm`, `proof_key`
 * @see RFC 9449 §4.3 checks 2, 4, 5, 7; RFC 7515 §4.1.11; RFC 7797 §6
 */
export function readProofHeader(encoded: string, algorithms: readonly JwsAlgorithm[]): ProofKey | Refusal {
  const members = decodeJsonObject(encoded)
  if (!members || Object.hasOwn(members, 'crit') || Object.hasOwn(members, 'b64')) {
    return invalidDpopProof('proof_malformed')
  }
  if (mediaTypeOf(members.typ) !== 'dpop+jwt') return invalidDpopProof('proof_type')
  const algorithm = algorithms.find((name) => name === members.alg)
  if (!algorithm) return invalidDpopProof('proof_algorithm')
  return readProofKey(members.jwk, algorithm)
}
