// An orders API on Fastify 5.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 node fastify.js

import { resourceServer } from 'bearward/fastify'
import Fastify from 'fastify'

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

const { requireScope, optionalAuth, accessToken, maybeAccessToken, metadata, server } = resourceServer({
  resource: RESOURCE,
  issuer: ISSUER,
  scopes: ['read:orders', 'write:orders'],
})

const orders = [{ id: 1, item: 'tea', by: 'somebody' }]
const app = Fastify()

// Challenges point here: the metadata names the authorization server (RFC 9728).
app.route(metadata())

app.get('/orders', { onRequest: requireScope('read:orders') }, async () => ({ orders }))

// onRequest runs before the body is read: no uploads without a token.
app.post<{ Body: { item?: string } | undefined }>(
  '/orders',
  { onRequest: requireScope('write:orders') },
  async (request, reply) => {
    const order = {
      id: orders.length + 1,
      item: String(request.body?.item ?? 'tea'),
      by: accessToken(request).subject ?? 'somebody',
    }
    orders.push(order)
    return reply.code(201).send(order)
  },
)

// Public. With a token, greets the user by name; a bad token is still refused.
app.get('/me', { onRequest: optionalAuth() }, async (request) => ({
  caller: maybeAccessToken(request)?.subject ?? 'anonymous',
}))

app.addHook('onClose', async () => server.close())

// Load the keys now, so that the first caller does not wait. Start even if the authorization server is down.
await server
  .ready()
  .catch((error: Error) => console.warn(`The keys of ${ISSUER} will be loaded later: ${error.message}`))

// On loopback only; HOST=0.0.0.0 is for a container.
await app.listen({ host: HOST, port: Number(PORT) })
console.log(`Orders at http://localhost:${PORT}/orders`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void app.close()) // pending requests still complete
}
