// WebSockets with @fastify/websocket on Fastify 5. A connection is closed with 4401 when its token expires or is revoked, here
// because its user signs out at the authorization server. A client renews the token by sending a new one.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com CLIENT_ID=web-app PORT=3000 node fastify.js

import type { AddressInfo } from 'node:net'
import webSocket from '@fastify/websocket'
import { scope } from 'bearward'
import { resourceServer } from 'bearward/fastify'
import { revocation } from 'bearward/revocation'
import Fastify from 'fastify'
import { holdToken } from './held-token.ts'
import { MAX_BYTES, responseTo } from './messages.ts'
import { address, clientId, issuer, resource } from './settings.ts'

const revoked = revocation({ logout: { clients: clientId } })
const { protect, accessToken, endpoint, metadata, server } = resourceServer({
  resource,
  issuer,
  scopes: ['read:orders'],
  revocation: revoked,
})

const guards = [scope('read:orders')]
const app = Fastify()

await app.register(webSocket, { options: { maxPayload: MAX_BYTES } })

app.route(metadata())
app.route({ url: '/logout', ...endpoint(revoked.backchannelLogout) }) // the backchannel_logout_uri of the client

// The guard runs before the upgrade: without a token there is no WebSocket.
app.get('/', { websocket: true, onRequest: protect(...guards) }, (client, request) => {
  const held = holdToken(server, accessToken(request), guards, (why) => client.close(4401, why))
  client.on('close', () => held.release())
  client.on('message', async (data) => {
    const response = await responseTo(String(data), held)
    if (response) client.send(response)
  })
})

// Loading the keys now spares the first caller the wait. An outage at this moment is no reason not to start.
await server.ready().catch((error: Error) => console.warn(`The keys are loaded later: ${error.message}`))

await app.listen(address)
console.log(`WebSockets at http://localhost:${(app.server.address() as AddressInfo).port}/`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close() // ends the connections with `closed`
    app.close()
  })
}
