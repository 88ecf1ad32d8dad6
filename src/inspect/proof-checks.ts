import { BearwardError, InvalidDpopProof } from '../errors/errors.ts'
import { splitCompact } from '../jws/compact.ts'
import { readProofClaims } from '../sender-constraint/dpop/proof-claims.ts'
import { readProofHeader } from '../sender-constraint/dpop/proof-header.ts'
import { loadProofKey, type ProofKey, thumbprintOf } from '../sender-constraint/dpop/proof-key.ts'
import { dpopShape } from '../sender-constraint/settings.ts'
import { decodeBase64url, type JsonObject } from '../util/encoding.ts'
import type { NumericDate } from '../util/time.ts'
import type { CheckResult } from './token-checks.ts'

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
  let key: ProofKey | undefined
  const header = await run('header', 'typ, algorithm and a public key, as accepted', () => {
    key = readProofHeader(parts.header, algorithms)
  })
  const rest = [
    await run('claims', 'jti, htm, htu, iat and ath, each with the right type', () => readProofClaims(claims)),
    await run('time', `created no more than ${maxAge} s ago, and no more than ${clockTolerance} s ahead`, () => {
      const age = now - Number(claims.iat)
      if (!(age <= maxAge && age >= -clockTolerance)) throw new InvalidDpopProof('proof_time')
    }),
  ]
  if (!key) return [header, ...rest]
  const { algorithm } = key
  const thumbprint = await thumbprintOf(key)
  const signature = await run('signature', `verifies with its own key, thumbprint ${thumbprint}`, async () => {
    const { verify } = await loadProofKey(key as ProofKey, thumbprint)
    const bytes = decodeBase64url(parts.signature)
    const signed = { algorithm, compact: proof, signatureAt: parts.signatureAt, signature: bytes ?? new Uint8Array() }
    if (!bytes || !(await verify(signed))) throw new InvalidDpopProof('proof_signature')
  })
  return [header, ...rest, signature]
}

async function run(check: string, words: string, step: () => unknown): Promise<CheckResult> {
  try {
    await step()
    return { check, outcome: 'met', words }
  } catch (thrown) {
    if (thrown instanceof BearwardError) return { check, outcome: 'refused', words, reason: thrown.reason }
    throw thrown
  }
}
