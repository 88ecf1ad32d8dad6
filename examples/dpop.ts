// An orders API whose tokens are bound to a key of the client (DPoP, RFC 9449): everybody may look with either kind of
// token, and nobody orders with one that could be stolen. Here on Hono.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PUBLIC_URL=https://api.example.com/v1 \
//   DPOP_SECRET=… PORT=3000 node dpop.js
//
// PUBLIC_URL is where clients see this API, if that is not at RESOURCE: proofs name it. DPOP_SECRET makes the nonces, 32
// random characters or more, the same in all processes: openssl rand -base64 32

import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { type BearwardEvent, dpop, scope } from 'bearward'
import { resourceServer } from 'bearward/hono'
import { Hono } from 'hono'

const issuer = setting('ISSUER', 'the URL of your authorization server')
const resource = setting('RESOURCE', 'the URL of this API, as tokens name it in their audience')
const secret = setting('DPOP_SECRET', 'at least 32 random characters, from which nonces are made')
const { PUBLIC_URL, PORT = '3000' } = process.env
if (!/^\d{1,5}$/.test(PORT)) {
  console.error('PORT is not a port number.')
  process.exit(2)
}

const { requireScope, protect, metadata, server } = resourceServer({
  resource,
  issuer,
  scopes: ['read:orders', 'write:orders'],
  dpop: {
    mode: 'report-only', // bearer tokens as well, for now; an event tells who still has them
    nonce: { secret },
  },
  ...(PUBLIC_URL && { publicUrl: PUBLIC_URL }),
  // With several processes: stores: redisStores(client), so that a proof is used once in all of them.
  onEvent: report,
})

const orders = [{ id: 1, item: 'tea', by: 'somebody' }]
const app = new Hono()

// Clients learn here that proofs are taken, and with which algorithms (RFC 9728).
app.use(metadata())

app.get('/orders', requireScope('read:orders'), (c) => c.json({ orders, boundBy: c.var.accessToken.boundBy ?? null }))

app.post('/orders', protect(dpop('require'), scope('write:orders')), (c) => {
  const { subject, clientId } = c.var.accessToken
  const order = { id: orders.length + 1, item: 'tea', by: subject ?? clientId ?? 'somebody' }
  orders.push(order)
  return c.json(order, 201)
})

// Loading the keys now spares the first caller the wait. An outage at this moment is no reason not to start.
await server.ready().catch((error: Error) => console.warn(`The keys of ${issuer} are loaded later: ${error.message}`))

const listener = serve({ fetch: app.fetch, port: Number(PORT) }, ({ port }: AddressInfo) => {
  console.log(`Orders at http://localhost:${port}/orders`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close() // requests under way are still answered
  })
}

/** Who still comes with bearer tokens, before `warn` becomes `require`; and proofs that were refused, and why. */
function report(event: BearwardEvent): void {
  if (event.type === 'report') console.warn(`let through, for now: ${event.reason}`)
  if (event.type === 'decision' && event.outcome === 'refused') console.warn(`refused: ${event.reason}`)
}

function setting(name: string, meaning: string): string {
  const value = process.env[name]
  if (value) return value
  console.error(`${name} is not set. It is ${meaning}.`)
  process.exit(2)
}
