import { createPublicKey, hash, verify as verifySignature } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { DIGESTS } from './node-crypto.mjs'
import { requireScope } from './scope.mjs'

/**
 * The least that a check with a cache can do: a digest, a look-up, base64url and JSON, the signature, one comparison for each
 * rule. It omits most of a library's rules, and shows what none can save.
 *
 * @param {import('../contestants.mjs').Settings} settings
 * @returns {import('../contestants.mjs').Verifier}
 */
export function create({ algorithm, issuer, audience, jwks }) {
  const [jwk] = jwks.keys
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const digest = DIGESTS[/** @type {keyof typeof DIGESTS} */ (algorithm)]
  const checkedBy = /** @type {const} */ ({ key, dsaEncoding: 'ieee-p1363' })
  /** @type {LRUCache<string, { exp: number }>} */
  const cache = new LRUCache({ max: 10_000 })

  function read(/** @type {string} */ token) {
    const [header, payload, signature] = token.split('.')
    const { alg, kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
    if (alg !== algorithm || kid !== jwk.kid) throw new Error('wrong key')
    const signed = Buffer.from(token.slice(0, header.length + 1 + payload.length))
    if (!verifySignature(digest, signed, checkedBy, Buffer.from(signature, 'base64url'))) throw new Error('signature')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    if (claims.iss !== issuer || claims.aud !== audience) throw new Error('wrong issuer or audience')
    return Object.freeze(claims)
  }

  return {
    verify(token) {
      const place = hash('sha256', token, 'base64')
      const claims = cache.get(place) ?? read(token)
      if (!(claims.exp > Date.now() / 1000)) throw new Error('expired')
      requireScope(claims)
      cache.set(place, claims)
    },
  }
}
