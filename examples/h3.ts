// An orders API on h3 2, which Nitro 3 is built on.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 node h3.js

import { resourceServer } from 'bearward/h3'
import { H3, serve } from 'h3'

const { ISSUER, RESOURCE, HOST = '127.0.0.1', PORT = '3000' } = process.env
if (!ISSUER || !RESOURCE) {
  if (!ISSUER) console.error('ISSUER is not set. It is the URL of your authorization server.')
  if (!RESOURCE) console.error('RESOURCE is not set. It is the URL of this API, as tokens name it in their audience.')
  process.exit(2)
}
if (!/^\d{1,5}$/.test(PORT)) {
  console.error('PORT is not a port number.')
  process.exit(2)
}

const { requireScope, optionalAuth, accessToken, maybeAccessToken, metadata, server } = resourceServer({
  resource: RESOURCE,
  issuer: ISSUER,
  scopes: ['read:orders', 'write:orders'],
})

const orders = [{ id: 1, item: 'tea', by: 'somebody' }]
const app = new H3()

// Where challenges point to: clients learn here which authorization server to use (RFC 9728).
app.use(metadata())

app.get('/orders', () => ({ orders }), { middleware: [requireScope('read:orders')] })

// The guard runs before the body is read: without a token, nothing is uploaded.
app.post(
  '/orders',
  async (event) => {
    const body = (await event.req.json()) as { item?: unknown } | null
    const by = accessToken(event).subject ?? 'somebody'
    const order = { id: orders.length + 1, item: String(body?.item ?? 'tea'), by }
    orders.push(order)
    event.res.status = 201
    return order
  },
  { middleware: [requireScope('write:orders')] },
)

// For everybody. A request with a token is greeted by name; a bad token is refused all the same.
app.get('/me', (event) => ({ caller: maybeAccessToken(event)?.subject ?? 'anonymous' }), {
  middleware: [optionalAuth()],
})

// Loading the keys now spares the first caller the wait. An outage at this moment is no reason not to start.
await server.ready().catch((error: Error) => console.warn(`The keys of ${ISSUER} are loaded later: ${error.message}`))

const listener = await serve(app, { hostname: HOST, port: Number(PORT), silent: true }).ready()
console.log(`Orders at http://localhost:${PORT}/orders`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    void listener.close() // pending requests still get their responses
  })
}
