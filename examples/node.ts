// An orders API on node:http, without a framework.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 node node.js

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { resourceServer } from 'bearward/node'

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

const { requireScope, optionalAuth, metadata, server } = resourceServer({
  resource: RESOURCE,
  issuer: ISSUER,
  scopes: ['read:orders', 'write:orders'],
})

const orders = [{ id: 1, item: 'tea', by: 'somebody' }]
const serveMetadata = metadata()
const readOrders = requireScope('read:orders')
const writeOrders = requireScope('write:orders')
const identify = optionalAuth()

async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
  // Where challenges point to: clients learn here which authorization server to use (RFC 9728).
  if (await serveMetadata(req, res)) return
  switch (`${req.method} ${req.url}`) {
    case 'GET /orders':
      if (await readOrders(req, res)) send(res, 200, { orders })
      return
    case 'POST /orders': {
      // The guard runs before the body is read: without a token, nothing is uploaded.
      const token = await writeOrders(req, res)
      if (!token) return
      const body = (await json(req)) as { item?: unknown } | null
      const order = { id: orders.length + 1, item: String(body?.item ?? 'tea'), by: token.subject ?? 'somebody' }
      orders.push(order)
      return send(res, 201, order)
    }
    case 'GET /me': {
      // For everybody: without a token it is `null`. A bad token is refused all the same, and then it is `undefined`.
      const token = await identify(req, res)
      if (token !== undefined) send(res, 200, { caller: token?.subject ?? 'anonymous' })
      return
    }
    default:
      send(res, 404, { problem: 'not found' })
  }
}

function send(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

// Loading the keys now spares the first caller the wait. An outage at this moment is no reason not to start.
await server.ready().catch((error: Error) => console.warn(`The keys of ${ISSUER} are loaded later: ${error.message}`))

const listener = createServer((req, res) => {
  handle(req, res).catch(() => send(res, 400, { problem: 'the body is not JSON' }))
})
// On loopback only; HOST=0.0.0.0 is for a container.
listener.listen(Number(PORT), HOST, () => console.log(`Orders at http://localhost:${PORT}/orders`))

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    listener.close() // pending requests still get their responses
  })
}
