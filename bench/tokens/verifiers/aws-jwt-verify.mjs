import { JwtVerifier } from 'aws-jwt-verify'

/**
 * @param {import('../contestants.mjs').Settings} settings
 * @returns {import('../contestants.mjs').Verifier}
 */
export function create({ issuer, audience, jwks }) {
  const verifier = JwtVerifier.create({ issuer, audience, jwksUri: `${issuer}/.well-known/jwks.json` })
  verifier.cacheJwks(jwks)
  return { verify: (token) => verifier.verifySync(token) }
}
