import { limitsShape } from '../config/limits.ts'
import { invalidDpopProof } from '../errors/proof-refusals.ts'
import { Refusal } from '../errors/refusal.ts'
import { splitCompact } from '../jws/compact.ts'
import { isCurrent, readProofClaims } from '../sender-constraint/dpop/proof-claims.ts'
import { readProofHeader } from '../sender-constraint/dpop/proof-header.ts'
import { loadProofKey, type ProofKey, thumbprintOf } from '../sender-constraint/dpop/proof-key.ts'
import { dpopShape } from '../sender-constraint/settings.ts'
import { decodeBase64url, type JsonObject } from '../util/encoding.ts'
import type { NumericDate } from '../util/time.ts'
import { type CheckResult, result } from './token-checks.ts'

/**
 * The checks that a DPoP proof allows on its own, since it contains its key.
 *
 * Not checked here: method, URI, access token and nonce, which need a request; and replay.
 *
 * @see RFC 9449 §4.3
 */
export async function proofChecksOf(
  proof: string,
  claims: JsonObject,
  now: NumericDate,
): Promise<readonly CheckResult[]> {
  const parts = splitCompact(proof)
  if (!parts) return []
  const { algorithms, maxAge, clockTolerance } = dpopShape('accept', 'dpop')
  const limit = limitsShape({}, 'limits').proof
  const key = proof.length > limit ? invalidDpopProof('proof_too_large') : readProofHeader(parts.header, algorithms)
  const read = readProofClaims(claims)
  const checks = [
    result('header', 'an accepted typ, algorithm and public key, within the size limit', key),
    result('claims', 'jti, htm, htu, iat and ath, each with the right type', read),
    result(
      'time',
      `created no more than ${maxAge} s ago, and no more than ${clockTolerance} s in the future, by iat, exp and nbf`,
      (!(read instanceof Refusal) && isCurrent(read, now, { maxAge, clockTolerance })) ||
        invalidDpopProof('proof_time'),
    ),
  ]
  if (key instanceof Refusal) return checks
  const thumbprint = await thumbprintOf(key)
  const words = `verifies with its own key, thumbprint ${thumbprint}`
  return [...checks, result('signature', words, await checkSignature(proof, key, thumbprint))]
}

async function checkSignature(proof: string, key: ProofKey, thumbprint: string): Promise<Refusal | undefined> {
  const loaded = await loadProofKey(key, thumbprint)
  if (loaded instanceof Refusal) return loaded
  const { signature = '', signatureAt = 0 } = splitCompact(proof) ?? {}
  const bytes = decodeBase64url(signature)
  const { algorithm } = key
  const isValid = bytes && (await loaded.verify({ algorithm, compact: proof, signatureAt, signature: bytes }))
  return isValid ? undefined : invalidDpopProof('proof_signature')
}
