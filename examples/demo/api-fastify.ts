import formbody from '@fastify/formbody'
import { introspected, scope } from 'bearward'
import { resourceServer } from 'bearward/fastify'
import Fastify from 'fastify'
import { HOST } from './listen.ts'
import { hasIntrospection, ORDERS, type OrdersApi, type Protection } from './orders.ts'

export async function startFastify(protection: Protection): Promise<OrdersApi> {
  const { protect, requireScope, optionalAuth, accessToken, maybeAccessToken, metadata, server } =
    resourceServer(protection)

  const app = Fastify({ forceCloseConnections: true })
  await app.register(formbody)
  app.route(metadata())
  app.get('/orders', { onRequest: requireScope('read:orders') }, async () => ({ orders: ORDERS }))
  // If form tokens are accepted, the form must be parsed before the hook.
  app.post('/orders', { preValidation: requireScope('write:orders') }, async (request, reply) =>
    reply.code(201).send({ by: accessToken(request).subject }),
  )
  app.get('/me', { onRequest: optionalAuth() }, async (request) => ({
    caller: maybeAccessToken(request)?.subject ?? 'anonymous',
  }))
  if (hasIntrospection(protection)) {
    const preValidation = protect(scope('write:orders'), introspected({ maxAge: 0 }))
    app.post('/payments', { preValidation }, async (request, reply) =>
      reply.code(201).send({ paidBy: accessToken(request).clientId }),
    )
  }
  app.addHook('onClose', async () => server.close())

  return {
    framework: 'Fastify',
    url: await app.listen({ host: HOST, port: 0 }),
    listener: app.routing,
    server,
    close: () => app.close(),
  }
}
