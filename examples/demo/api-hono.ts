import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { introspected, scope } from 'bearward'
import { resourceServer } from 'bearward/hono'
import { Hono } from 'hono'
import { hangUp, listen } from './listen.ts'
import { hasIntrospection, ORDERS, type OrdersApi, type Protection } from './orders.ts'

export async function startHono(protection: Protection): Promise<OrdersApi> {
  const { protect, requireScope, optionalAuth, metadata, server } = resourceServer(protection)

  const app = new Hono()
    .use(metadata())
    .get('/orders', requireScope('read:orders'), (c) => c.json({ orders: ORDERS }))
    .post('/orders', requireScope('write:orders'), (c) => c.json({ by: c.var.accessToken.subject }, 201))
    .get('/me', optionalAuth(), (c) => c.json({ caller: c.var.accessToken?.subject ?? 'anonymous' }))
  if (hasIntrospection(protection)) {
    app.post('/payments', protect(scope('write:orders'), introspected({ maxAge: 0 })), (c) =>
      c.json({ paidBy: c.var.accessToken.clientId }, 201),
    )
  }

  const listener = getRequestListener(app.fetch)
  const socket = createServer(listener)
  return {
    framework: 'Hono',
    url: await listen(socket),
    listener,
    server,
    async close() {
      server.close()
      await hangUp(socket)
    },
  }
}
