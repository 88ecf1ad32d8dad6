import { createServer } from 'node:http'
import { resourceServer } from 'bearward/express'
import express from 'express'
import { hangUp, listen } from './listen.ts'
import { ORDERS, type OrdersApi, protection } from './orders.ts'

export async function startExpress(issuer: string): Promise<OrdersApi> {
  const { requireScope, identify, accessToken, maybeAccessToken, metadata, server } = resourceServer(protection(issuer))

  const app = express()
    .use(metadata())
    .get('/orders', requireScope('read:orders'), (_req, res) => {
      res.json({ orders: ORDERS })
    })
    .post('/orders', requireScope('write:orders'), (req, res) => {
      res.status(201).json({ by: accessToken(req).subject })
    })
    .get('/me', identify(), (req, res) => {
      res.json({ caller: maybeAccessToken(req)?.subject ?? 'anonymous' })
    })

  const listener = createServer(app)
  return {
    framework: 'Express',
    url: await listen(listener),
    server,
    async close() {
      server.close()
      await hangUp(listener)
    },
  }
}
