// An orders API with opaque tokens: the authorization server introspects each token (RFC 7662), and the response is
// cached. JWTs of the same server are accepted as well. Here on Express.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com \
//   CLIENT_ID=orders-api CLIENT_SECRET=… PORT=3000 node opaque-tokens.js

import type { AddressInfo } from 'node:net'
import { type BearwardEvent, introspected, scope } from 'bearward'
import { resourceServer } from 'bearward/express'
import express from 'express'

const issuer = setting('ISSUER', 'the URL of your authorization server')
const resource = setting('RESOURCE', 'the URL of this API: the audience of its tokens')
const clientId = setting('CLIENT_ID', 'the client ID of this API at the authorization server')
const clientSecret = setting('CLIENT_SECRET', 'the secret of CLIENT_ID')
const port = portNumber()

const { requireScope, protect, accessToken, metadata, server } = resourceServer({
  resource,
  issuer: {
    issuer,
    introspection: {
      client: { method: 'client_secret_basic', clientId, clientSecret },
      cache: { active: 30 }, // seconds: ordinary routes may accept a revoked token for that long
    },
  },
  scopes: ['read:orders', 'write:orders'],
  onEvent: report,
})

const orders = [{ id: 1, item: 'tea', by: 'somebody' }]
const app = express()

app.use(metadata())

// Accepts a cached response, up to 30 seconds old.
app.get('/orders', requireScope('read:orders'), (_req, res) => {
  res.json({ orders })
})

// Introspects the token for each request, so that a revocation takes effect at once.
app.post('/orders', protect(scope('write:orders'), introspected({ maxAge: 0 })), express.json(), (req, res) => {
  const token = accessToken(req)
  const order = {
    id: orders.length + 1,
    item: String(req.body?.item ?? 'tea'),
    // A client that acts on its own behalf has no subject.
    by: token.subject ?? token.clientId ?? 'somebody',
  }
  orders.push(order)
  res.status(201).json(order)
})

// Sign-out invalidates the cached responses for the user's tokens, so that the next request introspects again.
app.delete('/sessions/me', protect(), async (req, res) => {
  const { subject } = accessToken(req)
  // Not for a token without a subject, which would be equal to all others without one.
  if (subject !== undefined) await server.forget((token) => token.subject === subject)
  res.sendStatus(204)
})

// Load the metadata and the keys now. Start even if the authorization server is down.
await server.ready().catch((error: Error) => console.warn(`${issuer} cannot be reached yet: ${error.message}`))

// On loopback only; HOST=0.0.0.0 is for a container.
const listener = app.listen(port, process.env.HOST || '127.0.0.1', (error?: Error) => {
  if (error) throw error
  console.log(`Orders at http://localhost:${(listener.address() as AddressInfo).port}/orders`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close() // pending requests still complete
  })
}

/** Logs what callers never see: why the authorization server cannot be reached. */
function report(event: BearwardEvent): void {
  if (event.type === 'fetch' && event.outcome === 'failed') {
    console.warn(`${event.target} at ${event.issuer} failed: ${event.code} ${event.status ?? ''}`.trimEnd())
  }
  if (event.type === 'breaker') console.warn(`circuit breaker of ${event.issuer}: ${event.state}`)
}

function setting(name: string, meaning: string): string {
  const value = process.env[name]
  if (value) return value
  console.error(`${name} is not set. Set it to ${meaning}.`)
  process.exit(2)
}

function portNumber(): number {
  const { PORT = '3000' } = process.env
  if (/^\d{1,5}$/.test(PORT)) return Number(PORT)
  console.error('PORT is not a port number.')
  process.exit(2)
}
