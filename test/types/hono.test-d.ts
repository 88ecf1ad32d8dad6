// Compiled, never run: each line below a `@ts-expect-error` must fail to compile; all others must compile.
import { resourceServer } from 'bearward/hono'
import { Hono } from 'hono'

interface Env {
  readonly ISSUER: string
}

const { requireScope, accessToken, server } = resourceServer(({ env }: { env: Env }) => ({
  resource: 'https://api.example.com',
  issuer: env.ISSUER,
  scopes: ['read:orders', 'write:orders'] as const,
}))

new Hono<{ Bindings: Env }>().get('/orders', requireScope('read:orders'), (c) => {
  server(c).state()
  // @ts-expect-error a misspelt scope
  accessToken(c).hasScope('read:order')
  return c.json({ for: c.var.accessToken.subject })
})
// @ts-expect-error a misspelt scope
requireScope('read:order')
// @ts-expect-error there is one server for each environment
server.state()

// Only the environment: the server decides about other requests as well.
// @ts-expect-error nothing of the request
resourceServer((c) => ({ resource: c.req.url, issuer: 'https://auth.example.com' }))
resourceServer(({ env }) => ({ resource: `https://${env.HOST}`, issuer: `${env.ISSUER}` }))
