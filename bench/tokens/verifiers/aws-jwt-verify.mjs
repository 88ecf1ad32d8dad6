import { JwtVerifier } from 'aws-jwt-verify'
import { requireScope } from './scope.mjs'

/**
 * @param {import('../contestants.mjs').Settings} settings
 * @returns {import('../contestants.mjs').Verifier}
 */
export function create({ issuer, audience, jwks }) {
  const verifier = JwtVerifier.create({ issuer, audience, jwksUri: `${issuer}/.well-known/jwks.json` })
  verifier.cacheJwks(jwks)
  return { verify: (token) => requireScope(verifier.verifySync(token)) }
}
