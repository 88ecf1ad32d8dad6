import { resourceServer } from 'bearward/fastify'
import bearward from 'bearward/fastify/plugin'
import Fastify from 'fastify'
import { exercise, issuer, keys, resource } from './token.mjs'

const options = { resource, issuer: { issuer, keys } }
const { requireScope, accessToken } = resourceServer(options)

const bound = Fastify()
bound.get('/orders', { preHandler: requireScope('read:orders') }, async (request) => ({
  for: accessToken(request).subject,
}))

const plugged = Fastify()
await plugged.register(bearward, options)
plugged.get('/orders', { preHandler: plugged.requireScope('read:orders') }, async (request) => ({
  for: request.accessToken.subject,
}))

for (const app of [bound, plugged]) {
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  await exercise((headers) => fetch(`${address}/orders`, { headers }))
  await app.close()
}
