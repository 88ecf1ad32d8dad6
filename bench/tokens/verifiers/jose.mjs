import { createLocalJWKSet, jwtVerify } from 'jose'

/**
 * @param {import('../contestants.mjs').Settings} settings
 * @returns {import('../contestants.mjs').Verifier}
 */
export function create({ algorithm, issuer, audience, jwks }) {
  const keys = createLocalJWKSet(jwks)
  const options = { algorithms: [algorithm], issuer, audience }
  return { verify: (token) => jwtVerify(token, keys, options) }
}
