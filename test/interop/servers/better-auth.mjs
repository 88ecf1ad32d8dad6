import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { oauthProvider } from '@better-auth/oauth-provider'
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { getAuthTables } from 'better-auth/db'
import { toNodeHandler } from 'better-auth/node'
import { jwt } from 'better-auth/plugins'

const REDIRECT_URI = 'https://app.example.com/cb'
const SCOPES = ['openid', 'offline_access', 'read:orders']

/** better-auth with its OAuth provider on loopback, a client that may do everything, and a user who is signed in. */
export async function start(resources) {
  const server = createServer((request, response) => handler(request, response))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${server.address().port}`
  const options = {
    baseURL: origin,
    secret: 'a secret of the tests, long enough for it',
    emailAndPassword: { enabled: true },
    telemetry: { enabled: false },
    plugins: [
      jwt(),
      oauthProvider({
        loginPage: '/login',
        consentPage: '/consent',
        scopes: SCOPES,
        resources,
        enforcePerClientResources: false,
        clientPrivileges: () => true,
      }),
    ],
  }
  const tables = Object.values(getAuthTables(options)).map(({ modelName }) => [modelName, []])
  const auth = betterAuth({ ...options, database: memoryAdapter(Object.fromEntries(tables)) })
  const handler = toNodeHandler(auth)
  const issuer = `${origin}/api/auth`

  const signedUp = await fetch(`${issuer}/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ email: 'alice@example.com', password: 'a long password', name: 'Alice' }),
  })
  const cookie = signedUp.headers
    .getSetCookie()
    .map((field) => field.split(';')[0])
    .join('; ')
  const { client_id: clientId, client_secret: clientSecret } = await auth.api.adminCreateOAuthClient({
    headers: new Headers({ cookie }),
    body: {
      redirect_uris: [REDIRECT_URI],
      grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'client_secret_basic',
      scope: SCOPES.join(' '),
      client_credentials_scopes: ['read:orders'],
      skip_consent: true,
    },
  })

  const post = async (path, form) => {
    const response = await fetch(`${issuer}/oauth2/${path}`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
      body: new URLSearchParams(form),
    })
    const text = await response.text()
    return text === '' ? undefined : JSON.parse(text)
  }

  return {
    issuer,
    client: { method: 'client_secret_basic', clientId, clientSecret },
    /** Of the client itself; without a resource the token is opaque. */
    clientCredentials: (more) => post('token', { grant_type: 'client_credentials', scope: 'read:orders', ...more }),
    /** Of the user, by authorization code with PKCE. */
    async signIn(resource) {
      const verifier = 'v'.repeat(43)
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: REDIRECT_URI,
        scope: SCOPES.join(' '),
        state: 's-1',
        nonce: 'n-1',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        resource,
      })
      const response = await fetch(`${issuer}/oauth2/authorize?${query}`, { headers: { cookie }, redirect: 'manual' })
      // A redirect for browsers that navigate, and its target as JSON for fetch(), which only some runtimes say they are.
      const target = response.headers.get('location') ?? (await response.json()).url
      const code = new URL(target).searchParams.get('code')
      const form = { code, redirect_uri: REDIRECT_URI, code_verifier: verifier, resource }
      return post('token', { grant_type: 'authorization_code', ...form })
    },
    revoke: (token) => post('revoke', { token }),
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  }
}
