import type { JwsAlgorithm } from './algorithms.ts'
import type { JsonWebKey } from './jwk.ts'

/** A compact JWS, split once (RFC 7515 §3.1). */
export interface SignedText {
  /** The `alg` of its header, which is a supported algorithm. */
  readonly algorithm: JwsAlgorithm
  readonly compact: string
  /** The index of the signature in `compact`; everything before its dot is signed. */
  readonly signatureAt: number
  readonly signature: Uint8Array
}

export type VerifySignature = (signed: SignedText) => boolean | Promise<boolean>

/** Turns a public key into a function that checks signatures. Rejects or throws if it cannot use the key. */
export interface SignatureEngine {
  readonly name: 'node' | 'web'
  importKey(jwk: JsonWebKey, algorithm: JwsAlgorithm): VerifySignature | Promise<VerifySignature>
}

/** An imported public key. A key keeps its object identity as long as it stays in its set. */
export interface VerificationKey {
  readonly verify: VerifySignature
}
