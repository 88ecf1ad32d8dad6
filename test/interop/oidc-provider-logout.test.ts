import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ResourceServer } from 'bearward'
import { resourceServer } from 'bearward/node'
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
import { WebSocket, WebSocketServer } from 'ws'
import { ORDERS } from '../contract/orders-api.ts'
import type { App } from '../support/apps/app.ts'
import { closeAll } from '../support/apps/apps.ts'
import { ENDPOINT_MOUNTS } from '../support/apps/endpoints.ts'
import { expectReached, responseOfAll } from '../support/apps/expect-response.ts'
import { express5App } from '../support/apps/express.ts'
import { fastifyApp } from '../support/apps/fastify.ts'
import { honoNodeApp } from '../support/apps/hono.ts'
import { bearer } from '../support/http/raw-client.ts'
import { followTo } from '../support/http/user-agent.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { type OidcProvider, ON_LOOPBACK, startOidcProvider } from '../support/oidc-provider/oidc-provider.ts'

// A user signs out at a real authorization server, which tells the API over HTTP (N3a): the next requests with the same
// access token are refused on three frameworks, and its open connection is closed (N3c).

const CLIENT = { client_id: 'web' }
const SECRET = 'the secret of the web client'
const SIGNED_IN = 'http://127.0.0.1/signed-in'
const SIGNED_OUT = 'http://127.0.0.1/signed-out'

let provider: OidcProvider
let http: Server
let apps: readonly App[] = []
afterEach(async () => {
  await Promise.all([provider.stop(), closeAll(apps)])
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

/** A WebSocket of the API, which is closed when its token ends. */
async function openStream(server: ResourceServer, port: number, token: string): Promise<WebSocket> {
  const { upgrade } = resourceServer(server)
  const sockets = new WebSocketServer({ noServer: true })
  http.on('upgrade', async (request, socket, head) => {
    const verified = await upgrade(request, socket)
    if (!verified) return
    sockets.handleUpgrade(request, socket, head, (client) => {
      const watch = server.watch(verified, (why) => client.close(4401, why))
      client.on('close', () => watch.stop())
    })
  })
  const stream = new WebSocket(`ws://127.0.0.1:${port}`, { headers: { authorization: `Bearer ${token}` } })
  await once(stream, 'open')
  return stream
}

describe.each(['Express', 'Fastify', 'Hono'])('the logout of oidc-provider, received by %s', (name) => {
  it.each(['jwt', 'opaque'] as const)(
    'revokes the access token on all three, and closes its stream (%s)',
    async (format) => {
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
      const options = {
        resource: RESOURCE,
        issuer: { issuer: provider.issuer, introspection: { client } },
        revocation: revoked,
      }
      apps = await Promise.all(
        [express5App, fastifyApp, honoNodeApp].map((start) => start({ options, routes: ORDERS })),
      )
      const { server } = apps[0] as App
      const mount = ENDPOINT_MOUNTS[name]
      http.on('request', (await mount?.(server, { '/logout': revoked.backchannelLogout })) ?? (() => undefined))

      const cookies = new Map<string, string>()
      const { access_token: token, id_token: idToken } = await signIn(cookies)
      // The second request finds the token in a cache.
      for (let round = 0; round < 2; round++) await expectReached(apps, { lines: bearer(token) })
      const stream = await openStream(server, port, token)
      const closed = once(stream, 'close')
      await signOut(cookies, idToken as string)
      const refused = await responseOfAll(apps, { lines: bearer(token) })
      expect([refused.status, JSON.parse(refused.body).reason]).toEqual([401, 'revoked'])
      const [code, why] = await closed
      expect([code, String(why)]).toEqual([4401, 'revoked'])
      // oidc-provider counts a second in which both happened as before.
      await new Promise((resolve) => setTimeout(resolve, 1100))
      const again = await signIn(new Map())
      await expectReached(apps, { lines: bearer(again.access_token) })
    },
  )
})
