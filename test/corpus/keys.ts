import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { JsonWebKeySet, JwsAlgorithm } from 'bearward'

/** A key pair that signs with one algorithm, and its place in a key set. */
export interface Signer {
  readonly kid: string
  readonly alg: string
  readonly publicKey: KeyObject
  readonly jwk: Readonly<Record<string, unknown>>
  /** A raw JWS signature (RFC 7518 §3). */
  sign(text: string): Buffer
}

const RSA = { modulusLength: 2048 }

/** A signer for an algorithm. RSA signers can share key material: sharing must not confuse algorithms. */
export function createSigner(alg: string, kid: string, pair = createPair(alg)): Signer {
  const { publicKey, privateKey } = pair
  // The same signature for the same text, although ECDSA is random: equal cases are then equal bytes and are detected.
  const cached = new Map<string, Buffer>()
  return {
    kid,
    alg,
    publicKey,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' },
    sign(text) {
      const signature = cached.get(text) ?? signAs(alg, privateKey, text)
      cached.set(text, signature)
      return Buffer.from(signature)
    },
  }
}

export interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

export function createPair(alg: string): KeyPair {
  if (alg.startsWith('ES')) return generateKeyPairSync('ec', { namedCurve: CURVES[alg.slice(2)] as string })
  if (alg.startsWith('Ed')) return generateKeyPairSync('ed25519')
  return generateKeyPairSync('rsa', RSA)
}

const CURVES: Readonly<Record<string, string>> = { 256: 'P-256', 384: 'P-384', 512: 'P-521' }

/** Signs with any key of a fitting type: creates tokens with the wrong algorithm. */
export function signAs(alg: string, key: KeyObject, text: string, saltLength?: number): Buffer {
  const bytes = Buffer.from(text)
  if (alg.startsWith('Ed')) return sign(null, bytes, key)
  const size = alg.slice(2)
  if (alg.startsWith('ES')) return sign(`sha${size}`, bytes, { key, dsaEncoding: 'ieee-p1363' })
  if (alg.startsWith('RS')) return sign(`sha${size}`, bytes, key)
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return sign(`sha${size}`, bytes, { key, padding, saltLength: saltLength ?? Number(size) / 8 })
}

export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const satisfies readonly JwsAlgorithm[]

export type SignedWith = (typeof ALGORITHMS)[number]

export const keySetOf = (...signers: readonly Signer[]): JsonWebKeySet => ({ keys: signers.map(({ jwk }) => jwk) })
