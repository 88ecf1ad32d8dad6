import { createServer } from 'node:http'
import { introspected, scope } from 'bearward'
import { resourceServer } from 'bearward/express'
import express from 'express'
import { hangUp, listen } from './listen.ts'
import { hasIntrospection, ORDERS, type OrdersApi, type Protection } from './orders.ts'

export async function startExpress(protection: Protection): Promise<OrdersApi> {
  const { protect, requireScope, optionalAuth, accessToken, maybeAccessToken, metadata, server } =
    resourceServer(protection)

  const app = express()
    .use(metadata())
    .use(express.urlencoded({ extended: false })) // if form tokens are accepted, the form must be parsed first
    .get('/orders', requireScope('read:orders'), (_req, res) => {
      res.json({ orders: ORDERS })
    })
    .post('/orders', requireScope('write:orders'), (req, res) => {
      res.status(201).json({ by: accessToken(req).subject })
    })
    .get('/me', optionalAuth(), (req, res) => {
      res.json({ caller: maybeAccessToken(req)?.subject ?? 'anonymous' })
    })
  if (hasIntrospection(protection)) {
    app.post('/payments', protect(scope('write:orders'), introspected({ maxAge: 0 })), (req, res) => {
      res.status(201).json({ paidBy: accessToken(req).clientId })
    })
  }

  const listener = createServer(app)
  return {
    framework: 'Express',
    url: await listen(listener),
    listener: app,
    server,
    async close() {
      server.close()
      await hangUp(listener)
    },
  }
}
