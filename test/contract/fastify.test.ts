import { connect } from 'node:net'
import fastifyAuth from '@fastify/auth'
import swagger from '@fastify/swagger'
import type { Endpoint, ResourceServerOptions } from 'bearward'
import { resourceServer } from 'bearward/fastify'
import bearward from 'bearward/fastify/plugin'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const kit = createKit()
const good = { authorization: `Bearer ${kit.token()}` }
const bad = { authorization: 'Bearer a.b.c' }
const options = {
  resource: RESOURCE,
  issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
  clock: () => NOW,
} satisfies ResourceServerOptions
const DOCUMENT = '/.well-known/oauth-protected-resource'

const opened: FastifyInstance[] = []
afterEach(() => Promise.all(opened.splice(0).map((app) => app.close())))

function open(): FastifyInstance {
  const app = fastify()
  opened.push(app)
  return app
}

describe('registering the plugin (F7)', () => {
  it('rejects for a wrong option, as does ready(), and the process goes on', async () => {
    const app = open()
    await expect(app.register(bearward, { ...options, audience: 'orders' } as never)).rejects.toThrow(/option audience/)
    const later = open()
    later.register(bearward, { resource: RESOURCE } as never)
    await expect(later.ready()).rejects.toThrow(/option issuer/)
  })

  it('is an error under a prefix, where no client looks for the metadata (RFC 9728 §3.1)', async () => {
    await expect(open().register(bearward, { ...options, prefix: '/api' })).rejects.toThrow(/at the root/)
    const app = open()
    await expect(
      app.register(async (child) => void (await child.register(bearward, options)), { prefix: '/api' }),
    ).rejects.toThrow(/at the root/)
  })

  it('is an error the second time, also in an inner context', async () => {
    const app = open()
    await app.register(bearward, options)
    await expect(app.register(bearward, options)).rejects.toThrow(/already .* of 'bearward\/fastify'/)
    const outer = open()
    await outer.register(bearward, options)
    await expect(outer.register(async (child) => void (await child.register(bearward, options)))).rejects.toThrow(
      /already/,
    )
  })

  it('serves HTTP/2, and an application with its own logger', async () => {
    const lines: string[] = []
    const logging = fastify({ loggerInstance: pino({ level: 'info' }, { write: (line) => void lines.push(line) }) })
    await logging.register(bearward, options)
    logging.get('/x', { onRequest: logging.protect() }, async (request) => request.accessToken.subject)
    expect((await logging.inject({ url: '/x', headers: good })).body).toBe('user-1')
    expect((await logging.inject({ url: '/x' })).statusCode).toBe(401)
    expect(lines.length).toBeGreaterThan(0)
    const http2 = fastify({ http2: true })
    await http2.register(bearward, options)
    http2.get('/x', { onRequest: http2.protect() }, async (request) => request.accessToken.subject)
    expect((await http2.inject({ url: '/x', headers: good })).body).toBe('user-1')
    await Promise.all([logging.close(), http2.close()])
  })
})

const hello: Endpoint = { respond: async (method) => ({ status: 200, headers: { 'X-Method': method }, body: 'hello' }) }

/** A guard for all routes, in each way that there is. */
const ROOT_HOOKS: Record<string, (app: FastifyInstance) => void> = {
  'the guard as a hook': (app) => void app.addHook('onRequest', app.protect()),
  'the guard as a later hook': (app) => void app.addHook('preHandler', app.protect()),
  'a custom hook': (app) =>
    void app.addHook('onRequest', async (request, reply) => {
      await app.protect().check(request, reply)
    }),
  'a custom hook that stops without a token': (app) =>
    void app.addHook('onRequest', async (request, reply) => {
      if (!(await app.protect().check(request, reply))) return reply
      return undefined
    }),
}

