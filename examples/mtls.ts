// An orders API with certificate-bound tokens (mTLS, RFC 8705): a stolen token is useless without the client's private
// key. Node terminates TLS. Here on Express.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com TLS_KEY=server.key TLS_CERT=server.crt \
//   PORT=3000 node mtls.js
//
//   curl --cert client.crt --key client.key --header "Authorization: Bearer $TOKEN" https://localhost:3000/orders
//
// TLS_KEY and TLS_CERT are the PEM files of this server. If a proxy terminates TLS, see docs/mtls.md.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type BearwardEvent, mtls, scope } from 'bearward'
import { resourceServer } from 'bearward/express'
import express from 'express'

const issuer = setting('ISSUER', 'the URL of your authorization server')
const resource = setting('RESOURCE', 'the URL of this API: the audience of its tokens')
const key = readFileSync(setting('TLS_KEY', 'the file with the private key of this server'))
const cert = readFileSync(setting('TLS_CERT', 'the file with the certificate of this server'))
const { HOST = '127.0.0.1', PORT = '3000' } = process.env
if (!/^\d{1,5}$/.test(PORT)) {
  console.error('PORT is not a port number.')
  process.exit(2)
}

const { requireScope, protect, accessToken, metadata, server } = resourceServer({
  resource,
  issuer,
  scopes: ['read:orders', 'write:orders'],
  mtls: 'accept', // also accepts bearer tokens; a bound token always requires its certificate
  onEvent: report,
})

const orders = [{ id: 1, item: 'tea', by: 'somebody' }]
const app = express()

// The metadata declares certificate-bound tokens (RFC 9728).
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

// Load the keys now, so that the first caller does not wait. Start even if the authorization server is down.
await server
  .ready()
  .catch((error: Error) => console.warn(`The keys of ${issuer} will be loaded later: ${error.message}`))

// Requests a client certificate without requiring one. The token identifies the certificate, which may be self-signed
// (RFC 8705 §2.2). With your own `ca`, remove rejectUnauthorized.
const listener = createServer({ key, cert, requestCert: true, rejectUnauthorized: false }, app)
// On loopback only; HOST=0.0.0.0 is for a container.
listener.listen(Number(PORT), HOST, () => {
  const { port } = listener.address() as AddressInfo
  console.log(`Orders at https://localhost:${port}/orders`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close() // pending requests still complete
  })
}

/** Logs why requests were refused. `confirmation`: a stolen token, or a proxy in between. */
function report(event: BearwardEvent): void {
  if (event.type === 'decision' && event.outcome === 'refused') console.warn(`refused: ${event.reason}`)
}

function setting(name: string, meaning: string): string {
  const value = process.env[name]
  if (value) return value
  console.error(`${name} is not set. Set it to ${meaning}.`)
  process.exit(2)
}
