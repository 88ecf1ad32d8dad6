// One API, three authorization servers: one issues JWTs for staff, one issues opaque tokens for customers, and the
// partners' one issues opaque tokens with a prefix. Here on Fastify.
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

const resource = setting('RESOURCE', 'the URL of this API: the audience of its tokens')
const staff = setting('STAFF_ISSUER', 'the URL of the authorization server of your staff')
const customers = setting('CUSTOMER_ISSUER', 'the URL of the authorization server of your customers')
const partners = setting('PARTNER_ISSUER', 'the URL of the authorization server of your partners')
const port = portNumber()

const { protect, accessToken, metadata, server } = resourceServer({
  resource,
  issuer: [
    // Its keys are discovered, and its JWTs verified locally.
    { issuer: staff, profile: 'rfc9068' },
    // It introspects the opaque tokens that no other issuer claims. Its JWTs are verified locally as well.
    { issuer: customers, introspection: { client: clientOf('CUSTOMER') } },
    // It introspects only tokens with this prefix. It issues no JWTs, so there are no keys to load.
    { issuer: partners, introspection: { client: clientOf('PARTNER') }, tokenPrefix: 'partner_', keys: null },
  ],
  scopes: ['read:orders', 'write:orders'],
})

// Each issuer may have its own user 'alice': a subject identifies a user only together with the issuer.
const ownerOf = ({ subject, issuer }: AccessToken): string => `${subject} at ${issuer}`

// Opaque tokens may have no subject, and must not share the orders of "undefined".
const hasSubject = ({ subject }: AccessToken): boolean => subject !== undefined

const orders: { id: number; item: string; owner: string }[] = []
const app = Fastify()

app.route(metadata())

app.get('/orders', { onRequest: protect(scope('read:orders'), hasSubject) }, async (request) => {
  const owner = ownerOf(accessToken(request))
  return { orders: orders.filter((order) => order.owner === owner) }
})

app.post<{ Body: { item?: string } | undefined }>(
  '/orders',
  { onRequest: protect(scope('write:orders'), hasSubject) },
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

// A scope does not identify the issuer. Only staff may see all orders.
app.get('/orders/all', { onRequest: protect(scope('read:orders'), (token) => token.issuer === staff) }, async () => ({
  orders,
}))

app.addHook('onClose', async () => server.close())

// Load metadata and keys now. Start even if one of the authorization servers is down.
await server.ready().catch((error: Error) => console.warn(`Not all issuers are ready yet: ${error.message}`))

// On loopback only; HOST=0.0.0.0 is for a container.
const address = await app.listen({ host: process.env.HOST || '127.0.0.1', port })
console.log(`Orders at http://localhost:${new URL(address).port}/orders`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void app.close()) // pending requests still complete
}

/** The credentials of this API at an authorization server. */
function clientOf(whose: 'CUSTOMER' | 'PARTNER'): ClientAuthentication {
  return {
    method: 'client_secret_basic',
    clientId: setting(`${whose}_CLIENT_ID`, 'the client ID of this API at that authorization server'),
    clientSecret: setting(`${whose}_CLIENT_SECRET`, `the secret of ${whose}_CLIENT_ID`),
  }
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
