import { once } from 'node:events'
import { createServer } from 'node:http'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

export const AUDIENCE = 'https://api.example.com'
export const SUBJECT = 'user-4711'

/**
 * An authorization server as far as this needs one.
 *
 * @typedef {object} Issuer
 * @property {string} url
 * @property {string} algorithm
 * @property {{ keys: object[] }} jwks
 * @property {(count: number, claims?: object) => Promise<string[]>} sign access tokens, no two alike
 * @property {() => void} close
 */

/**
 * @param {string} algorithm of its one key
 * @param {{ listen: boolean }} [options] whether it answers on loopback
 * @returns {Promise<Issuer>}
 */
export async function createIssuer(algorithm, { listen } = { listen: false }) {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const kid = `bench-${algorithm.toLowerCase()}`
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' }] }
  const server = listen ? await serve(jwks, algorithm) : undefined
  const url = server?.url ?? 'https://issuer.example.com'

  async function signOne(/** @type {object} */ claims) {
    const now = Math.floor(Date.now() / 1000)
    const usual = {
      iss: url,
      sub: SUBJECT,
      aud: AUDIENCE,
      client_id: 'bench-client',
      scope: 'read:orders write:orders',
      iat: now,
      exp: now + 3600,
      jti: crypto.randomUUID(),
    }
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid })
      .sign(privateKey)
  }

  return {
    url,
    algorithm,
    jwks,
    sign: (count, claims = {}) => Promise.all(Array.from({ length: count }, () => signOne(claims))),
    close: () => server?.close(),
  }
}

/**
 * Metadata and key set on a loopback socket, where every peer looks for them.
 *
 * @param {object} jwks
 * @param {string} algorithm
 */
async function serve(jwks, algorithm) {
  const keySet = JSON.stringify(jwks)
  let metadata = ''
  const server = createServer((request, response) => {
    const body = request.url?.endsWith('/jwks.json') ? keySet : metadata
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`
  metadata = JSON.stringify({
    issuer: url,
    jwks_uri: `${url}/.well-known/jwks.json`,
    id_token_signing_alg_values_supported: [algorithm],
  })
  return { url, close: () => server.close().closeAllConnections() }
}

/**
 * The same token with another signature, of the right length.
 *
 * @param {string} token
 */
export function tamper(token) {
  const at = token.lastIndexOf('.') + 20 // not the first byte: a number too large is refused without the arithmetic
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
}

/**
 * One token for each check that every contestant must make.
 *
 * @param {Issuer} issuer
 * @returns {Promise<Record<'signature' | 'expiry' | 'audience' | 'issuer', string>>}
 */
export async function badTokens(issuer) {
  const [good] = await issuer.sign(1)
  const now = Math.floor(Date.now() / 1000)
  const [expiry] = await issuer.sign(1, { iat: now - 7200, exp: now - 3600 })
  const [audience] = await issuer.sign(1, { aud: 'https://other.example.com' })
  const [foreign] = await issuer.sign(1, { iss: 'http://127.0.0.1:9' })
  return { signature: tamper(good), expiry, audience, issuer: foreign }
}
