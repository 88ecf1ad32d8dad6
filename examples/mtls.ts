// An orders API whose tokens are bound to the certificate of the client (mTLS, RFC 8705): a token that was stolen is worth
// nothing without the private key. TLS ends here, in Node. On Express.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com TLS_KEY=server.key TLS_CERT=server.crt \
//   PORT=3000 node mtls.js
//
//   curl --cert client.crt --key client.key --header "Authorization: Bearer $TOKEN" https://localhost:3000/orders
//
// TLS_KEY and TLS_CERT are files, in PEM: who this server is. Where a proxy ends TLS instead, see docs/mtls.md.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type BearwardEvent, mtls, scope } from 'bearward'
import { resourceServer } from 'bearward/express'
import express from 'express'

const issuer = setting('ISSUER', 'the URL of your authorization server')
const resource = setting('RESOURCE', 'the URL of this API, as tokens name it in their audience')
const key = readFileSync(setting('TLS_KEY', 'the file with the private key of this server'))
const cert = readFileSync(setting('TLS_CERT', 'the file with the certificate of this server'))
const { PORT = '3000' } = process.env
if (!/^\d{1,5}$/.test(PORT)) {
  console.error('PORT is not a port number.')
  process.exit(2)
}

const { requireScope, protect, accessToken, metadata, server } = resourceServer({
  resource,
  issuer,
  scopes: ['read:orders', 'write:orders'],
  mtls: 'accept', // bearer tokens as well; one that is bound is never taken without its certificate
  onEvent: report,
})

const orders = [{ id: 1, item: 'tea', by: 'somebody' }]
const app = express()

// Clients learn here that tokens bound to certificates are taken (RFC 9728).
app.use(metadata())

app.get('/orders', requireScope('read:orders'), (req, res) => {
  res.json({ orders, boundBy: accessToken(req).boundBy ?? null })
})

app.post('/orders', protect(mtls('require'), scope('write:orders')), (req, res) => {
  const { subject, clientId } = accessToken(req)
  const order = { id: orders.length + 1, item: 'tea', by: subject ?? clientId ?? 'somebody' }
  orders.push(order)
  res.status(201).json(order)
})

// Loading the keys now spares the first caller the wait. An outage at this moment is no reason not to start.
await server.ready().catch((error: Error) => console.warn(`The keys of ${issuer} are loaded later: ${error.message}`))

// Every client is asked for a certificate, and may have none. Whose it has to be, the token says: one that the client has
// signed itself will do (RFC 8705 §2.2). With a `ca` of your own, leave rejectUnauthorized out.
const listener = createServer({ key, cert, requestCert: true, rejectUnauthorized: false }, app)
listener.listen(Number(PORT), () => {
  const { port } = listener.address() as AddressInfo
  console.log(`Orders at https://localhost:${port}/orders`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close() // requests under way are still answered
  })
}

/** Requests that were refused, and why: `confirmation` is a token in the wrong hands, or a proxy in between. */
function report(event: BearwardEvent): void {
  if (event.type === 'decision' && event.outcome === 'refused') console.warn(`refused: ${event.reason}`)
}

function setting(name: string, meaning: string): string {
  const value = process.env[name]
  if (value) return value
  console.error(`${name} is not set. It is ${meaning}.`)
  process.exit(2)
}
