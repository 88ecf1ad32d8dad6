import { LRUCache } from 'lru-cache'
import { invalidDpopProof } from '../../errors/proof-refusals.ts'
import { invalidToken, type Refusal } from '../../errors/refusal.ts'
import type { JwsAlgorithm } from '../../jws/algorithms.ts'
import { signatureEngine } from '../../jws/default-engine.ts'
import type { VerifySignature } from '../../jws/engine.ts'
import { algorithmOf, bytesOf, COORDINATE_BYTES, type JsonWebKey, type RsaLimits } from '../../jws/jwk.ts'
import { textDigestOf } from '../../util/digest.ts'
import { isObject } from '../../util/encoding.ts'
import { detachedCopy } from '../../util/memoize.ts'

// The usual exponent has 17 bits. With these limits, the most expensive key costs two to three times as much as ES256.
const PROOF_KEYS: RsaLimits = { modulusBits: 4096, exponentBits: 32 }

/** The required members of a public key, in the order of RFC 7638 §3.2 (and RFC 8037 §2, RFC 9964). */
const MEMBERS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['OKP', ['crv', 'kty', 'x']],
  ['RSA', ['e', 'kty', 'n']],
  ['AKP', ['alg', 'kty', 'pub']],
])

/** The size of the largest ML-DSA key (RFC 9964, FIPS 204 table 2). */
const MAX_PUBLIC_KEY_BYTES = 2592

/** The public key of a proof, reduced to its required members. The caller chose it, so it is not trusted. */
export interface ProofKey {
  readonly algorithm: JwsAlgorithm
  readonly jwk: JsonWebKey
}

/**
 * Reads the `jwk` of a proof: a public key for the algorithm in its header, in canonical encoding. Size limits are checked
 * before anything is computed with it.
 *
 * Not checked here: that a point lies on its curve. Loading the key checks it.
 *
 * Refused with `proof_key`
 * @see RFC 9449 §4.3 checks 5 and 7; RFC 7518 §6
 */
export function readProofKey(jwk: unknown, algorithm: JwsAlgorithm): ProofKey | Refusal {
  if (!isObject(jwk)) return invalidDpopProof('proof_key')
  const names = MEMBERS.get(jwk.kty)
  if (!names || !('algorithm' in algorithmOf(jwk, [algorithm], PROOF_KEYS)) || !isCanonical(jwk)) {
    return invalidDpopProof('proof_key')
  }
  return { algorithm, jwk: Object.fromEntries(names.map((name) => [name, jwk[name]])) }
}

// RFC 7518 §2, §6.2.1.2: each number has one encoding. With two, a key would have two thumbprints.
function isCanonical({ kty, crv, x, y, n, e, pub }: JsonWebKey): boolean {
  if (kty === 'EC') return [x, y].every((coordinate) => lengthOf(coordinate) === COORDINATE_BYTES.get(crv))
  if (kty === 'OKP') return lengthOf(x) === 32 // RFC 8037 §2, RFC 8032 §5.1.5
  if (kty === 'RSA') return [n, e].every((number) => bytesOf(number)?.[0] !== 0)
  return (lengthOf(pub) ?? Number.POSITIVE_INFINITY) <= MAX_PUBLIC_KEY_BYTES
}

const lengthOf = (member: unknown): number | undefined => bytesOf(member)?.length

/** RFC 7638 §3: base64url of the SHA-256 over the required members. */
export const thumbprintOf = ({ jwk }: ProofKey): Promise<string> => textDigestOf(JSON.stringify(jwk))

/** An imported proof key. */
export interface LoadedProofKey {
  readonly algorithm: JwsAlgorithm
  readonly thumbprint: string
  readonly verify: VerifySignature
}

/**
 * Imports a key if the token is bound to it. Nothing is computed with any other key, so only the holder of a token can
 * cause that cost.
 *
 * Refused with `confirmation` for another key (RFC 9449 §4.3 check 12), and with `proof_key` for an invalid one.
 */
export async function loadProofKey(key: ProofKey, jkt: string): Promise<LoadedProofKey | Refusal> {
  const thumbprint = await thumbprintOf(key)
  if (thumbprint !== jkt) return invalidToken('confirmation')
  const { algorithm, jwk } = key
  try {
    return { algorithm, thumbprint, verify: await signatureEngine.importKey(jwk, algorithm) }
  } catch {
    return invalidDpopProof('proof_key') // without a cause: it may quote the key
  }
}

/** Keys by the encoded header of their proof: all proofs of a client have the same header. */
export interface ProofKeys {
  find(encodedHeader: string): LoadedProofKey | undefined
  /** Call it only after the signature was verified, so that no one can fill the cache with keys that no token is bound to. */
  keep(encodedHeader: string, key: LoadedProofKey): void
}

const MAX_KEYS = 1000

export function createProofKeys(): ProofKeys {
  let keys: LRUCache<string, LoadedProofKey> | undefined
  return {
    find: (encodedHeader) => keys?.get(encodedHeader),
    keep(encodedHeader, key) {
      keys ??= new LRUCache({ max: MAX_KEYS })
      keys.set(detachedCopy(encodedHeader), key)
    },
  }
}
