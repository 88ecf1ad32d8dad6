import { type CryptoKey, importJWK, type JWK } from 'jose'
import { isObject, type JsonObject } from '../util/encoding.ts'
import { ALGORITHMS, isJwsAlgorithm, type JwsAlgorithm, sameAlgorithm } from './algorithms.ts'
import { algorithmOf, SECRET_MEMBERS } from './jwk.ts'

/** Uses jose's type, since not every runtime's types declare a global one. */
export const isCryptoKey = (value: unknown): value is CryptoKey =>
  typeof globalThis.CryptoKey === 'function' && value instanceof globalThis.CryptoKey

type Fitting = { readonly algorithm: JwsAlgorithm } | { readonly problem: string }

/** The algorithm for signing with one of our private keys, or why it cannot sign. */
export function algorithmFor(key: CryptoKey | JsonObject, named: JwsAlgorithm | undefined): Fitting {
  if (isCryptoKey(key)) return algorithmForCryptoKey(key, named)
  return isObject(key) ? algorithmForJwk(key, named) : { problem: 'it is not a key' }
}

/** The members of a private key (RFC 7518 §6.2, §6.3, RFC 8037 §2, RFC 9964). */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'],
  EC: ['crv', 'x', 'y', 'd'],
  OKP: ['crv', 'x', 'd'],
  AKP: ['alg', 'pub', 'priv'],
}

function algorithmForJwk(jwk: JsonObject, named: JwsAlgorithm | undefined): Fitting {
  if (jwk.kty === 'oct') return { problem: 'it is symmetric' }
  const missing = (MEMBERS[String(jwk.kty)] ?? []).find((name) => typeof jwk[name] !== 'string')
  if (missing !== undefined) return { problem: `it is not a private key: it has no ${missing}` }
  const ignored = [...SECRET_MEMBERS, 'use', 'key_ops']
  const publicHalf = Object.fromEntries(Object.entries(jwk).filter(([name]) => !ignored.includes(name)))
  // Prefer the name the key uses: of two names for one algorithm, servers may support only that one.
  const own = named ?? jwk.alg
  return algorithmOf(publicHalf, isJwsAlgorithm(own) ? [own] : ([...ALGORITHMS.keys()] as JwsAlgorithm[]))
}

/** Imports a private key that {@link algorithmFor} accepted, for signing with jose. */
export async function importSigningKey(key: CryptoKey | JsonObject, algorithm: JwsAlgorithm): Promise<CryptoKey> {
  if (isCryptoKey(key)) return key
  const { use: _, key_ops: __, ...jwk } = key as JWK
  return (await importJWK({ ...jwk, alg: algorithm }, algorithm)) as CryptoKey
}

interface CryptoKeyAlgorithm {
  readonly name: string
  readonly hash?: { readonly name: string }
  readonly namedCurve?: string
}

function algorithmForCryptoKey({ type, usages, algorithm }: CryptoKey, named: JwsAlgorithm | undefined): Fitting {
  if (type !== 'private') return { problem: `it is a ${type} key` }
  if (!usages.includes('sign')) return { problem: 'its usages do not include sign' }
  const own = nameOf(algorithm as CryptoKeyAlgorithm)
  if (!isJwsAlgorithm(own)) return { problem: 'no algorithm fits it' }
  if (named && !sameAlgorithm(named, own)) return { problem: `it is a key for ${own}` }
  return { algorithm: named ?? own }
}

function nameOf({ name, hash, namedCurve }: CryptoKeyAlgorithm): string {
  const bits = hash?.name.slice('SHA-'.length) ?? ''
  if (name === 'RSASSA-PKCS1-v1_5') return `RS${bits}`
  if (name === 'RSA-PSS') return `PS${bits}`
  if (name === 'ECDSA') return { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' }[namedCurve ?? ''] ?? ''
  return name === 'Ed25519' ? 'EdDSA' : name
}
