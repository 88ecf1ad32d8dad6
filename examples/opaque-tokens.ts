// An orders API whose tokens are opaque: the authorization server is asked what each one means (RFC 7662), and the
// answer is kept for a while. JWTs of the same server are accepted beside them. Here on Express.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com \
//   CLIENT_ID=orders-api CLIENT_SECRET=… PORT=3000 node opaque-tokens.js

import type { AddressInfo } from 'node:net'
import { type BearwardEvent, introspected, scope } from 'bearward'
import { resourceServer } from 'bearward/express'
import express from 'express'

const issuer = setting('ISSUER', 'the URL of your authorization server')
const resource = setting('RESOURCE', 'the URL of this API, as tokens name it in their audience')
const clientId = setting('CLIENT_ID', 'how the authorization server knows this API')
const clientSecret = setting('CLIENT_SECRET', 'what this API proves that with')
const port = portNumber()

const { requireScope, protect, accessToken, metadata, server } = resourceServer({
  resource,
  issuer: {
    issuer,
    introspection: {
      client: { method: 'client_secret_basic', clientId, clientSecret },
      cache: { active: 30 }, // seconds; so long may a revoked token still get through on ordinary routes
    },
  },
  scopes: ['read:orders', 'write:orders'],
  onEvent: report,
})

const orders = [{ id: 1, item: 'tea', by: 'somebody' }]
const app = express()

app.use(metadata())

// An answer that is up to 30 seconds old will do.
app.get('/orders', requireScope('read:orders'), (_req, res) => {
  res.json({ orders })
})

// Here it will not: the authorization server is asked for this very request, and a revoked token is noticed at once.
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

// Who signs out tells us, too: what is kept of their tokens goes, and the authorization server is asked again.
app.delete('/sessions/me', protect(), async (req, res) => {
  const { subject } = accessToken(req)
  await server.forget((token) => token.subject === subject)
  res.sendStatus(204)
})

// Where to ask, and the keys for JWTs. An outage at this moment is no reason not to start.
await server.ready().catch((error: Error) => console.warn(`${issuer} is asked for them later: ${error.message}`))

const listener = app.listen(port, (error?: Error) => {
  if (error) throw error
  console.log(`Orders at http://localhost:${(listener.address() as AddressInfo).port}/orders`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close() // requests under way are still answered
  })
}

/** What callers are never told: that the authorization server cannot be asked, and why. */
function report(event: BearwardEvent): void {
  if (event.type === 'fetch' && event.outcome === 'failed') {
    console.warn(`${event.target} at ${event.issuer} failed: ${event.code} ${event.status ?? ''}`.trimEnd())
  }
  if (event.type === 'breaker') console.warn(`${event.issuer} is ${event.state === 'closed' ? '' : 'not '}asked`)
}

function setting(name: string, meaning: string): string {
  const value = process.env[name]
  if (value) return value
  console.error(`${name} is not set. It is ${meaning}.`)
  process.exit(2)
}

function portNumber(): number {
  const { PORT = '3000' } = process.env
  if (/^\d{1,5}$/.test(PORT)) return Number(PORT)
  console.error('PORT is not a port number.')
  process.exit(2)
}
