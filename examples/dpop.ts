// An orders API with DPoP-bound tokens (RFC 9449): reading accepts bound and bearer tokens, ordering requires a bound
// one, which is useless to a thief. Here on Hono.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PUBLIC_URL=https://api.example.com/v1 \
//   DPOP_SECRET=… PORT=3000 node dpop.js
//
// PUBLIC_URL is this API's URL for clients, which proofs contain, if it differs from RESOURCE. DPOP_SECRET creates the
// nonces: at least 32 random characters, the same in all processes: openssl rand -base64 32

import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { type BearwardEvent, dpop, scope } from 'bearward'
import { resourceServer } from 'bearward/hono'
import { Hono } from 'hono'

const issuer = setting('ISSUER', 'the URL of your authorization server')
const resource = setting('RESOURCE', 'the URL of this API: the audience of its tokens')
const secret = setting('DPOP_SECRET', 'at least 32 random characters, the secret of the nonces')
const { PUBLIC_URL, HOST = '127.0.0.1', PORT = '3000' } = process.env
if (!/^\d{1,5}$/.test(PORT)) {
  console.error('PORT is not a port number.')
  process.exit(2)
}

const { requireScope, protect, metadata, server } = resourceServer({
  resource,
  issuer,
  scopes: ['read:orders', 'write:orders'],
  dpop: {
    mode: 'report-only', // still accepts bearer tokens, with an event for each
    nonce: { secret },
  },
  ...(PUBLIC_URL && { publicUrl: PUBLIC_URL }),
  // With several processes, add stores: redisStores(client), so that each proof is accepted only once in all of them.
  onEvent: report,
})

const orders = [{ id: 1, item: 'tea', by: 'somebody' }]
const app = new Hono()

// The metadata declares DPoP and the accepted proof algorithms (RFC 9728).
app.use(metadata())

app.get('/orders', requireScope('read:orders'), (c) => c.json({ orders, boundBy: c.var.accessToken.boundBy ?? null }))

app.post('/orders', protect(dpop('require'), scope('write:orders')), (c) => {
  const { subject, clientId } = c.var.accessToken
  const order = { id: orders.length + 1, item: 'tea', by: subject ?? clientId ?? 'somebody' }
  orders.push(order)
  return c.json(order, 201)
})

// Load the keys now, so that the first caller does not wait. Start even if the authorization server is down.
await server
  .ready()
  .catch((error: Error) => console.warn(`The keys of ${issuer} will be loaded later: ${error.message}`))

// On loopback only; HOST=0.0.0.0 is for a container.
const listener = serve({ fetch: app.fetch, hostname: HOST, port: Number(PORT) }, ({ port }: AddressInfo) => {
  console.log(`Orders at http://localhost:${port}/orders`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close() // pending requests still complete
  })
}

/** Logs who still sends bearer tokens, before you switch to `require`, and why requests were refused. */
function report(event: BearwardEvent): void {
  if (event.type === 'report') console.warn(`would be refused: ${event.reason}`)
  if (event.type === 'decision' && event.outcome === 'refused') console.warn(`refused: ${event.reason}`)
}

function setting(name: string, meaning: string): string {
  const value = process.env[name]
  if (value) return value
  console.error(`${name} is not set. Set it to ${meaning}.`)
  process.exit(2)
}
