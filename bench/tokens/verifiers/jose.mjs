import { createLocalJWKSet, jwtVerify } from 'jose'
import { requireScope } from './scope.mjs'

/**
 * @param {import('../contestants.mjs').Settings} settings
 * @returns {import('../contestants.mjs').Verifier}
 */
export function create({ algorithm, issuer, audience, jwks }) {
  const keys = createLocalJWKSet(jwks)
  const options = { algorithms: [algorithm], issuer, audience }
  return {
    async verify(token) {
      const { payload } = await jwtVerify(token, keys, options)
      requireScope(payload)
    },
  }
}
