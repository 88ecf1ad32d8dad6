import { resourceServer } from 'bearward/fastify'
import bearward from 'bearward/fastify/plugin'
import Fastify from 'fastify'

const options = {
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  scopes: ['read:orders', 'write:orders'],
} as const

const { requireScope, accessToken, maybeAccessToken } = resourceServer(options)

const app = Fastify()
app.get('/orders', { preHandler: requireScope('read:orders') }, async (request) => {
  const subject: string | undefined = accessToken(request).subject
  return { orders: [], for: subject }
})
app.get('/anyone', async (request) => {
  // @ts-expect-error: there may be no token on this route.
  return maybeAccessToken(request).subject
})

// @ts-expect-error: a misspelt scope.
requireScope('read:order')

export const plugged = Fastify().register(bearward, options)
