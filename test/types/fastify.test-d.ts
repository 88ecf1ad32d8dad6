// Compiled, never run: each line below a `@ts-expect-error` must fail to compile; all others must compile.
import fastifyAuth from '@fastify/auth'
import { anyOf, scope } from 'bearward'
import { resourceServer } from 'bearward/fastify'
import bearward from 'bearward/fastify/plugin'
import type { Request } from 'express'
import Fastify, { type FastifyRequest } from 'fastify'
import { pino } from 'pino'

const options = {
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  scopes: ['read:orders', 'write:orders'],
} as const

const { requireScope, protect, optionalAuth, accessToken, maybeAccessToken, metadata, endpoint, server } =
  resourceServer(options)

interface Orders {
  Params: { owner: string }
  Querystring: { page: number }
  Body: { items: string[] }
  Headers: { 'x-tenant': string }
  Reply: { 200: { by: string | undefined }; 404: { missing: true } }
}

// A guard function may take the request with the types of its route.
const owner = protect(
  (token, request: FastifyRequest<{ Params: { owner: string } }>) => token.subject === request.params.owner,
)
protect(anyOf(scope('read:orders'), (_, request: FastifyRequest<Orders>) => request.query.page === 1))
protect((token, request) => {
  // @ts-expect-error the parameters of an unknown route
  request.params.owner
  return token.subject === request.hostname
})
// @ts-expect-error the request of another framework
protect((_, request: Request) => request.secure)

// Every server and every logger. Types of these differ, so nothing can be said of all of them at once.
const plain = Fastify()
plain.route(metadata())
plain.route({ url: '/logout', ...endpoint(server.metadata) })
plain.addHook('onRequest', protect())
plain.get<Orders>('/', { onRequest: requireScope('read:orders'), preHandler: [owner, optionalAuth()] }, (request) => {
  const named: string = request.params.owner
  const page: number = request.query.page
  // @ts-expect-error a misspelt parameter
  request.params.owners
  return { by: accessToken(request).subject ?? `${named}${page}` }
})
await plain.register(bearward, options)
plain.get<Orders>('/x', { onRequest: plain.protect() }, async (request) => ({ by: request.accessToken.subject }))
// @ts-expect-error not an option
await plain.register(bearward, { ...options, audience: 'orders' })

const tls = Fastify({ https: {} })
tls.route(metadata())
tls.addHook('preHandler', protect())
tls.get<Orders>('/', { onRequest: [owner] }, (request) => ({ by: maybeAccessToken(request)?.subject }))
await tls.register(bearward, options)

const http2 = Fastify({ http2: true })
http2.route(metadata())
http2.route({ url: '/logout', ...endpoint(server.metadata) })
http2.addHook('onRequest', protect())
http2.addHook('onRequest', async (request, reply) => {
  const token = await optionalAuth().check(request, reply)
  // @ts-expect-error `undefined` after a response, `null` for an anonymous request
  token.subject
})
http2.get<Orders>('/', { preValidation: owner }, (request) => ({ by: accessToken(request).subject }))
await http2.register(bearward, options)
http2.get('/x', { onRequest: http2.requireScope('any') }, async (request) => request.accessToken.subject)

const http2Tls = Fastify({ http2: true, https: {} })
http2Tls.route(metadata())
http2Tls.addHook('onRequest', protect())
http2Tls.get<Orders>('/', { onRequest: owner }, (request) => ({ by: accessToken(request).subject }))
await http2Tls.register(bearward, options)

const logging = Fastify({ loggerInstance: pino() })
logging.route(metadata())
logging.route({ url: '/logout', ...endpoint(server.metadata) })
logging.addHook('onRequest', protect())
logging.get<Orders>('/', { onRequest: owner }, (request) => ({ by: accessToken(request).subject }))
await logging.register(bearward, options)

await plain.register(fastifyAuth)
plain.get('/either', { onRequest: plain.auth([plain.protect(), requireScope('read:orders')]) }, async () => 'x')

// @ts-expect-error a misspelt scope
requireScope('read:order')
// @ts-expect-error not a request
accessToken({})
