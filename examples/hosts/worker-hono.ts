// The same Worker with Hono: the settings are in `c.env`.

import { resourceServer } from 'bearward/hono'
import { Hono } from 'hono'

interface Env {
  readonly ISSUER: string
  readonly RESOURCE: string
}

const { requireScope, metadata } = resourceServer(({ env }: { readonly env: Env }) => ({
  resource: env.RESOURCE,
  issuer: env.ISSUER,
  scopes: ['read:orders'],
}))

export default new Hono<{ Bindings: Env }>()
  .use(metadata())
  .get('/orders', requireScope('read:orders'), (c) => c.json({ orders: [], for: c.var.accessToken.subject }))
