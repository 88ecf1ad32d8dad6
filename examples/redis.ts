// An orders API with opaque tokens on Express, in any number of processes. They share introspection responses through
// Redis (or Valkey).
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com CLIENT_ID=orders-api CLIENT_SECRET=… \
//   REDIS_URL=redis://localhost:6379 PORT=3000 node redis.js

import { resourceServer } from 'bearward/express'
import { redisStores } from 'bearward/redis'
import express from 'express'
import { createClient } from 'redis'

const {
  ISSUER,
  RESOURCE,
  CLIENT_ID,
  CLIENT_SECRET,
  STORE_SECRET,
  REDIS_URL,
  HOST = '127.0.0.1',
  PORT = '3000',
} = process.env
if (!ISSUER || !RESOURCE || !CLIENT_ID || !CLIENT_SECRET || !REDIS_URL) {
  if (!ISSUER) console.error('ISSUER is not set. It is the URL of your authorization server.')
  if (!RESOURCE) console.error('RESOURCE is not set. It is the URL of this API: the audience of its tokens.')
  if (!CLIENT_ID)
    console.error('CLIENT_ID is not set. Set it to the client ID of this API at the introspection endpoint.')
  if (!CLIENT_SECRET) console.error('CLIENT_SECRET is not set. It is the secret of CLIENT_ID.')
  if (!REDIS_URL) console.error('REDIS_URL is not set. It is the URL of your Redis, such as redis://localhost:6379.')
  process.exit(2)
}
if (!/^\d{1,5}$/.test(PORT)) {
  console.error('PORT is not a port number.')
  process.exit(2)
}

// Connects in the background and retries: without Redis, each process introspects by itself. The error listener is
// required: without one, node-redis ends the process at the first error.
const redis = createClient({ url: REDIS_URL })
redis.on('error', (error: Error) => console.warn(`Redis: ${error.message || error.name}`))
redis.connect().catch(() => undefined)

const { requireScope, accessToken, metadata, server } = resourceServer({
  resource: RESOURCE,
  issuer: {
    issuer: ISSUER,
    introspection: {
      client: { method: 'client_secret_basic', clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
      cache: { active: 60, inactive: 10 }, // seconds that responses are cached
    },
  },
  scopes: ['read:orders'],
  // The same in all processes, at least 32 random bytes. Without it, the client secret authenticates the records.
  stores: { ...redisStores(redis, { prefix: 'orders:' }), ...(STORE_SECRET && { secret: STORE_SECRET }) },
})

const orders = [{ id: 1, item: 'tea' }]
const app = express()

app.use(metadata())

app.get('/orders', requireScope('read:orders'), (req, res) => {
  res.json({ orders, for: accessToken(req).subject ?? accessToken(req).clientId ?? 'somebody' })
})

await server.ready().catch((error: Error) => console.warn(`${ISSUER} cannot be reached yet: ${error.message}`))

// On loopback only; HOST=0.0.0.0 is for a container.
const listener = app.listen(Number(PORT), HOST, (error?: Error) => {
  if (error) throw error
  console.log(`Orders at http://localhost:${PORT}/orders`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close(() => redis.destroy()) // pending requests still complete
  })
}
