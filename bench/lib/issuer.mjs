import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto'

export const AUDIENCE = 'https://api.example.com'
export const SUBJECT = 'user-4711'
export const SCOPE = 'read:orders'

// Encoded, and read again: Node 20 may stop for ever if the collector runs while a key that was generated synchronously is exported.
const ENCODED = /** @type {const} */ ({
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
})

const GENERATED = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048, ...ENCODED }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256', ...ENCODED }),
  EdDSA: () => generateKeyPairSync('ed25519', ENCODED),
}

const DIGESTS = { RS256: 'sha256', ES256: 'sha256', EdDSA: undefined }

/**
 * The keys of an authorization server, and the tokens they make.
 *
 * @typedef {object} Issuer
 * @property {string} url
 * @property {Algorithm} algorithm
 * @property {{ keys: object[] }} jwks
 * @property {(claims?: object, header?: object) => string} sign one access token, unlike any other
 * @property {(count: number) => string[]} tokens creates that many valid ones
 *
 * @typedef {keyof typeof GENERATED} Algorithm
 */

/**
 * @param {Algorithm} algorithm of its one key
 * @param {string} [url]
 * @returns {Issuer}
 */
export function createIssuer(algorithm, url = 'https://issuer.example.com') {
  const privateKey = createPrivateKey({ key: GENERATED[algorithm]().privateKey, format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey)
  const kid = `bench-${algorithm.toLowerCase()}`
  const signedBy = /** @type {const} */ ({ key: privateKey, dsaEncoding: 'ieee-p1363' })

  function signOne(/** @type {object} */ claims = {}, /** @type {object} */ header = {}) {
    const now = Math.floor(Date.now() / 1000)
    const usual = {
      iss: url,
      sub: SUBJECT,
      aud: AUDIENCE,
      client_id: 'bench-client',
      scope: `${SCOPE} write:orders`,
      iat: now,
      exp: now + 3600,
      jti: randomUUID(),
    }
    const signed = `${encode({ alg: algorithm, typ: 'at+jwt', kid, ...header })}.${encode({ ...usual, ...claims })}`
    return `${signed}.${sign(DIGESTS[algorithm], Buffer.from(signed), signedBy).toString('base64url')}`
  }

  return {
    url,
    algorithm,
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' }] },
    sign: signOne,
    tokens: (count) => Array.from({ length: count }, () => signOne()),
  }
}

/** @param {object} part of a token */
export const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url')

const OPAQUE = 'opaque-'

/** An opaque token, which requires introspection. */
export const opaqueToken = () => OPAQUE + randomBytes(32).toString('base64url')

/**
 * The introspection response for a token (RFC 7662 §2.2).
 *
 * @param {string | null} token
 * @param {string} url of the issuer
 */
export function introspect(token, url) {
  if (!token?.startsWith(OPAQUE)) return { active: false }
  const now = Math.floor(Date.now() / 1000)
  return {
    active: true,
    iss: url,
    sub: SUBJECT,
    aud: AUDIENCE,
    client_id: 'bench-client',
    scope: `${SCOPE} write:orders`,
    token_type: 'Bearer',
    iat: now,
    exp: now + 3600,
  }
}
