// An orders API on the Fetch API, here on Node. The function `app` is what Bun, Deno and Workers call with each request.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 node fetch.js

import { serve } from '@hono/node-server'
import { resourceServer } from 'bearward/fetch'

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

// In Next.js, each of these is an export of a route: `export const GET = requireScope('read:orders')(…)`.
const routes: Record<string, (request: Request) => Promise<Response>> = {
  'GET /orders': requireScope('read:orders')(() => Response.json({ orders })),

  // The guard runs before the body is read: without a token, nothing is uploaded.
  'POST /orders': requireScope('write:orders')(async (request) => {
    const body = (await request.json()) as { item?: unknown } | null
    const by = accessToken(request).subject ?? 'somebody'
    const order = { id: orders.length + 1, item: String(body?.item ?? 'tea'), by }
    orders.push(order)
    return Response.json(order, { status: 201 })
  }),

  // For everybody. A request with a token is greeted by name; a bad token is refused all the same.
  'GET /me': optionalAuth()((request) => Response.json({ caller: maybeAccessToken(request)?.subject ?? 'anonymous' })),
}

const serveMetadata = metadata()

async function app(request: Request): Promise<Response> {
  // Where challenges point to: clients learn here which authorization server to use (RFC 9728).
  const document = await serveMetadata(request)
  if (document) return document
  const route = routes[`${request.method} ${new URL(request.url).pathname}`]
  return route ? route(request) : new Response(null, { status: 404 })
}

// Loading the keys now spares the first caller the wait. An outage at this moment is no reason not to start.
await server.ready().catch((error: Error) => console.warn(`The keys of ${ISSUER} are loaded later: ${error.message}`))

// On loopback only; HOST=0.0.0.0 is for a container.
const listener = serve({ fetch: app, hostname: HOST, port: Number(PORT) }, () => {
  console.log(`Orders at http://localhost:${PORT}/orders`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close() // pending requests still get their responses
  })
}
