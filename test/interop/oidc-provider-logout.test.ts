import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createResourceServer } from 'bearward'
import { revocation } from 'bearward/revocation'
import {
  authorizationCodeGrantRequest,
  ClientSecretBasic,
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  processAuthorizationCodeResponse,
  validateAuthResponse,
} from 'oauth4webapi'
import { afterEach, describe, expect, it } from 'vitest'
import { ENDPOINT_MOUNTS } from '../support/apps/endpoints.ts'
import { followTo } from '../support/http/user-agent.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { type OidcProvider, ON_LOOPBACK, startOidcProvider } from '../support/oidc-provider/oidc-provider.ts'
import { send, until } from '../support/upstream/requests.ts'

// A user signs out at a real authorization server, which tells the API over HTTP (N3a): the next request with the same
// access token is refused, and its open connection ends.

const CLIENT = { client_id: 'web' }
const SECRET = 'the secret of the web client'
const SIGNED_IN = 'http://127.0.0.1/signed-in'
const SIGNED_OUT = 'http://127.0.0.1/signed-out'

let provider: OidcProvider
let http: Server
afterEach(async () => {
  await provider.stop()
  http.closeAllConnections()
  http.close()
})

async function signIn(cookies: Map<string, string>) {
  const { metadata } = provider
  const verifier = generateRandomCodeVerifier()
  const start = new URL(metadata.authorization_endpoint as string)
  start.search = new URLSearchParams({
    ...CLIENT,
    response_type: 'code',
    redirect_uri: SIGNED_IN,
    scope: 'openid read:orders',
    resource: RESOURCE,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString()
  const callback = validateAuthResponse(metadata, CLIENT, await followTo(SIGNED_IN, start, undefined, cookies))
  const client = ClientSecretBasic(SECRET)
  const response = await authorizationCodeGrantRequest(metadata, CLIENT, client, callback, SIGNED_IN, verifier, {
    ...ON_LOOPBACK,
    additionalParameters: { resource: RESOURCE },
  })
  return processAuthorizationCodeResponse(metadata, CLIENT, response)
}

async function signOut(cookies: Map<string, string>, idToken: string) {
  const end = new URL(provider.metadata.end_session_endpoint as string)
  end.search = new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: SIGNED_OUT }).toString()
  await followTo(SIGNED_OUT, end, {}, cookies)
}

describe.each(['Express', 'Fastify', 'Hono'])('the logout of oidc-provider, with %s', (name) => {
  it.each(['jwt', 'opaque'] as const)('revokes the access token, and ends its connection (%s)', async (format) => {
    http = createServer()
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const { port } = http.address() as AddressInfo
    const api = {
      client_id: 'orders-api',
      client_secret: SECRET,
      redirect_uris: [],
      response_types: [],
      grant_types: [],
    }
    provider = await startOidcProvider({
      scopes: ['read:orders'],
      tokensOf: () => ({ format }),
      backchannelLogout: true,
      clients: [
        {
          ...CLIENT,
          client_secret: SECRET,
          redirect_uris: [SIGNED_IN],
          post_logout_redirect_uris: [SIGNED_OUT],
          backchannel_logout_uri: `http://127.0.0.1:${port}/logout`,
        },
        { ...api, response_types: [], grant_types: [] },
      ],
    })
    const revoked = revocation({ logout: { clients: CLIENT.client_id } })
    const client = { method: 'client_secret_basic', clientId: api.client_id, clientSecret: SECRET } as const
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: provider.issuer, introspection: { client } },
      revocation: revoked,
    })
    const mount = ENDPOINT_MOUNTS[name]
    http.on('request', (await mount?.(server, { '/logout': revoked.backchannelLogout })) ?? (() => undefined))

    const cookies = new Map<string, string>()
    const { access_token: token, id_token: idToken } = await signIn(cookies)
    expect((await send(server, token)).status).toBe(200)
    const ends: string[] = []
    server.watch(await server.verify(token), (why) => void ends.push(why))
    await signOut(cookies, idToken as string)
    expect((await send(server, token)).reason).toBe('revoked')
    await until(() => ends.length > 0)
    expect(ends).toEqual(['revoked'])
    // oidc-provider counts a second in which both happened as before.
    await new Promise((resolve) => setTimeout(resolve, 1100))
    const again = await signIn(new Map())
    expect((await send(server, again.access_token)).status).toBe(200)
    server.close()
  })
})