describe.each(Object.entries(ROOT_HOOKS))('our endpoints behind %s (F7)', (_, mount) => {
  async function guarded(before = false) {
    const app = open()
    if (before) app.addHook('onRequest', async () => undefined)
    await app.register(bearward, options)
    mount(app)
    app.route({ url: '/hello', ...resourceServer(app.resourceServer).endpoint(hello) })
    app.get('/orders', async (request) => request.accessToken.subject)
    app.get(`${DOCUMENT}/orders`, async () => 'secret')
    return app
  }

  it('are public: the document, its preflight request, and others, whatever the credential', async () => {
    const app = await guarded()
    for (const headers of [{}, good, bad]) {
      const get = await app.inject({ url: DOCUMENT, headers })
      expect([get.statusCode, get.json().resource]).toEqual([200, RESOURCE])
      expect((await app.inject({ method: 'HEAD', url: DOCUMENT, headers })).statusCode).toBe(200)
      expect((await app.inject({ method: 'OPTIONS', url: DOCUMENT, headers })).statusCode).toBe(204)
      const post = await app.inject({ method: 'POST', url: '/hello', headers, payload: '<x/>' })
      expect([post.statusCode, post.body, post.headers['x-method']]).toEqual([200, 'hello', 'POST'])
    }
  })

  it('are the only ones: neither a URL that resembles theirs nor an unknown one is', async () => {
    const app = await guarded()
    expect((await app.inject({ url: '/orders', headers: good })).body).toBe('user-1')
    for (const url of [
      '/orders',
      '/orders?x=/.well-known/oauth-protected-resource',
      `${DOCUMENT}/orders`,
      '/nowhere',
    ]) {
      expect((await app.inject({ url })).statusCode).toBe(401)
      expect((await app.inject({ url, headers: bad })).statusCode).toBe(401)
    }
  })

  it('do not open a route that copies one of them with another hook and handler', async () => {
    const app = open()
    await app.register(bearward, options)
    mount(app)
    const copied = { ...resourceServer(app.resourceServer).endpoint(hello), onRequest: async () => undefined }
    app.route({ ...copied, url: '/copied', handler: async () => 'secret' })
    expect((await app.inject({ url: '/copied' })).body).not.toContain('secret')
    expect((await app.inject({ url: '/copied', headers: good })).body).not.toContain('secret')
  })
})

it('our endpoints are not in the OpenAPI document (F7)', async () => {
  const app = open()
  await app.register(swagger, { openapi: {} })
  await app.register(bearward, options)
  app.route({ url: '/hello', ...resourceServer(app.resourceServer).endpoint(hello) })
  app.get('/orders', { onRequest: app.protect() }, async () => 'orders')
  await app.ready()
  expect(Object.keys(app.swagger().paths ?? {})).toEqual(['/orders'])
})

