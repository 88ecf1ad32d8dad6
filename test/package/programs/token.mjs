// A token of an issuer that exists only in this file: its key set is an option of the resource server.
import { webcrypto } from 'node:crypto'

export const resource = 'https://api.example.com'
export const issuer = 'https://auth.example.com'

const { publicKey, privateKey } = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
  'sign',
  'verify',
])
const jwk = await webcrypto.subtle.exportKey('jwk', publicKey)

export const keys = { keys: [{ kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y, kid: 'one', alg: 'ES256', use: 'sig' }] }

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

export async function sign(claims = {}) {
  const now = Math.floor(Date.now() / 1000)
  const payload = {
    iss: issuer,
    aud: resource,
    sub: 'alice',
    iat: now,
    exp: now + 300,
    scope: 'read:orders',
    ...claims,
  }
  const input = `${part({ alg: 'ES256', typ: 'at+jwt', kid: 'one' })}.${part(payload)}`
  const signature = await webcrypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    privateKey,
    new TextEncoder().encode(input),
  )
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}

/** Sends requests to a protected route: without a token, with a good one, and with one that lacks the scope. */
export async function exercise(send) {
  const bearer = async (token) => ({ authorization: `Bearer ${await token}` })
  const expected = [
    [401, {}],
    [200, await bearer(sign())],
    [403, await bearer(sign({ scope: 'write:orders' }))],
    [401, await bearer(sign({ aud: 'https://other.example.com' }))],
  ]
  for (const [status, headers] of expected) {
    const response = await send(headers)
    const body = await response.text()
    if (response.status !== status) throw new Error(`${response.status} in place of ${status}: ${body}`)
    if (status !== 200 && !response.headers.get('www-authenticate')?.startsWith('Bearer ')) {
      throw new Error(`no challenge with ${status}`)
    }
  }
  console.log('all as expected')
}
