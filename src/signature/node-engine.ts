import { decodeBase64url, encodeAscii } from '../platform/encoding.ts'
import { builtin, type NodeCrypto } from '../platform/runtime.ts'
import { ALGORITHMS, type Algorithm } from './algorithms.ts'
import type { SignatureEngine, VerifySignature } from './engine.ts'
import type { JsonWebKey } from './jwk.ts'

/** The engine over `node:crypto`, or `undefined` where the runtime lacks it or has an incomplete one. */
export function createNodeEngine(fallback: SignatureEngine): SignatureEngine | undefined {
  const crypto = builtin('node:crypto')
  if (!crypto || !answersRightly(crypto)) return undefined
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
  const key = crypto.createPublicKey({ key: { kty, crv, n, e, x, y }, format: 'jwk' })
  const digest = algorithm.kty === 'OKP' ? null : algorithm.digest
  const bytes = algorithm.kty === 'RSA' ? undefined : algorithm.signatureBytes
  const input = { key, ...parametersOf(crypto, algorithm) }
  return ({ compact, signatureAt, signature }) => {
    if (bytes !== undefined && signature.length !== bytes) return false
    try {
      return crypto.verify(digest, encodeAscii(compact.slice(0, signatureAt - 1)), input, signature)
    } catch {
      return false // OpenSSL throws for some malformed signatures instead of saying no
    }
  }
}

function parametersOf(crypto: NodeCrypto, algorithm: Algorithm) {
  if (algorithm.kty === 'EC') return { dsaEncoding: 'ieee-p1363' as const }
  if (algorithm.kty !== 'RSA') return {}
  if (algorithm.padding === 'pkcs1') return { padding: crypto.constants.RSA_PKCS1_PADDING }
  // RFC 7518 §3.5: the salt is as long as the digest.
  return { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: algorithm.digestBytes }
}

// RFC 8037 appendix A.4, and the same signature with its first character changed.
const EXAMPLE_KEY = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
const EXAMPLE_TEXT = 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc'
const EXAMPLE_SIGNATURE = 'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg'

/** Runtimes that imitate `node:crypto` differ in how much of it they have; one that errs here is not used at all. */
function answersRightly(crypto: NodeCrypto): boolean {
  try {
    const key = crypto.createPublicKey({ key: EXAMPLE_KEY, format: 'jwk' })
    const check = (signature: string) => crypto.verify(null, encodeAscii(EXAMPLE_TEXT), { key }, bytesOf(signature))
    return check(EXAMPLE_SIGNATURE) && !check(`A${EXAMPLE_SIGNATURE.slice(1)}`)
  } catch {
    return false
  }
}

const bytesOf = (text: string): Uint8Array => decodeBase64url(text) ?? new Uint8Array()
