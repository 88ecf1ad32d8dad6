// An orders API on Express 4 or 5.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 node express.js

import { resourceServer } from 'bearward/express'
import express from 'express'

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

const { requireScope, optionalAuth, accessToken, maybeAccessToken, metadata, server } = resourceServer({
  resource: RESOURCE,
  issuer: ISSUER,
  scopes: ['read:orders', 'write:orders'],
})

const orders = [{ id: 1, item: 'tea', by: 'somebody' }]
const app = express()

// Where challenges point to: clients learn here which authorization server to ask (RFC 9728).
app.use(metadata())

app.get('/orders', requireScope('read:orders'), (_req, res) => {
  res.json({ orders })
})

// The guard stands before the body parser: nobody uploads anything without a token.
app.post('/orders', requireScope('write:orders'), express.json(), (req, res) => {
  const order = {
    id: orders.length + 1,
    item: String(req.body?.item ?? 'tea'),
    by: accessToken(req).subject ?? 'somebody',
  }
  orders.push(order)
  res.status(201).json(order)
})

// For everybody. Who sends a token is greeted by name; a bad token is refused all the same.
app.get('/me', optionalAuth(), (req, res) => {
  res.json({ caller: maybeAccessToken(req)?.subject ?? 'anonymous' })
})

// Loading the keys now spares the first caller the wait. An outage at this moment is no reason not to start.
await server.ready().catch((error: Error) => console.warn(`The keys of ${ISSUER} are loaded later: ${error.message}`))

const listener = app.listen(Number(PORT), (error?: Error) => {
  if (error) throw error
  console.log(`Orders at http://localhost:${PORT}/orders`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close() // requests under way are still answered
  })
}
