import { createResourceServer, type Endpoint } from 'bearward'
import { resourceServer as expressServer } from 'bearward/express'
import { resourceServer as fastifyServer } from 'bearward/fastify'
import plugin from 'bearward/fastify/plugin'
import { resourceServer as fetchServer } from 'bearward/fetch'
import { resourceServer as honoServer } from 'bearward/hono'
import { resourceServer as koaServer } from 'bearward/koa'
import { resourceServer as nodeServer } from 'bearward/node'
import fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { RESOURCE } from '../support/issuer/issuer.ts'

// A8: a challenge never points to a document that nothing serves (RFC 9728 §5.1).

const options = { resource: RESOURCE, issuer: 'https://auth.example.com' }
type Bind = (server: Server) => { metadata(): unknown; endpoint(endpoint: Endpoint): unknown }
const ADAPTERS: Readonly<Record<string, Bind>> = {
  express: expressServer,
  fastify: fastifyServer,
  fetch: fetchServer,
  hono: (server) => honoServer(server),
  koa: koaServer,
  node: nodeServer,
}
const URL_OF_DOCUMENT = `${RESOURCE}/.well-known/oauth-protected-resource`

type Server = ReturnType<typeof createResourceServer>

async function urlIn(server: Server): Promise<string | undefined> {
  const request = { native: {}, method: 'GET', target: '/', authorization: [], contentType: undefined }
  const decision = await server.decide(request, server.guards())
  const challenge = decision.allowed ? '' : decision.response.headers['WWW-Authenticate']
  return /resource_metadata="([^"]*)"/.exec(challenge ?? '')?.[1]
}

describe('a challenge has resource_metadata (A8)', () => {
  it('only where the document is served, decided for each request', async () => {
    const server = createResourceServer(options)
    expect(await urlIn(server)).toBeUndefined()
    expressServer(server).protect()
    expressServer(server).endpoint({ respond: () => undefined })
    expressServer(server).endpoint(createResourceServer(options).metadata)
    expect(await urlIn(server)).toBeUndefined()
    expressServer(server).metadata()
    expect(await urlIn(server)).toBe(URL_OF_DOCUMENT)
  })

  it.each(Object.entries(ADAPTERS))('after metadata() or endpoint(server.metadata) of %s', async (_, bind) => {
    const [first, second] = [createResourceServer(options), createResourceServer(options)]
    const [one, other] = [bind(first), bind(second)]
    expect([await urlIn(first), await urlIn(second)]).toEqual([undefined, undefined])
    one.metadata()
    other.endpoint(second.metadata)
    expect([await urlIn(first), await urlIn(second)]).toEqual([URL_OF_DOCUMENT, URL_OF_DOCUMENT])
  })

  it('with the Fastify plugin', async () => {
    const app = fastify()
    await app.register(plugin, options)
    expect(await urlIn(app.resourceServer)).toBe(URL_OF_DOCUMENT)
  })

  it('after server.metadata.respond(), for adapters of your own', async () => {
    const server = createResourceServer(options)
    server.metadata.respond('GET', '/elsewhere')
    expect(await urlIn(server)).toBe(URL_OF_DOCUMENT)
  })

  it('with servedAt, exactly as it is written', async () => {
    const servedAt = 'https://gateway.example.com/a%2Fb?c'
    const server = createResourceServer({ ...options, metadata: { servedAt } })
    expect([await urlIn(server), server.metadata.url, server.metadata.path]).toEqual([
      servedAt,
      servedAt,
      '/.well-known/oauth-protected-resource',
    ])
  })

  it.each(['/metadata', 'http://api.example.com/m', 'https://a/"x"', 'https://a/\u00e9', ''])(
    'not with %j',
    (servedAt) => {
      expect(() => createResourceServer({ ...options, metadata: { servedAt } })).toThrow(
        /option metadata.servedAt must/,
      )
    },
  )
})
