import { invalidDpopProof, useDpopNonce } from '../../errors/proof-refusals.ts'
import { invalidToken, Refusal } from '../../errors/refusal.ts'
import { trimOptionalWhitespace } from '../../http/grammar.ts'
import type { JwsAlgorithm } from '../../jws/algorithms.ts'
import { splitCompact } from '../../jws/compact.ts'
import { textDigestOf } from '../../util/digest.ts'
import { decodeBase64url, decodeJsonObject } from '../../util/encoding.ts'
import type { NumericDate, Seconds } from '../../util/time.ts'
import type { Nonces } from './nonce.ts'
import { isCurrent, type ProofClaims, readProofClaims } from './proof-claims.ts'
import { readProofHeader } from './proof-header.ts'
import { createProofKeys, type LoadedProofKey, loadProofKey, type ProofKey } from './proof-key.ts'
import type { ReplayGuard } from './replay-guard.ts'
import type { Targets } from './target-uri.ts'

export interface ProofSettings {
  /** The asymmetric algorithms that a proof may be signed with. */
  readonly algorithms: readonly JwsAlgorithm[]
  /** The maximum age of a proof. */
  readonly maxAge: Seconds
  /** How far `iat` may be in the future. */
  readonly clockTolerance: Seconds
  /** The maximum length of a proof in characters. */
  readonly maxBytes: number
  readonly targets: Targets
  readonly clock: () => NumericDate
  /** `undefined` if no nonce is required. */
  readonly nonces: Nonces | undefined
  readonly replay: Pick<ReplayGuard, 'firstUse'>
}

/** What a request presents with a DPoP-bound token. */
export interface PresentedProof {
  /** The `DPoP` header lines in order. */
  readonly lines: readonly string[]
  readonly method: string
  /** The request target as received. */
  readonly target: string
  /** The presented access token, already verified. */
  readonly token: string
  /** The thumbprint of the key that the token is bound to (RFC 9449 §6.1). */
  readonly jkt: string
}

export interface ProofVerifier {
  /**
   * Refuses a request that does not prove possession of the key. Cheap checks come first. A proof that fails any check is
   * not recorded as used.
   *
   * @see RFC 9449 §4.3
   */
  verify(presented: PresentedProof): Promise<Refusal | undefined>
}

interface UnverifiedProof {
  readonly encodedHeader: string
  readonly key: ProofKey | LoadedProofKey
  readonly claims: ProofClaims
  readonly compact: string
  readonly signatureAt: number
  readonly signature: Uint8Array
}

export function createProofVerifier(settings: ProofSettings): ProofVerifier {
  const { targets, clock, nonces, replay } = settings
  const keys = createProofKeys()

  function read(lines: readonly string[]): UnverifiedProof | Refusal {
    const compact = onlyProof(lines, settings.maxBytes)
    if (compact instanceof Refusal) return compact
    const parts = splitCompact(compact)
    if (!parts) return invalidDpopProof('proof_malformed')
    const { header, payload, signatureAt } = parts
    const key = keys.find(header) ?? readProofHeader(header, settings.algorithms)
    if (key instanceof Refusal) return key
    const members = decodeJsonObject(payload)
    const signature = decodeBase64url(parts.signature)
    if (!members || !signature || signature.length === 0) return invalidDpopProof('proof_malformed')
    const claims = readProofClaims(members)
    return claims instanceof Refusal ? claims : { encodedHeader: header, key, claims, compact, signatureAt, signature }
  }

  /** RFC 9449 §4.3 checks 8, 9, 11 */
  function checkRequest(claims: ProofClaims, method: string, target: string): Refusal | undefined {
    if (claims.htm !== method) return invalidDpopProof('proof_method')
    if (!targets.matches(claims.htu, target)) return invalidDpopProof('proof_target')
    return isCurrent(claims, clock(), settings) ? undefined : invalidDpopProof('proof_time')
  }

  /** Check 10 */
  async function checkNonce(nonce: unknown): Promise<Refusal | undefined> {
    return !nonces || (await nonces.accepts(nonce)) ? undefined : useDpopNonce(await nonces.current())
  }

  /** Checks 6 and 12, which are expensive, and then the only check with a side effect: replay (RFC 9449 §11.1). */
  async function checkPossession(proof: UnverifiedProof, jkt: string): Promise<Refusal | undefined> {
    const { encodedHeader, claims, compact, signatureAt, signature } = proof
    const key = await loadKey(proof.key, jkt)
    if (key instanceof Refusal) return key
    const { algorithm } = key
    if (!(await key.verify({ algorithm, compact, signatureAt, signature }))) return invalidDpopProof('proof_signature')
    if (key !== proof.key) keys.keep(encodedHeader, key)
    const isFirst = await replay.firstUse(jkt, claims)
    if (isFirst instanceof Refusal) return isFirst
    return isFirst ? undefined : invalidDpopProof('proof_replayed')
  }

  return {
    async verify({ lines, method, target, token, jkt }) {
      const proof = read(lines)
      if (proof instanceof Refusal) return proof
      const { claims } = proof
      const refusal = checkRequest(claims, method, target)
      if (refusal) return refusal
      if (claims.ath !== (await textDigestOf(token))) return invalidDpopProof('proof_token')
      return (await checkNonce(claims.nonce)) ?? checkPossession(proof, jkt)
    },
  }
}

async function loadKey(key: ProofKey | LoadedProofKey, jkt: string): Promise<LoadedProofKey | Refusal> {
  if (!('verify' in key)) return loadProofKey(key, jkt)
  return key.thumbprint === jkt ? key : invalidToken('confirmation')
}

/** RFC 9449 §4.3 check 1. No proof contains a comma; it joins two header lines (RFC 9110 §5.3). */
function onlyProof(lines: readonly string[], maxBytes: number): string | Refusal {
  const [line] = lines
  if (line === undefined) return invalidDpopProof('proof_missing')
  if (lines.length > 1) return invalidDpopProof('several_proofs')
  // Checked before anything is parsed.
  if (line.length > maxBytes) return invalidDpopProof('proof_too_large')
  return line.includes(',') ? invalidDpopProof('several_proofs') : trimOptionalWhitespace(line)
}
