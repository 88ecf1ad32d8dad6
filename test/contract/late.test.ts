import type { RequestListener, ServerResponse } from 'node:http'
import { createResourceServer, type Endpoint, type ResourceServer } from 'bearward'
import { resourceServer as expressServer } from 'bearward/express'
import { resourceServer as fastifyServer } from 'bearward/fastify'
import { resourceServer as h3Server } from 'bearward/h3'
import { resourceServer as honoServer } from 'bearward/hono'
import { resourceServer as koaServer } from 'bearward/koa'
import { resourceServer as nodeServer } from 'bearward/node'
import { createDpopClient } from 'bearward/testing'
import express from 'express'
import express4 from 'express4'
import fastify from 'fastify'
import { createApp, eventHandler, toNodeListener } from 'h3v1'
import { Hono } from 'hono'
import Koa from 'koa'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER } from '../corpus/kit.ts'
import { type App, serve } from '../support/apps/app.ts'
import { exchange, type RawRequest } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { boundTo, clockOf, dpop, kit, ORDERS, proven } from './dpop-kit.ts'

// A decision takes time, and meanwhile something else may have responded: a timeout, a shutdown, a second handler. The
// frameworks with Node's response can meet that; on the others a response is a value.

/** The response of the current request, as another part of the program might hold it. */
let other: ServerResponse
/** Gets each response before anything else does. */
let arriving: (response: ServerResponse) => void
/** Runs after the request was authenticated, and decides. */
let guard: () => boolean
const held = async () => guard()
/** Runs while an endpoint reads. */
let respondLate: Endpoint['respond']
const endpointOf: Endpoint = { respond: async (...request) => respondLate(...request) }

let reached = 0
const unhandled: unknown[] = []
const note = (thrown: unknown) => void unhandled.push(thrown)

type Mount = (server: ResourceServer) => RequestListener | Promise<RequestListener>

const onExpress =
  (create: typeof express, awaited = true): Mount =>
  (server) => {
    const { protect, endpoint } = expressServer(server)
    const guarded = protect(held)
    const app = create().use('/endpoint', endpoint(endpointOf))
    app.set('env', 'test').disable('x-powered-by')
    app.use((request, response, next) => {
      const done = guarded(request, response, next)
      return awaited ? done : undefined
    })
    app.use((_request, response) => {
      reached++
      response.end('reached')
    })
    return app as RequestListener
  }

const MOUNTS: Readonly<Record<string, Mount>> = {
  'Express 5': onExpress(express),
  'Express 5, not awaited': onExpress(express, false),
  'Express 4': onExpress(express4),
  async Fastify(server) {
    const { protect, endpoint } = fastifyServer(server)
    const app = fastify()
    app.route({ url: '/endpoint', ...endpoint(endpointOf) })
    app.get('/orders', { onRequest: protect(held) }, async () => {
      reached++
      return 'reached'
    })
    await app.ready()
    return (request, response) => app.routing(request, response)
  },
  Koa(server) {
    const { protect, endpoint } = koaServer(server)
    const app = new Koa()
    app.silent = true
    const atEndpoint = endpoint(endpointOf)
    app.use((context, next) => (context.path === '/endpoint' ? atEndpoint(context, next) : next()))
    app.use(protect(held)).use((context) => {
      reached++
      context.body = 'reached'
    })
    return app.callback()
  },
  'h3 1'(server) {
    const { protect, endpoint } = h3Server(server)
    const handler = protect(held)(() => {
      reached++
      return 'reached'
    })
    const app = createApp().use('/endpoint', eventHandler(endpoint(endpointOf) as never))
    return toNodeListener(app.use(eventHandler(handler as never)))
  },
  'Node, with next'(server) {
    const { protect, endpoint } = nodeServer(server)
    const guarded = protect(held)
    const atEndpoint = endpoint(endpointOf)
    return (request, response) => {
      const handler = (error?: unknown) => {
        reached++
        response.statusCode = error ? 500 : 200
        response.end('reached')
      }
      void (request.url === '/endpoint' ? atEndpoint : guarded)(request, response, handler)
    }
  },
  'Node, awaited'(server) {
    const { protect, endpoint } = nodeServer(server)
    const guarded = protect(held)
    const atEndpoint = endpoint(endpointOf)
    return async (request, response) => {
      if (request.url === '/endpoint') return void (await atEndpoint(request, response))
      if ((await guarded(request, response)) === undefined) return
      reached++
      response.end('reached')
    }
  },
}

let app: App | undefined
const client = await createDpopClient({ clock: clockOf })

