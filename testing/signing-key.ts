import { base64url, type CryptoKey, exportJWK, generateKeyPair, type JWK } from 'jose'

/** A key pair for one signing algorithm. */
export interface SigningKey {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  /** The public key, as published in the key set. */
  readonly jwk: JWK
}

let created = 0

/**
 * Creates a key pair for one signing algorithm.
 *
 * @param alg a JWS algorithm, such as `ES256` (default) or `RS256`
 * @throws {JOSENotSupported} the runtime or jose does not support the algorithm
 */
export async function createSigningKey(alg = 'ES256', kid = `key-${++created}`): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, publicKey, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

type Json = Readonly<Record<string, unknown>>

/** Encodes one part of a compact JWS. A string is encoded as it is, so that a part can be invalid JSON. */
export const encodePart = (part: Json | string): string =>
  base64url.encode(typeof part === 'string' ? part : JSON.stringify(part))

/** Signs with this key, whatever the header says. `undefined` members are omitted, as in JSON. */
export async function signParts(header: Json | string, claims: Json | string, key: SigningKey): Promise<string> {
  const text = `${encodePart(header)}.${encodePart(claims)}`
  return `${text}.${base64url.encode(await rawSignature(text, key))}`
}

const HASHES: Readonly<Record<string, string>> = { 'P-256': 'SHA-256', 'P-384': 'SHA-384', 'P-521': 'SHA-512' }

interface KeyAlgorithm {
  readonly name: string
  readonly namedCurve?: string
  readonly hash?: { readonly name: string }
}

/** No JWS library: those refuse to sign most invalid tokens. */
async function rawSignature(text: string, { privateKey }: SigningKey): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  return new Uint8Array(await crypto.subtle.sign(parametersOf(privateKey), privateKey as globalThis.CryptoKey, bytes))
}

/** RFC 7518 §3.4, §3.5: the curve determines the digest, and the salt is as long as the digest. */
function parametersOf(key: CryptoKey) {
  const { name, namedCurve, hash } = key.algorithm as KeyAlgorithm
  return {
    name,
    ...(name === 'ECDSA' && { hash: HASHES[namedCurve ?? ''] ?? 'SHA-256' }),
    ...(name === 'RSA-PSS' && { saltLength: Number(hash?.name.slice('SHA-'.length)) / 8 }),
  }
}

/** True if one of these keys signed the JWT. */
export async function isSignedByOneOf(token: string, keys: readonly SigningKey[]): Promise<boolean> {
  const [header, claims, signature, rest] = token.split('.')
  if (!header || !claims || !signature || rest !== undefined) return false
  const text = new TextEncoder().encode(`${header}.${claims}`)
  const bytes = decoded(signature)
  if (!bytes) return false
  const found = await Promise.all(
    keys.map(({ publicKey }) =>
      crypto.subtle.verify(parametersOf(publicKey), publicKey as globalThis.CryptoKey, bytes, text),
    ),
  )
  return found.includes(true)
}

function decoded(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return base64url.decode(text) as Uint8Array<ArrayBuffer>
  } catch {
    return undefined // an opaque token with two dots
  }
}

/** Signs with a shared secret (HS256), whatever the header says. */
export async function macParts(header: Json, claims: Json, secret: Uint8Array): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', secret as Uint8Array<ArrayBuffer>, algorithm, false, ['sign'])
  const text = `${encodePart(header)}.${encodePart(claims)}`
  const mac = await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(text))
  return `${text}.${base64url.encode(new Uint8Array(mac))}`
}
