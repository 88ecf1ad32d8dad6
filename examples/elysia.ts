// An orders API on Elysia, here on Node. On Bun the last lines are `app.listen(Number(PORT))`.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 node elysia.js

import { serve } from '@hono/node-server'
import { resourceServer } from 'bearward/elysia'
import { Elysia } from 'elysia'

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

const { plugin, server } = resourceServer({
  resource: RESOURCE,
  issuer: ISSUER,
  scopes: ['read:orders', 'write:orders'],
})

const orders = [{ id: 1, item: 'tea', by: 'somebody' }]

const app = new Elysia()
  // The options of routes below, and the document that challenges point to (RFC 9728).
  .use(plugin())
  .get('/orders', () => ({ orders }), { requireScope: ['read:orders'] })
  .post(
    '/orders',
    ({ accessToken, body, set }) => {
      const by = accessToken.subject ?? 'somebody'
      const order = { id: orders.length + 1, item: String((body as { item?: unknown } | null)?.item ?? 'tea'), by }
      orders.push(order)
      set.status = 201
      return order
    },
    { requireScope: ['write:orders'] },
  )
  // For everybody. A request with a token is greeted by name; a bad token is refused all the same.
  .get('/me', ({ accessToken }) => ({ caller: accessToken?.subject ?? 'anonymous' }), { optionalAuth: true })

// Loading the keys now spares the first caller the wait. An outage at this moment is no reason not to start.
await server.ready().catch((error: Error) => console.warn(`The keys of ${ISSUER} are loaded later: ${error.message}`))

// On loopback only; HOST=0.0.0.0 is for a container.
const listener = serve({ fetch: app.handle, hostname: HOST, port: Number(PORT) }, () => {
  console.log(`Orders at http://localhost:${PORT}/orders`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close() // pending requests still get their responses
  })
}
