// An orders API on Express 4 or 5.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 node express.js

import { resourceServer } from 'bearward/express'
import express from 'express'

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
const app = express()

// Challenges point here: the metadata names the authorization server (RFC 9728).
app.use(metadata())

app.get('/orders', requireScope('read:orders'), (_req, res) => {
  res.json({ orders })
})

// The guard runs before the body parser: no uploads without a token.
app.post('/orders', requireScope('write:orders'), express.json(), (req, res) => {
  const order = {
    id: orders.length + 1,
    item: String(req.body?.item ?? 'tea'),
    by: accessToken(req).subject ?? 'somebody',
  }
  orders.push(order)
  res.status(201).json(order)
})

// Public. With a token, greets the user by name; a bad token is still refused.
app.get('/me', optionalAuth(), (req, res) => {
  res.json({ caller: maybeAccessToken(req)?.subject ?? 'anonymous' })
})

// Load the keys now, so that the first caller does not wait. Start even if the authorization server is down.
await server
  .ready()
  .catch((error: Error) => console.warn(`The keys of ${ISSUER} will be loaded later: ${error.message}`))

// On loopback only; HOST=0.0.0.0 is for a container.
const listener = app.listen(Number(PORT), HOST, (error?: Error) => {
  if (error) throw error
  console.log(`Orders at http://localhost:${PORT}/orders`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close() // pending requests still complete
  })
}
