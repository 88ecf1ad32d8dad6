import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { AuthorizationServer, DateInterval, JwtService } from '@jmondi/oauth2-server'
import { requestFromVanilla, responseToVanilla } from '@jmondi/oauth2-server/vanilla'
import { jwtVerify, SignJWT } from 'jose'

// What its Express adapter sends; the one for the Fetch API says text/plain.
const JSON_TYPE = { 'content-type': 'application/json' }

const SCOPE = { name: 'read:orders' }
// It compares the secret as it is in the header, without decoding it (RFC 6749 §2.3.1): so without special characters.
const CLIENT = { method: 'client_secret_basic', clientId: 'orders-api', clientSecret: 'secret-of-the-client' }
const CREDENTIALS = `Basic ${Buffer.from(`${CLIENT.clientId}:${CLIENT.clientSecret}`).toString('base64')}`

/** Signs with RS256: by default the server uses a secret, so that only it can verify its tokens. */
class AsymmetricJwtService extends JwtService {
  keys = generateKeyPairSync('rsa', { modulusLength: 2048 })

  sign(payload) {
    const claims = JSON.parse(JSON.stringify(payload))
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k-1' }).sign(this.keys.privateKey)
  }

  async verify(token) {
    return (await jwtVerify(token, this.keys.publicKey)).payload
  }

  keySet() {
    return { keys: [{ ...this.keys.publicKey.export({ format: 'jwk' }), kid: 'k-1', use: 'sig', alg: 'RS256' }] }
  }
}

/**
 * `@jmondi/oauth2-server` on loopback. It is a library without metadata and without a key set: the application adds what
 * it needs, here the key set.
 */
export async function start(format) {
  const service = format === 'RS256' ? new AsymmetricJwtService() : 'a secret that only the server knows'
  const tokens = new Map()
  const lifetime = new DateInterval('1h')
  const server = createServer(async (request, response) => {
    const { status, headers, body } = await respond(request)
    response.writeHead(status, headers).end(body)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${server.address().port}`

  const client = {
    id: CLIENT.clientId,
    name: 'Orders',
    secret: CLIENT.clientSecret,
    redirectUris: [],
    allowedGrants: ['client_credentials', 'refresh_token'],
    scopes: [SCOPE],
  }
  const authorizationServer = new AuthorizationServer(
    {
      getByIdentifier: async () => client,
      isClientValid: async (_grant, { secret }, given) => secret === given,
    },
    {
      issueToken: async (owner, scopes) => ({
        accessToken: randomUUID(),
        accessTokenExpiresAt: lifetime.getEndDate(),
        client: owner,
        user: null,
        scopes,
      }),
      issueRefreshToken: async (token) => ({
        ...token,
        refreshToken: randomUUID(),
        refreshTokenExpiresAt: lifetime.getEndDate(),
      }),
      persist: async (token) => {
        tokens.set(token.accessToken, token)
      },
      getByAccessToken: async (id) => tokens.get(id) ?? Promise.reject(new Error('not found')),
      getByRefreshToken: async (id) => [...tokens.values()].find(({ refreshToken }) => refreshToken === id),
      isRefreshTokenRevoked: async () => false,
      revoke: async ({ accessToken }) => {
        tokens.delete(accessToken)
      },
    },
    {
      getAllByIdentifiers: async (names) => [SCOPE].filter(({ name }) => names.includes(name)),
      finalize: async (scopes) => scopes,
    },
    service,
    { issuer },
  )
  authorizationServer.enableGrantTypes(['client_credentials', lifetime])

  const METHODS = { '/token': 'respondToAccessTokenRequest', '/introspect': 'introspect', '/revoke': 'revoke' }

  async function respond(request) {
    if (request.url === '/jwks' && format === 'RS256')
      return { status: 200, headers: JSON_TYPE, body: JSON.stringify(service.keySet()) }
    const method = METHODS[request.url]
    if (method === undefined) return { status: 404 }
    let body = ''
    for await (const chunk of request) body += chunk
    const headers = new Headers()
    for (const name of ['authorization', 'content-type']) headers.set(name, request.headers[name] ?? '')
    try {
      const vanilla = await requestFromVanilla(
        new Request(`${issuer}${request.url}`, { method: 'POST', headers, body }),
      )
      const result = responseToVanilla(await authorizationServer[method](vanilla))
      return { status: result.status, headers: JSON_TYPE, body: await result.text() }
    } catch (thrown) {
      return {
        status: thrown.status ?? 500,
        headers: JSON_TYPE,
        body: JSON.stringify({ error: thrown.errorType ?? 'server_error' }),
      }
    }
  }

  const post = async (path, form) => {
    const response = await fetch(`${issuer}${path}`, {
      method: 'POST',
      headers: { authorization: CREDENTIALS },
      body: new URLSearchParams(form),
    })
    return response.text()
  }

  return {
    issuer,
    client: CLIENT,
    clientCredentials: async (more) =>
      JSON.parse(await post('/token', { grant_type: 'client_credentials', scope: 'read:orders', ...more })),
    revoke: (token) => post('/revoke', { token, token_type_hint: 'access_token' }),
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  }
}
