import { compactVerify, importJWK } from 'jose'
import type { SignatureEngine } from './engine.ts'

/** The portable engine: WebCrypto by way of jose. */
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
        return false // whatever it was, the signature has not been shown to be good
      }
    }
  },
}
