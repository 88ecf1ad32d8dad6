import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { resourceServer } from 'bearward/hono'
import { Hono } from 'hono'
import { hangUp, listen } from './listen.ts'
import { ORDERS, type OrdersApi, protection } from './orders.ts'

export async function startHono(issuer: string): Promise<OrdersApi> {
  const { requireScope, identify, metadata, server } = resourceServer(protection(issuer))

  const app = new Hono()
    .use(metadata())
    .get('/orders', requireScope('read:orders'), (c) => c.json({ orders: ORDERS }))
    .post('/orders', requireScope('write:orders'), (c) => c.json({ by: c.var.accessToken.subject }, 201))
    .get('/me', identify(), (c) => c.json({ caller: c.var.accessToken?.subject ?? 'anonymous' }))

  const listener = createServer(getRequestListener(app.fetch))
  return {
    framework: 'Hono',
    url: await listen(listener),
    server,
    async close() {
      server.close()
      await hangUp(listener)
    },
  }
}
