import { decodeBase64url, passingBytes } from '../util/encoding.ts'
import { builtin, type NodeCrypto, type NodeKeyObject } from '../util/runtime.ts'
import { ALGORITHMS, type Algorithm } from './algorithms.ts'
import type { SignatureEngine, VerifySignature } from './engine.ts'
import type { JsonWebKey } from './jwk.ts'

/** The engine that uses `node:crypto`; `undefined` if the runtime has none or an incomplete one. */
export function createNodeEngine(fallback: SignatureEngine): SignatureEngine | undefined {
  const crypto = builtin('node:crypto')
  if (!crypto || !passesSelfTest(crypto)) return undefined
  return {
    name: 'node',
    importKey(jwk, name) {
      const algorithm = ALGORITHMS.get(name)
      if (!algorithm || algorithm.kty === 'AKP') return fallback.importKey(jwk, name)
      return verifierFor(crypto, jwk, algorithm)
    },
  }
}

function verifierFor(
  crypto: NodeCrypto,
  jwk: JsonWebKey,
  algorithm: Exclude<Algorithm, { kty: 'AKP' }>,
): VerifySignature {
  const { kty, crv, n, e, x, y } = jwk
  const key = nativeKey(crypto, crypto.createPublicKey({ key: { kty, crv, n, e, x, y }, format: 'jwk' }))
  const digest = algorithm.kty === 'OKP' ? null : algorithm.digest
  const bytes = algorithm.kty === 'RSA' ? undefined : algorithm.signatureBytes
  const input = { key, ...parametersOf(crypto, algorithm) }
  return ({ compact, signatureAt, signature }) => {
    if (bytes !== undefined && signature.length !== bytes) return false
    try {
      return crypto.verify(digest, passingBytes(compact, signatureAt - 1), input, signature)
    } catch {
      return false // OpenSSL throws for some malformed signatures
    }
  }
}

/**
 * Imports the key again from DER. For a JWK, Node creates a legacy OpenSSL key, which OpenSSL converts at each use:
 * half a microsecond per RSA verification.
 */
function nativeKey(crypto: NodeCrypto, key: NodeKeyObject): NodeKeyObject {
  const der = key.export?.({ type: 'spki', format: 'der' })
  return der ? crypto.createPublicKey({ key: der, format: 'der', type: 'spki' }) : key
}

function parametersOf(crypto: NodeCrypto, algorithm: Algorithm) {
  if (algorithm.kty === 'EC') return { dsaEncoding: 'ieee-p1363' as const }
  if (algorithm.kty !== 'RSA') return {}
  if (algorithm.padding === 'pkcs1') return { padding: crypto.constants.RSA_PKCS1_PADDING }
  // RFC 7518 §3.5: the salt has the length of the digest.
  return { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: algorithm.digestBytes }
}

// RFC 8037 appendix A.4. The self-test also checks this signature with its first character changed.
const EXAMPLE_KEY = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
const EXAMPLE_TEXT = 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc'
const EXAMPLE_SIGNATURE = 'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg'

/** Other runtimes implement `node:crypto` to different degrees; one that fails here is not used. */
function passesSelfTest(crypto: NodeCrypto): boolean {
  try {
    const key = crypto.createPublicKey({ key: EXAMPLE_KEY, format: 'jwk' })
    const check = (signature: string) => {
      const bytes = bytesOf(signature)
      return crypto.verify(null, passingBytes(EXAMPLE_TEXT, EXAMPLE_TEXT.length), { key }, bytes)
    }
    return check(EXAMPLE_SIGNATURE) && !check(`A${EXAMPLE_SIGNATURE.slice(1)}`)
  } catch {
    return false
  }
}

const bytesOf = (text: string): Uint8Array => decodeBase64url(text) ?? new Uint8Array()
