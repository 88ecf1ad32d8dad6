import { randomBytes } from 'node:crypto'
import { faults } from '../lib/bad-tokens.mjs'
import { AUDIENCE, createIssuer, introspect, opaqueToken } from '../lib/issuer.mjs'
import { sizedToken } from '../lib/sized-token.mjs'

/**
 * A stream of distinct tokens.
 *
 * @typedef {object} Traffic
 * @property {string} title
 * @property {boolean} good whether the requests get through
 * @property {boolean} [opaque] needs a build that decides opaque tokens
 * @property {number} [share] of the count: fewer where one takes long
 * @property {2} [times] how often each token comes. Default: once
 * @property {() => string} next token
 */

const issuer = createIssuer('ES256') // the quickest to sign and verify a million of
const stranger = createIssuer('ES256')

const randomText = (/** @type {number} */ bytes) => randomBytes(bytes).toString('base64url')

/** @type {Record<string, Traffic>} */
export const traffic = {
  jwt: { title: 'valid JWTs of 0.5 KiB', good: true, next: () => issuer.sign() },
  twice: { title: 'valid JWTs of 0.5 KiB, each twice', good: true, times: 2, next: () => issuer.sign() },
  large: {
    title: 'valid JWTs of 8 KiB, each twice',
    good: true,
    times: 2,
    share: 0.1,
    next: () => sizedToken(issuer, 8 * 1024),
  },
  opaque: { title: 'valid opaque tokens', good: true, opaque: true, next: opaqueToken },
  inactive: { title: 'opaque tokens that are not active', good: false, opaque: true, next: () => randomText(40) },
  headers: {
    title: 'JWTs, each with another header and an unknown `kid`',
    good: false,
    next: () => stranger.sign({}, { kid: randomText(150) }),
  },
  signature: { title: 'JWTs with a wrong signature', good: false, next: () => faults.signature(issuer) },
}

/** @param {boolean} opaque whether the build takes opaque tokens */
export const serverOptions = (opaque) => ({
  resource: AUDIENCE,
  issuer: {
    issuer: issuer.url,
    keys: issuer.jwks,
    ...(opaque && {
      introspection: { endpoint: `${issuer.url}/introspect`, client: { method: 'bearer', token: 'secret' } },
    }),
  },
  // Responds at once: a real authorization server would take most of the time.
  fetch: async (/** @type {string} */ _url, /** @type {{ body?: any }} */ { body }) =>
    Response.json(introspect(new URLSearchParams(String(body)).get('token'), issuer.url)),
})
