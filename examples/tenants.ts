// One API for thousands of tenants. Each has its own issuer at one authorization server, and all share its key set. Here
// on Express.
//
//   RESOURCE=https://api.example.com AUTHORITY=https://auth.example.com TENANTS=tenants.txt PORT=3000 node tenants.js
//
// The issuer of a tenant is AUTHORITY/tenants/<ID>, and TENANTS is a file with one ID per line; a database works alike.

import { readFile } from 'node:fs/promises'
import { resourceServer } from 'bearward/express'
import express from 'express'

const resource = setting('RESOURCE', 'the URL of this API: the audience of its tokens')
const authority = setting('AUTHORITY', 'the URL of your authorization server, without a slash at its end')
const tenants = await tenantsIn(setting('TENANTS', 'a file with the ID of one tenant per line'))
const { HOST = '127.0.0.1' } = process.env
const port = portNumber()

const { requireScope, accessToken, metadata, server } = resourceServer({
  resource,
  issuer: {
    // Called once for each issuer that a token names, and again after it was evicted. Anyone can send tokens that name any
    // issuer, so that such lookups are limited; see `lookups`.
    allow: {
      has: async (issuer) => {
        const tenant = tenantOf(issuer)
        return tenant !== undefined && tenants.has(tenant)
      },
    },
    // The same URL for all, so that the key set is fetched once.
    resolve: () => ({ keys: `${authority}/jwks` }),
    // More than are in use at the same time. It costs memory, not requests: a key set outlives the issuers that use it.
    alive: 5000,
  },
  scopes: ['read:orders', 'write:orders'],
})

/** The orders of each tenant. A subject identifies a user only within a tenant. */
const ordersOf = new Map<string, { id: number; item: string; by: string }[]>()
const app = express()

app.use(metadata())

app.get('/orders', requireScope('read:orders'), (req, res) => {
  res.json({ orders: ordersOf.get(accessToken(req).issuer) ?? [] })
})

app.post('/orders', requireScope('write:orders'), express.json(), (req, res) => {
  const { issuer, subject, clientId } = accessToken(req)
  const orders = ordersOf.get(issuer) ?? []
  ordersOf.set(issuer, orders)
  const order = { id: orders.length + 1, item: String(req.body?.item ?? 'tea'), by: subject ?? clientId ?? 'unknown' }
  orders.push(order)
  res.status(201).json(order)
})

// There is nothing to load before the first token: a token names its tenant.
const listener = app.listen(port, HOST, (error?: Error) => {
  if (error) throw error
  const address = listener.address()
  console.log(`Orders at http://localhost:${typeof address === 'object' ? address?.port : port}/orders`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close() // pending requests still complete
  })
}

/** The tenant of an issuer, or `undefined`. The rest of an exact prefix, and nothing else: an ID has no slash. */
function tenantOf(issuer: string): string | undefined {
  const prefix = `${authority}/tenants/`
  const id = issuer.startsWith(prefix) ? issuer.slice(prefix.length) : ''
  return /^[a-z\d-]{1,64}$/.test(id) ? id : undefined
}

async function tenantsIn(file: string): Promise<ReadonlySet<string>> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    console.error(`TENANTS cannot be read: ${error.message}`)
    process.exit(2)
  })
  return new Set(text.split(/\r?\n/).filter((line) => line !== ''))
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
