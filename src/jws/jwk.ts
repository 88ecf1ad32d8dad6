import { decodeBase64url, encodeBase64url, type JsonObject } from '../util/encoding.ts'
import { ALGORITHMS, isJwsAlgorithm, type JwsAlgorithm, sameAlgorithm } from './algorithms.ts'
import { hasRocaModulus, isSmallOrderPoint } from './weak-keys.ts'

/** An unchecked member of a key set. */
export type JsonWebKey = JsonObject

const MIN_RSA_BITS = 2048

/** Maximum RSA key sizes: larger keys make verification slow. */
export interface RsaLimits {
  readonly modulusBits: number
  readonly exponentBits: number
}

// For the keys of authorization servers, which a tenant may run itself. A token without `kid` may be checked with each key of a
// set: with 100 keys of 16,384 bits, that took half a second, and a legal exponent has thousands of bits.
const PUBLISHED_KEYS: RsaLimits = { modulusBits: 8192, exponentBits: 32 }

// Members that only a private or symmetric key has (RFC 7518 §6.2.2, §6.3.2, §6.4.1, RFC 9964).
export const SECRET_MEMBERS: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/**
 * The one algorithm a key may be used with, or why it cannot be used (RFC 8725 §3.1).
 * A key without `alg` gets the first accepted algorithm that fits it: for RSA, RS256 by default.
 */
export function algorithmOf(
  jwk: JsonWebKey,
  accepted: readonly JwsAlgorithm[],
  limits: RsaLimits = PUBLISHED_KEYS,
): { readonly algorithm: JwsAlgorithm } | { readonly problem: string } {
  const problem = misuse(jwk)
  if (problem) return { problem }
  const algorithm = accepted.find((name) => fits(jwk, name))
  if (!algorithm) return { problem: 'no accepted algorithm fits it' }
  const misfit = missingMaterial(jwk) ?? WEAKNESSES[jwk.kty as string]?.(jwk, limits)
  return misfit ? { problem: misfit } : { algorithm }
}

const SYMMETRIC = 'it is symmetric'
const PRIVATE = 'it holds private key material'

/** The problems of keys that should never have been published. */
export const SECRET_PROBLEMS: readonly string[] = [SYMMETRIC, PRIVATE]

function misuse(jwk: JsonWebKey): string | undefined {
  if (jwk.kty === 'oct') return SYMMETRIC
  if (SECRET_MEMBERS.some((name) => Object.hasOwn(jwk, name))) return PRIVATE
  if (jwk.use !== undefined && jwk.use !== 'sig') return 'its use is not sig'
  if (jwk.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes('verify'))) {
    return 'its key_ops do not include verify'
  }
  if (jwk.alg !== undefined && !isJwsAlgorithm(jwk.alg)) return 'its alg is not a supported signature algorithm'
  return undefined
}

function fits(jwk: JsonWebKey, name: JwsAlgorithm): boolean {
  const algorithm = ALGORITHMS.get(name)
  if (!algorithm || jwk.kty !== algorithm.kty) return false
  if ('crv' in algorithm && jwk.crv !== algorithm.crv) return false
  if (typeof jwk.alg === 'string') return sameAlgorithm(jwk.alg, name)
  return algorithm.kty !== 'AKP' // RFC 9964: an AKP key names its algorithm
}

// RFC 7518 §6.2.1, §6.3.1, RFC 8037 §2, RFC 9964 §3. A certificate in `x5c` does not replace them (RFC 7517 §4.7).
const MATERIAL: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['RSA', ['n', 'e']],
  ['EC', ['x', 'y']],
  ['OKP', ['x']],
  ['AKP', ['pub']],
])

function missingMaterial(jwk: JsonWebKey): string | undefined {
  const missing = (MATERIAL.get(jwk.kty) ?? []).filter((name) => typeof jwk[name] !== 'string')
  return missing.length > 0 ? `it has no ${missing.join(' and ')}` : undefined
}

/** RFC 7518 §3.3 and FIPS 186-5 §5.1: at least 2048 bits and an odd exponent above 2^16. */
function problemOfRsa(jwk: JsonWebKey, { modulusBits, exponentBits: max }: RsaLimits): string | undefined {
  if (!bytesOf(jwk.n)) return 'its n is not base64url'
  const bits = bitLength(jwk.n)
  if (bits < MIN_RSA_BITS) return `its modulus has fewer than ${MIN_RSA_BITS} bits`
  if (bits > modulusBits) return `its modulus has more than ${modulusBits} bits`
  const exponent = bytesOf(jwk.e)
  const exponentBits = bitLength(jwk.e)
  if (!exponent || exponentBits < 17 || ((exponent.at(-1) ?? 0) & 1) === 0) return 'its exponent is too small or even'
  if (exponentBits > max) return 'its exponent is too large'
  return hasRocaModulus(bytesOf(jwk.n) ?? NO_BYTES) ? 'its modulus has the ROCA flaw' : undefined
}

function problemOfPoint({ x }: JsonWebKey): string | undefined {
  const point = bytesOf(x)
  return point && isSmallOrderPoint(point) ? 'its point has a small order, so anyone can sign for it' : undefined
}

const WEAKNESSES: Readonly<Record<string, (jwk: JsonWebKey, limits: RsaLimits) => string | undefined>> = {
  RSA: problemOfRsa,
  OKP: problemOfPoint,
}

const NO_BYTES = new Uint8Array()

/** The bytes of a member in base64url; `undefined` for anything else. */
export const bytesOf = (member: unknown): Uint8Array | undefined =>
  typeof member === 'string' ? decodeBase64url(member) : undefined

export function bitLength(member: unknown): number {
  const bytes = bytesOf(member)
  const first = bytes?.findIndex((byte) => byte !== 0) ?? -1
  if (!bytes || first === -1) return 0
  return (bytes.length - first) * 8 - (Math.clz32(bytes[first] as number) - 24)
}

/** The length of a coordinate in bytes (RFC 7518 §6.2.1.2). */
export const COORDINATE_BYTES: ReadonlyMap<unknown, number> = new Map([
  ['P-256', 32],
  ['P-384', 48],
  ['P-521', 66],
])

/**
 * Pads coordinates to the full length that RFC 7518 §6.2.1.2 requires. Some servers omit leading zeros, which affects
 * one key in 128, and not every runtime accepts such a key.
 */
export function withFullCoordinates(jwk: JsonWebKey): JsonWebKey {
  const bytes = COORDINATE_BYTES.get(jwk.crv)
  return bytes === undefined ? jwk : { ...jwk, x: padded(jwk.x, bytes), y: padded(jwk.y, bytes) }
}

function padded(coordinate: unknown, bytes: number): unknown {
  const short = bytesOf(coordinate)
  if (!short || short.length >= bytes) return coordinate
  return encodeBase64url(String.fromCharCode(...short).padStart(bytes, '\0'))
}