describe('check() in a custom hook (F7)', () => {
  type Check = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

  /** A hook that asks for a token only on some requests, and does not look at the result. */
  async function hooked(check: Check, onSend?: () => Promise<void>) {
    const app = open()
    let reached = 0
    const results: unknown[] = []
    if (onSend) app.addHook('onSend', onSend)
    app.addHook('onRequest', async (request, reply) => {
      if (request.method === 'GET') results.push(await check(request, reply))
    })
    app.route({ method: ['GET', 'POST'], url: '/x', handler: async () => `${++reached}` })
    return { app, results, reached: () => reached }
  }

  it('returns the token of a permitted request', async () => {
    const { protect } = resourceServer(options)
    const { app, results } = await hooked((request, reply) => protect().check(request, reply))
    expect((await app.inject({ url: '/x', headers: good })).body).toBe('1')
    expect(results).toMatchObject([{ subject: 'user-1' }])
    expect((await app.inject({ method: 'POST', url: '/x' })).body).toBe('2')
  })

  it('returns null for an anonymous request behind optionalAuth(), and undefined only after a response', async () => {
    const { optionalAuth } = resourceServer(options)
    const { app, results } = await hooked((request, reply) => optionalAuth().check(request, reply))
    expect((await app.inject({ url: '/x' })).body).toBe('1')
    expect((await app.inject({ url: '/x', headers: bad })).statusCode).toBe(401)
    expect(results).toEqual([null, undefined])
  })

  it('responds otherwise, and no handler runs, however slowly the response is sent', async () => {
    const { requireScope } = resourceServer(options)
    const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 5))
    const { app, results, reached } = await hooked(
      (request, reply) => requireScope('admin').check(request, reply),
      slow,
    )
    const response = await app.inject({ url: '/x', headers: good })
    expect([response.statusCode, response.json().error]).toEqual([403, 'insufficient_scope'])
    await expect.poll(() => results).toEqual([undefined])
    expect(reached()).toBe(0)
  })

  it('runs no handler for a client that has left before its refusal was sent', async () => {
    const { protect } = resourceServer(options)
    let leave = () => {}
    const left = new Promise<void>((resolve) => {
      leave = resolve
    })
    const { app, results, reached } = await hooked(
      (request, reply) => protect().check(request, reply),
      () => left,
    )
    const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n')
      setTimeout(() => socket.destroy(), 20)
    })
    await expect.poll(() => results).toEqual([undefined])
    leave()
    await app.close()
    expect(reached()).toBe(0)
  })

  it("rejects with errors: 'forward', and for an error of the application", async () => {
    const { protect } = resourceServer({ ...options, errors: 'forward' })
    const forwarding = await hooked((request, reply) => protect().check(request, reply))
    const response = await forwarding.app.inject({ url: '/x' })
    expect([response.statusCode, response.headers['www-authenticate']]).toEqual([
      401,
      expect.stringMatching(/^Bearer /),
    ])
    const failing = await hooked((request, reply) =>
      protect(() => Promise.reject(Object.assign(new Error('own'), { statusCode: 200 }))).check(request, reply),
    )
    expect((await failing.app.inject({ url: '/x', headers: good })).statusCode).toBe(500)
    expect([forwarding.reached(), failing.reached()]).toEqual([0, 0])
  })

  it('is what a guard that is called by hand names', () => {
    const { protect } = resourceServer(options)
    const call = protect() as unknown as (request: object, reply: object) => void
    expect(() => call({}, {})).toThrow(/await protect\(\)\.check\(request, reply\)/)
  })
})

describe("@fastify/auth with errors: 'forward' (F7)", () => {
  async function composed(relation: 'or' | 'and') {
    const app = open()
    await app.register(fastifyAuth)
    await app.register(bearward, { ...options, errors: 'forward' })
    const apiKey = async (request: FastifyRequest) => {
      if (request.headers['x-api-key'] !== 'secret') throw Object.assign(new Error('no key'), { statusCode: 401 })
    }
    // Last, so that its error, with the challenge, is the one that remains.
    const onRequest = app.auth([apiKey, app.requireScope('read:orders')], { relation })
    app.get('/orders', { onRequest }, async (request) => request.maybeAccessToken?.subject ?? 'by key')
    return async (headers: Record<string, string>) => {
      const { statusCode, body, headers: sent } = await app.inject({ url: '/orders', headers })
      return statusCode === 200 ? body : [statusCode, sent['www-authenticate']]
    }
  }
  const scoped = { authorization: `Bearer ${kit.token({ claims: kit.claims({ scope: 'read:orders' }) })}` }
  const key = { 'x-api-key': 'secret' }

  it('or: a token or something else', async () => {
    const send = await composed('or')
    expect(await send(scoped)).toBe('user-1')
    expect(await send(key)).toBe('by key')
    expect(await send({ ...key, ...bad })).toBe('by key')
    expect(await send({})).toEqual([401, expect.stringMatching(/^Bearer .*scope="read:orders"/)])
    expect(await send(bad)).toEqual([401, expect.stringMatching(/error="invalid_token"/)])
  })

  it('and: a token and something else', async () => {
    const send = await composed('and')
    expect(await send({ ...key, ...scoped })).toBe('user-1')
    expect(await send(key)).toEqual([401, expect.stringMatching(/^Bearer /)])
    expect(await send(scoped)).toEqual([401, undefined])
  })
})
