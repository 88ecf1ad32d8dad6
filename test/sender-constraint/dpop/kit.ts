import { createHash } from 'node:crypto'
import type { JwsAlgorithm } from 'bearward'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import { DEFAULT_PROOF_ALGORITHMS } from '../../../src/sender-constraint/dpop/proof-algorithms.ts'
import { createTargets } from '../../../src/sender-constraint/dpop/target-uri.ts'
import {
  createProofVerifier,
  type PresentedProof,
  type ProofSettings,
} from '../../../src/sender-constraint/dpop/verify-proof.ts'

export const NOW = 1_800_000_000
export const TOKEN = 'header.claims.signature'
export const HTU = 'https://api.example.com/orders'

const encode = (value: string | Uint8Array): string => Buffer.from(value).toString('base64url')

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

const NAMES: Readonly<Record<string, string>> = { RS: 'RSASSA-PKCS1-v1_5', PS: 'RSA-PSS', ES: 'ECDSA', Ed: 'Ed25519' }

async function signatureOf(key: CryptoKey, algorithm: string, text: string): Promise<Uint8Array> {
  const name = NAMES[algorithm.slice(0, 2)] ?? algorithm
  const bits = algorithm.slice(2)
  const parameters = name === 'Ed25519' ? { name } : { name, hash: `SHA-${bits}`, saltLength: Number(bits) / 8 }
  return new Uint8Array(await crypto.subtle.sign(parameters, key, new TextEncoder().encode(text)))
}

export interface Changes {
  /** Header members that differ from the default; `undefined` removes one. */
  readonly header?: object
  /** The same for the claims. */
  readonly claims?: object
  /** The text of the claims, for invalid JSON. */
  readonly payload?: string
}

/** A client with its own key. */
export interface Client {
  readonly algorithm: JwsAlgorithm
  readonly jwk: JWK
  readonly privateJwk: JWK
  readonly jkt: string
  /** A valid proof except for the changes. */
  prove(changes?: Changes): Promise<string>
}

export async function createClient(algorithm: JwsAlgorithm = 'ES256', options: object = {}): Promise<Client> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true, ...options })
  const jwk = await exportJWK(publicKey)
  return {
    algorithm,
    jwk,
    privateJwk: await exportJWK(privateKey),
    jkt: await calculateJwkThumbprint(jwk),
    async prove({ header, claims, payload } = {}) {
      const protectedHeader = { typ: 'dpop+jwt', alg: algorithm, jwk, ...header }
      const usual = { jti: crypto.randomUUID(), htm: 'GET', htu: HTU, iat: NOW, ath: hashOf(TOKEN) }
      const text = payload ?? JSON.stringify({ ...usual, ...claims })
      const signed = `${encode(JSON.stringify(protectedHeader))}.${encode(text)}`
      return `${signed}.${encode(await signatureOf(privateKey, algorithm, signed))}`
    },
  }
}

/** Records the proofs it has seen, and counts its calls. */
export function createUses() {
  const seen: string[] = []
  return {
    seen,
    async firstUse(thumbprint: string, { jti }: { readonly jti: string }): Promise<boolean> {
      const key = `${thumbprint} ${jti}`
      const isFirst = !seen.includes(key)
      seen.push(key)
      return isFirst
    },
  }
}

export const settingsWith = (changes: Partial<ProofSettings> = {}): ProofSettings => ({
  algorithms: DEFAULT_PROOF_ALGORITHMS,
  maxAge: 60,
  clockTolerance: 15,
  maxBytes: 8192,
  targets: createTargets(['https://api.example.com']),
  clock: () => NOW,
  nonces: undefined,
  replay: createUses(),
  ...changes,
})

/** The outcome of a request: `good`, or the reason for the refusal. */
export async function outcomeOf(
  client: Client,
  lines: readonly string[] | string,
  overrides: Partial<PresentedProof> = {},
  verifier = createProofVerifier(settingsWith()),
): Promise<string> {
  const request = { method: 'GET', target: '/orders', token: TOKEN, jkt: client.jkt, ...overrides }
  const refusal = await verifier.verify({ lines: typeof lines === 'string' ? [lines] : lines, ...request })
  return refusal?.reason ?? 'good'
}
