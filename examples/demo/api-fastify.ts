import { resourceServer } from 'bearward/fastify'
import Fastify from 'fastify'
import { HOST } from './listen.ts'
import { ORDERS, type OrdersApi, protection } from './orders.ts'

export async function startFastify(issuer: string): Promise<OrdersApi> {
  const { requireScope, identify, accessToken, maybeAccessToken, metadata, server } = resourceServer(protection(issuer))

  const app = Fastify({ forceCloseConnections: true })
  app.route(metadata())
  app.get('/orders', { onRequest: requireScope('read:orders') }, async () => ({ orders: ORDERS }))
  app.post('/orders', { onRequest: requireScope('write:orders') }, async (request, reply) =>
    reply.code(201).send({ by: accessToken(request).subject }),
  )
  app.get('/me', { onRequest: identify() }, async (request) => ({
    caller: maybeAccessToken(request)?.subject ?? 'anonymous',
  }))
  app.addHook('onClose', async () => server.close())

  return {
    framework: 'Fastify',
    url: await app.listen({ host: HOST, port: 0 }),
    server,
    close: () => app.close(),
  }
}
