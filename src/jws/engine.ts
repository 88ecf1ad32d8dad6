import type { MaybePromise } from '../util/maybe-promise.ts'
import type { JwsAlgorithm } from './algorithms.ts'
import type { JsonWebKey } from './jwk.ts'

/** A compact JWS, taken apart once (RFC 7515 §3.1). */
export interface SignedText {
  /** The `alg` of its header, known to be in the table. */
  readonly algorithm: JwsAlgorithm
  readonly compact: string
  /** Where the signature part begins in `compact`; what stands before the dot is signed. */
  readonly signatureAt: number
  readonly signature: Uint8Array
}

export type VerifySignature = (signed: SignedText) => MaybePromise<boolean>

/** Turns a public key into a function that checks signatures. Rejects or throws where it cannot use the key. */
export interface SignatureEngine {
  readonly name: 'node' | 'web'
  importKey(jwk: JsonWebKey, algorithm: JwsAlgorithm): MaybePromise<VerifySignature>
}

/** A public key that is ready to check signatures. One key is one object, as long as it stays in its set. */
export interface VerificationKey {
  readonly verify: VerifySignature
}
