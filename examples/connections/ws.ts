// WebSockets with ws on node:http. A connection is closed with 4401 when its token expires or is revoked, here because its
// user signs out at the authorization server. A client renews the token by sending a new one.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com CLIENT_ID=web-app PORT=3000 node ws.js

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { scope } from 'bearward'
import { resourceServer } from 'bearward/node'
import { revocation } from 'bearward/revocation'
import { WebSocketServer } from 'ws'
import { holdToken } from './held-token.ts'
import { MAX_BYTES, responseTo } from './messages.ts'
import { address, clientId, issuer, resource } from './settings.ts'

const revoked = revocation({ logout: { clients: clientId } })
const { upgrade, endpoint, metadata, server } = resourceServer({
  resource,
  issuer,
  scopes: ['read:orders'],
  revocation: revoked,
})

const guards = [scope('read:orders')]
const serveMetadata = metadata()
const serveLogout = endpoint(revoked.backchannelLogout) // the backchannel_logout_uri of the client

const listener = createServer(async (req, res) => {
  if (await serveMetadata(req, res)) return
  if (req.url === '/logout') await serveLogout(req, res)
  else res.writeHead(404).end()
})

const webSockets = new WebSocketServer({ noServer: true, maxPayload: MAX_BYTES })

listener.on('upgrade', async (req, socket, head) => {
  const token = await upgrade(req, socket, ...guards)
  if (!token) return // it was refused
  webSockets.handleUpgrade(req, socket, head, (client) => {
    const held = holdToken(server, token, guards, (why) => client.close(4401, why))
    client.on('close', () => held.release())
    client.on('error', () => client.terminate())
    client.on('message', async (data) => {
      const response = await responseTo(String(data), held)
      if (response) client.send(response)
    })
  })
})

// Loading the keys now spares the first caller the wait. An outage at this moment is no reason not to start.
await server.ready().catch((error: Error) => console.warn(`The keys are loaded later: ${error.message}`))

listener.listen(address, () => {
  console.log(`WebSockets at http://localhost:${(listener.address() as AddressInfo).port}/`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close() // ends the connections with `closed`
    listener.close()
  })
}
