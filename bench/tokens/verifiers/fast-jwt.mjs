import { createPublicKey } from 'node:crypto'
import { createVerifier } from 'fast-jwt'
import { requireScope } from './scope.mjs'

/**
 * @param {import('../contestants.mjs').Settings} settings
 * @param {boolean} [cache]
 * @returns {import('../contestants.mjs').Verifier}
 */
export function create({ algorithm, issuer, audience, jwks }, cache = false) {
  const key = createPublicKey({ key: jwks.keys[0], format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  const algorithms = /** @type {import('fast-jwt').Algorithm[]} */ ([algorithm])
  const verify = createVerifier({ key, algorithms, allowedIss: issuer, allowedAud: audience, cache })
  return { verify: (token) => requireScope(verify(token)) }
}
