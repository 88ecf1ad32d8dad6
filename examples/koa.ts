// An orders API on Koa 3.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 node koa.js

import { json } from 'node:stream/consumers'
import { resourceServer } from 'bearward/koa'
import Koa, { type Context, type Middleware } from 'koa'

const { ISSUER, RESOURCE, HOST = '127.0.0.1', PORT = '3000' } = process.env
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
const app = new Koa()

// Where challenges point to: clients learn here which authorization server to use (RFC 9728).
app.use(metadata())

route('GET', '/orders', requireScope('read:orders'), (ctx) => {
  ctx.body = { orders }
})

// The guard runs before the body is read: without a token, nothing is uploaded.
route('POST', '/orders', requireScope('write:orders'), async (ctx) => {
  const body = (await json(ctx.req)) as { item?: unknown } | null
  const by = accessToken(ctx).subject ?? 'somebody'
  const order = { id: orders.length + 1, item: String(body?.item ?? 'tea'), by }
  orders.push(order)
  ctx.status = 201
  ctx.body = order
})

// For everybody. A request with a token is greeted by name; a bad token is refused all the same.
route('GET', '/me', optionalAuth(), (ctx) => {
  ctx.body = { caller: maybeAccessToken(ctx)?.subject ?? 'anonymous' }
})

/** What a router does. */
function route(method: string, path: string, guard: Middleware, handler: (ctx: Context) => void | Promise<void>): void {
  app.use((ctx, next) =>
    ctx.method === method && ctx.path === path ? guard(ctx, () => Promise.resolve(handler(ctx))) : next(),
  )
}

// Loading the keys now spares the first caller the wait. An outage at this moment is no reason not to start.
await server.ready().catch((error: Error) => console.warn(`The keys of ${ISSUER} are loaded later: ${error.message}`))

// On loopback only; HOST=0.0.0.0 is for a container.
const listener = app.listen(Number(PORT), HOST, () => console.log(`Orders at http://localhost:${PORT}/orders`))

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close() // pending requests still get their responses
  })
}
