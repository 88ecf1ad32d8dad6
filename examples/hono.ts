// An orders API on Hono 4, here on Node. On other runtimes, export `app` and remove what follows it.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 node hono.js

import { serve } from '@hono/node-server'
import { resourceServer } from 'bearward/hono'
import { Hono } from 'hono'
import { validator } from 'hono/validator'

const { ISSUER, RESOURCE, HOST = '127.0.0.1', PORT = '3000' } = process.env
if (!ISSUER || !RESOURCE) {
  if (!ISSUER) console.error('ISSUER is not set. It is the URL of your authorization server.')
  if (!RESOURCE) console.error('RESOURCE is not set. It is the URL of this API: the audience of its tokens.')
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

// Challenges point here: the metadata names the authorization server (RFC 9728).
app.use(metadata())

app.get('/orders', requireScope('read:orders'), (c) => c.json({ orders }))

const readOrder = validator('json', (body: { item?: unknown } | null) => ({ item: String(body?.item ?? 'tea') }))

// The guard runs before the body is read: no uploads without a token.
app.post('/orders', requireScope('write:orders'), readOrder, (c) => {
  const order = { id: orders.length + 1, ...c.req.valid('json'), by: c.var.accessToken.subject ?? 'somebody' }
  orders.push(order)
  return c.json(order, 201)
})

// Public. With a token, greets the user by name; a bad token is still refused.
app.get('/me', optionalAuth(), (c) => c.json({ caller: c.var.accessToken?.subject ?? 'anonymous' }))

// Load the keys now, so that the first caller does not wait. Start even if the authorization server is down.
await server
  .ready()
  .catch((error: Error) => console.warn(`The keys of ${ISSUER} will be loaded later: ${error.message}`))

// On loopback only; HOST=0.0.0.0 is for a container.
const listener = serve({ fetch: app.fetch, hostname: HOST, port: Number(PORT) }, () => {
  console.log(`Orders at http://localhost:${PORT}/orders`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close() // pending requests still complete
  })
}
