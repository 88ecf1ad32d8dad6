// WebSockets on Hono 4, here on Node. A connection is closed with 4401 when its token expires or is revoked, here because its
// user signs out at the authorization server. A client renews the token by sending a new one.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com CLIENT_ID=web-app PORT=3000 node hono-websocket.js

import { serve, upgradeWebSocket, type WebSocketServerLike } from '@hono/node-server'
import { scope } from 'bearward'
import { resourceServer } from 'bearward/hono'
import { revocation } from 'bearward/revocation'
import { Hono } from 'hono'
import { WebSocketServer } from 'ws'
import { type HeldToken, holdToken } from './held-token.ts'
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
const webSockets = new WebSocketServer({ noServer: true, maxPayload: MAX_BYTES })
const app = new Hono()

app.use(metadata())
app.use('/logout', endpoint(revoked.backchannelLogout)) // the backchannel_logout_uri of the client

// The guard runs before the upgrade: without a token there is no WebSocket.
app.get(
  '/',
  protect(...guards),
  upgradeWebSocket((c) => {
    const token = accessToken(c)
    let held: HeldToken | undefined
    return {
      // Not earlier: a handshake that fails would leave a watch behind.
      onOpen(_event, client) {
        held = holdToken(server, token, guards, (why) => client.close(4401, why))
      },
      onClose: () => held?.release(),
      async onMessage({ data }, client) {
        const response = held && (await responseTo(String(data), held))
        if (response) client.send(response)
      },
    }
  }),
)

// Loading the keys now spares the first caller the wait. An outage at this moment is no reason not to start.
await server.ready().catch((error: Error) => console.warn(`The keys are loaded later: ${error.message}`))

const listener = serve(
  {
    fetch: app.fetch,
    hostname: address.host,
    port: address.port,
    websocket: { server: webSockets as WebSocketServerLike },
  },
  ({ port }) => console.log(`WebSockets at http://localhost:${port}/`),
)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close() // ends the connections with `closed`
    listener.close()
  })
}
