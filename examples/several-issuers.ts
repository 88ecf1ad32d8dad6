// One API, three authorization servers: staff sign in with one that issues JWTs, customers with one that issues opaque
// tokens, and partners with a third, whose opaque tokens are known by their prefix. Here on Fastify.
//
//   RESOURCE=https://api.example.com PORT=3000 \
//   STAFF_ISSUER=https://login.example.com \
//   CUSTOMER_ISSUER=https://accounts.example.com CUSTOMER_CLIENT_ID=orders-api CUSTOMER_CLIENT_SECRET=… \
//   PARTNER_ISSUER=https://auth.partner.example PARTNER_CLIENT_ID=orders-api PARTNER_CLIENT_SECRET=… \
//   node several-issuers.js

import type { AccessToken, ClientAuthentication } from 'bearward'
import { scope } from 'bearward'
import { resourceServer } from 'bearward/fastify'
import Fastify from 'fastify'

const resource = setting('RESOURCE', 'the URL of this API, as tokens name it in their audience')
const staff = setting('STAFF_ISSUER', 'the URL of the authorization server of your staff')
const customers = setting('CUSTOMER_ISSUER', 'the URL of the authorization server of your customers')
const partners = setting('PARTNER_ISSUER', 'the URL of the authorization server of your partners')
const port = portNumber()

const { requireScope, protect, accessToken, metadata, server } = resourceServer({
  resource,
  issuer: [
    // Its keys are discovered; a token of it is verified here, without asking anybody.
    { issuer: staff, profile: 'rfc9068' },
    // It is asked about each opaque token that no other issuer claims. Its JWTs are verified here as well.
    { issuer: customers, introspection: { client: clientOf('CUSTOMER') } },
    // It is asked about tokens that begin so, and about no others. It issues no JWTs: there are no keys to load.
    { issuer: partners, introspection: { client: clientOf('PARTNER') }, tokenPrefix: 'partner_', keys: null },
  ],
  scopes: ['read:orders', 'write:orders'],
})

// Each of them may have a user 'alice', and they are not the same person: a subject means something only together with
// its issuer.
const ownerOf = (token: AccessToken): string => `${token.subject ?? token.clientId} at ${token.issuer}`

const orders: { id: number; item: string; owner: string }[] = []
const app = Fastify()

app.route(metadata())

app.get('/orders', { onRequest: requireScope('read:orders') }, async (request) => {
  const owner = ownerOf(accessToken(request))
  return { orders: orders.filter((order) => order.owner === owner) }
})

app.post<{ Body: { item?: string } | undefined }>(
  '/orders',
  { onRequest: requireScope('write:orders') },
  async (request, reply) => {
    const order = {
      id: orders.length + 1,
      item: String(request.body?.item ?? 'tea'),
      owner: ownerOf(accessToken(request)),
    }
    orders.push(order)
    return reply.code(201).send(order)
  },
)

// A scope says what a client may do, not who issued it. Only staff may see the orders of everybody.
app.get('/orders/all', { onRequest: protect(scope('read:orders'), (token) => token.issuer === staff) }, async () => ({
  orders,
}))

app.addHook('onClose', async () => server.close())

// Keys, and where to ask. An outage of one of them is no reason not to start for the others.
await server.ready().catch((error: Error) => console.warn(`Not all issuers are ready yet: ${error.message}`))

const address = await app.listen({ port })
console.log(`Orders at http://localhost:${new URL(address).port}/orders`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void app.close()) // requests under way are still answered
}

/** How this API is known at one of the authorization servers. */
function clientOf(whose: 'CUSTOMER' | 'PARTNER'): ClientAuthentication {
  return {
    method: 'client_secret_basic',
    clientId: setting(`${whose}_CLIENT_ID`, 'how that authorization server knows this API'),
    clientSecret: setting(`${whose}_CLIENT_SECRET`, 'what this API proves that with'),
  }
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
