import { resourceServer } from 'bearward/hono'
import { Hono } from 'hono'

const { requireScope } = resourceServer({
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  scopes: ['read:orders', 'write:orders'],
})

export const app = new Hono().get('/orders', requireScope('read:orders'), (c) => {
  const subject: string | undefined = c.var.accessToken.subject
  return c.json({ orders: [], for: subject })
})

new Hono().get('/open', (c) =>
  // @ts-expect-error: no guard on this route, hence no token.
  c.text(c.var.accessToken.subject),
)

// @ts-expect-error: a misspelt scope.
requireScope('read:order')
