import { randomBytes } from 'node:crypto'
import { createIssuer, encode } from './issuer.mjs'

/**
 * The faults of a token, and how to create one with this fault only. No two tokens are the same.
 *
 * @typedef {keyof typeof faults} Fault
 * @typedef {import('./issuer.mjs').Issuer} Issuer
 */
export const faults = {
  garbage: () => `${random(60)}.${random(240)}.${random(256)}`,
  expired: (/** @type {Issuer} */ issuer) => {
    const now = Math.floor(Date.now() / 1000)
    return issuer.sign({ iat: now - 7200, exp: now - 3600 })
  },
  audience: (/** @type {Issuer} */ issuer) => issuer.sign({ aud: 'https://other.example.com' }),
  issuer: (/** @type {Issuer} */ issuer) => issuer.sign({ iss: 'http://127.0.0.1:9' }),
  kid: (/** @type {Issuer} */ issuer) => otherIssuer(issuer).sign({}, { kid: 'unknown' }),
  signature: (/** @type {Issuer} */ issuer) => tamper(issuer.sign()),
  none: (/** @type {Issuer} */ issuer) => `${encode({ alg: 'none', typ: 'at+jwt' })}.${issuer.sign().split('.')[1]}.`,
  scope: (/** @type {Issuer} */ issuer) => issuer.sign({ scope: 'write:orders' }),
  oversized: (/** @type {Issuer} */ issuer) => issuer.sign({ groups: random(4600) }),
}

const random = (/** @type {number} */ bytes) => randomBytes(bytes).toString('base64url')

/** @type {Map<Issuer, Issuer>} */
const strangers = new Map()

/** The same issuer identifier, with another key. @param {Issuer} issuer */
function otherIssuer(issuer) {
  const stranger = strangers.get(issuer) ?? createIssuer(issuer.algorithm, issuer.url)
  strangers.set(issuer, stranger)
  return stranger
}

/** The same token with another signature, of the right length. @param {string} token */
function tamper(token) {
  const at = token.lastIndexOf('.') + 20 // not the first byte: a number too large is refused without the arithmetic
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
}

/**
 * One token for each check that every measured library must make. None is too large, because few have a limit.
 *
 * @param {Issuer} issuer
 * @returns {Record<string, string>}
 */
export function badTokens(issuer) {
  const { oversized, ...checked } = faults
  return Object.fromEntries(Object.entries(checked).map(([fault, make]) => [fault, make(issuer)]))
}
