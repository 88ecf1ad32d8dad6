import { compactVerify, importJWK } from 'jose'
import type { SignatureEngine } from './engine.ts'

/** The portable engine: WebCrypto through jose. */
export const webEngine: SignatureEngine = {
  name: 'web',
  async importKey(jwk, algorithm) {
    const { kty, crv, n, e, x, y, pub } = jwk
    const key = await importJWK(JSON.parse(JSON.stringify({ kty, crv, n, e, x, y, pub, alg: algorithm })), algorithm)
    return async (signed) => {
      try {
        await compactVerify(signed.compact, key, { algorithms: [signed.algorithm] })
        return true
      } catch {
        return false // after any error, the signature is not verified
      }
    }
  },
}