/** @param errors who responds to a refusal */
async function start(mount: Mount, errors: 'respond' | 'forward' = 'respond'): Promise<App> {
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
    clock: clockOf,
    // A permitted request gets a new nonce, so there is a header to set on success as well (RFC 9449 §8.2).
    dpop: { nonce: { secret: 'n'.repeat(32) } },
    errors,
  })
  const listener: RequestListener = await mount(server)
  const recording: RequestListener = (request, response) => {
    other = response
    arriving(response)
    void listener(request, response)
  }
  app = await serve('late', recording, { server, reached: [] })
  return app
}

/** A request whose token and proof are good. */
async function permitted(port: number): Promise<RawRequest> {
  const token = boundTo(client)
  const challenged = await exchange(port, await proven(client, token))
  return proven(client, token, { nonce: challenged.header('DPoP-Nonce') as string, url: ORDERS })
}

beforeEach(() => {
  reached = 0
  unhandled.length = 0
  guard = () => true
  arriving = () => undefined
  process.on('unhandledRejection', note).on('uncaughtException', note)
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(async () => {
  await app?.close()
  await new Promise((resolve) => setTimeout(resolve, 5))
  process.off('unhandledRejection', note).off('uncaughtException', note)
  expect(unhandled).toEqual([])
})

const DECISIONS: Readonly<Record<string, () => boolean>> = {
  'an allow': () => true,
  'a refusal': () => false,
  'an error of the application': () => {
    throw new Error('own failure')
  },
}

describe.each(Object.entries(MOUNTS))('%s', (_, mount) => {
  it('permits a request in time, with the new nonce', async () => {
    const { port } = await start(mount)
    const response = await exchange(port, await permitted(port))
    expect(response).toMatchObject({ status: 200, body: 'reached' })
    expect(response.header('DPoP-Nonce')).toBeDefined()
  })

  describe.each(Object.entries(DECISIONS))('%s that finds the response finished', (_name, decide) => {
    it.each(['respond', 'forward'] as const)('does nothing (errors: %s)', async (errors) => {
      const { port } = await start(mount)
      const request = await permitted(port)
      await app?.close()
      const { port: late } = await start(mount, errors)
      guard = () => {
        other.end('timeout')
        return decide()
      }
      expect(await exchange(late, request)).toMatchObject({ body: 'timeout' })
      expect(reached).toBe(0)
    })
  })

  it('an endpoint that finds the response finished does nothing', async () => {
    const { port } = await start(mount)
    const document = { status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'document' }
    const outcomes = [() => document, () => undefined, () => Promise.reject(new Error('own failure'))]
    for (const outcome of outcomes) {
      respondLate = () => {
        other.end('timeout')
        return outcome()
      }
      expect(await exchange(port, { target: '/endpoint' })).toMatchObject({ body: 'timeout' })
    }
    expect(reached).toBe(0)
  })

  it('a refusal that cannot be written closes the connection: 401, nonce, 403', async () => {
    const { port } = await start(mount)
    const requests: readonly RawRequest[] = [
      { lines: dpop('a.b.c') },
      await proven(client, boundTo(client)),
      await permitted(port),
    ]
    guard = () => false
    arriving = (response) => Object.assign(response, { setHeader: fail, writeHead: fail })
    for (const request of requests) await expect(exchange(port, request)).rejects.toThrow('no response')
    expect(reached).toBe(0)
  })

  it('a header that cannot be set on success does not end the process', async () => {
    const { port } = await start(mount)
    const request = await permitted(port)
    arriving = (response) => Object.assign(response, { setHeader: fail })
    await exchange(port, request).catch(() => undefined)
  })

  it('a document that cannot be written closes the connection', async () => {
    const { port } = await start(mount)
    respondLate = () => ({ status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'document' })
    arriving = (response) => Object.assign(response, { setHeader: fail, writeHead: fail })
    await expect(exchange(port, { target: '/endpoint' })).rejects.toThrow('no response')
  })
})

describe('Hono', () => {
  it.each<[string, () => boolean | Promise<boolean>]>([
    ['refuses', () => false],
    ['throws', () => Promise.reject(new Error('own failure'))],
  ])('c.var.accessToken is unset after a later guard %s', async (_name, later) => {
    const { protect } = honoServer({
      resource: RESOURCE,
      issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
      clock: clockOf,
      errors: 'forward',
    })
    const seen: unknown[] = []
    const hono = new Hono<{ Variables: { accessToken?: unknown } }>()
    hono.onError((_error, context) => {
      seen.push(context.get('accessToken'))
      return context.body(null, 403)
    })
    hono.get('/', protect(), protect(later), (context) => context.text('reached'))
    const response = await hono.request('/', { headers: { authorization: `Bearer ${kit.token()}` } })
    expect([response.status, seen]).toEqual([403, [undefined]])
  })
})

function fail(): never {
  throw new Error('this response cannot be written')
}
