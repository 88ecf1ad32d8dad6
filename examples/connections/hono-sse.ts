// Server-sent events on Hono 4, here on Node. A stream ends when its token expires or is revoked, here because its user signs
// out at the authorization server. The client renews the token with a request: a stream has only one direction.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com CLIENT_ID=web-app PORT=3000 node hono-sse.js

import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { serve } from '@hono/node-server'
import { type AccessToken, scope } from 'bearward'
import { resourceServer } from 'bearward/hono'
import { revocation } from 'bearward/revocation'
import { Hono } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import { type HeldToken, holdToken } from './held-token.ts'
import { address, clientId, issuer, resource } from './settings.ts'

const revoked = revocation({ logout: { clients: clientId } })
const { protect, accessToken, endpoint, metadata, server } = resourceServer({
  resource,
  issuer,
  scopes: ['read:orders'],
  revocation: revoked,
})

const guards = [scope('read:orders')]
const streams = new Map<string, HeldToken>()
const app = new Hono()

app.use(metadata())
app.use('/logout', endpoint(revoked.backchannelLogout)) // the backchannel_logout_uri of the client

/** One event a second, until the token ends or the client leaves. */
async function stream(token: AccessToken, events: SSEStreamingApi): Promise<void> {
  const id = randomUUID()
  let isOpen = true
  const end = new Promise<string>((resolve) => {
    streams.set(id, holdToken(server, token, guards, resolve))
    events.onAbort(() => resolve('left'))
  }).finally(() => {
    isOpen = false
    streams.get(id)?.release()
    streams.delete(id)
  })
  // A client that does not read must not hold up the end.
  const send = (event: string, data: object) =>
    Promise.race([end, events.writeSSE({ event, data: JSON.stringify(data) })])

  await send('opened', { id })
  while (isOpen) {
    await send('time', { now: Date.now() })
    await Promise.race([end, setTimeout(1000)])
  }
  await events.writeSSE({ event: 'ended', data: JSON.stringify({ why: await end }) })
}

app.get('/updates', protect(...guards), (c) => streamSSE(c, (events) => stream(accessToken(c), events)))

// The token of this request becomes that of the stream, which belongs to this process.
app.put('/updates/:id/token', protect(...guards), (c) => {
  const isRenewed = streams.get(c.req.param('id'))?.replace(accessToken(c)) === true
  return c.body(null, isRenewed ? 204 : 404)
})

// Loading the keys now spares the first caller the wait. An outage at this moment is no reason not to start.
await server.ready().catch((error: Error) => console.warn(`The keys are loaded later: ${error.message}`))

const listener = serve({ fetch: app.fetch, hostname: address.host, port: address.port }, ({ port }) => {
  console.log(`Events at http://localhost:${port}/updates`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close() // ends the streams with `closed`
    listener.close()
  })
}
