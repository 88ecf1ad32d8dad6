// An orders API on Hono 4, here on Node. On other runtimes, export `app` and leave out what stands below it.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 node hono.js

import { serve } from '@hono/node-server'
import { resourceServer } from 'bearward/hono'
import { Hono } from 'hono'
import { validator } from 'hono/validator'

const { ISSUER, RESOURCE, PORT = '3000' } = process.env
if (!ISSUER || !RESOURCE) {
  if (!ISSUER) console.error('ISSUER is not set. It is the URL of your authorization server.')
  if (!RESOURCE) console.error('RESOURCE is not set. It is the URL of this API, as tokens name it in their audience.')
  process.exit(2)
}
if (!/^\d{1,5}$/.test(PORT)) {
  console.error('PORT is not a port number.')
  process.exit(2)
}

const { requireScope, optionalAuth, metadata, server } = resourceServer({
  resource: RESOURCE,
  issuer: ISSUER,
  scopes: ['read:orders', 'write:orders'],
})

const orders = [{ id: 1, item: 'tea', by: 'somebody' }]
const app = new Hono()

// Where challenges point to: clients learn here which authorization server to ask (RFC 9728).
app.use(metadata())

app.get('/orders', requireScope('read:orders'), (c) => c.json({ orders }))

const readOrder = validator('json', (body: { item?: unknown } | null) => ({ item: String(body?.item ?? 'tea') }))

// The guard stands before the body is read: nobody uploads anything without a token.
app.post('/orders', requireScope('write:orders'), readOrder, (c) => {
  const order = { id: orders.length + 1, ...c.req.valid('json'), by: c.var.accessToken.subject ?? 'somebody' }
  orders.push(order)
  return c.json(order, 201)
})

// For everybody. Who sends a token is greeted by name; a bad token is refused all the same.
app.get('/me', optionalAuth(), (c) => c.json({ caller: c.var.accessToken?.subject ?? 'anonymous' }))

// Loading the keys now spares the first caller the wait. An outage at this moment is no reason not to start.
await server.ready().catch((error: Error) => console.warn(`The keys of ${ISSUER} are loaded later: ${error.message}`))

const listener = serve({ fetch: app.fetch, port: Number(PORT) }, () => {
  console.log(`Orders at http://localhost:${PORT}/orders`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close() // requests under way are still answered
  })
}
