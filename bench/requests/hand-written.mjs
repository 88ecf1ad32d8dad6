import { createPublicKey, hash, verify } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { CACHE_LIFETIME } from './servers/options.mjs'

/**
 * The minimum without a library: a digest, a look-up, and for a new token one verification and the required claims. It
 * omits most of a library's checks, and shows the cost that no library can avoid.
 *
 * @typedef {object} Found
 * @property {any} claims
 * @property {number} expiry
 * @property {Set<string>} scopes
 *
 * @typedef {{ status: 200 | 401 | 403, claims?: any }} Outcome
 */

/**
 * @param {import('./server.mjs').Settings} settings
 * @returns {Promise<(authorization: string | undefined) => Outcome | Promise<Outcome>>}
 */
export async function createCheck({ issuer, audience, algorithm, scope, jwksUrl, introspectionUrl }) {
  const { keys } = await (await fetch(jwksUrl)).json()
  const key = createPublicKey({ key: keys[0], format: 'jwk' })
  /** @type {LRUCache<string, Found>} */
  const cache = new LRUCache({ max: 10_000 })

  const store = (/** @type {string} */ digest, /** @type {any} */ claims, /** @type {number} */ expiry) => {
    const found = { claims, expiry, scopes: new Set(claims.scope.split(' ')) }
    cache.set(digest, found)
    return found
  }

  const decide = (/** @type {Found} */ { claims, scopes }) =>
    scopes.has(scope) ? /** @type {Outcome} */ ({ status: 200, claims }) : FORBIDDEN

  function verifyJwt(/** @type {string} */ token, /** @type {string} */ digest) {
    const [header, payload, signature] = token.split('.')
    const { alg, kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
    if (alg !== algorithm || kid !== keys[0].kid) return UNAUTHORIZED
    const signed = Buffer.from(token.slice(0, header.length + 1 + payload.length))
    if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url'))) return UNAUTHORIZED
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const isGood = claims.iss === issuer && claims.aud === audience && claims.exp > Date.now() / 1000
    return isGood ? decide(store(digest, claims, claims.exp)) : UNAUTHORIZED
  }

  async function introspect(/** @type {string} */ token, /** @type {string} */ digest) {
    const headers = { authorization: 'Bearer secret' }
    const response = await fetch(introspectionUrl, { method: 'POST', headers, body: new URLSearchParams({ token }) })
    const claims = await response.json()
    if (claims.active !== true) return UNAUTHORIZED
    return decide(store(digest, claims, Math.min(claims.exp, Date.now() / 1000 + CACHE_LIFETIME)))
  }

  return (authorization) => {
    if (!authorization?.startsWith('Bearer ')) return UNAUTHORIZED
    const token = authorization.slice(7)
    const digest = hash('sha256', token, 'base64')
    const found = cache.get(digest)
    if (found && found.expiry > Date.now() / 1000) return decide(found)
    try {
      return token.includes('.') ? verifyJwt(token, digest) : introspect(token, digest)
    } catch {
      return UNAUTHORIZED
    }
  }
}

/** @type {Outcome} */
const UNAUTHORIZED = { status: 401 }
/** @type {Outcome} */
const FORBIDDEN = { status: 403 }

/**
 * Continues synchronously if there is nothing to wait for.
 *
 * @template T
 * @param {Outcome | Promise<Outcome>} outcome
 * @param {(outcome: Outcome) => T} next
 */
export const whenDecided = (outcome, next) => (outcome instanceof Promise ? outcome.then(next) : next(outcome))
