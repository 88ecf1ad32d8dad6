import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resourceServer as onExpress } from 'bearward/express'
import bearward from 'bearward/fastify/plugin'
import { resourceServer as onKoa } from 'bearward/koa'
import { resourceServer as onNode } from 'bearward/node'
import express5, { type ErrorRequestHandler } from 'express'
import express4 from 'express4'
import Fastify, { type FastifyInstance } from 'fastify'
import Koa from 'koa'
import { describe, expect, it, onTestFinished } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { exchange } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

// Error handlers that know nothing of this package, and send only the status and the message of an error.

const kit = createKit()
const options = {
  resource: RESOURCE,
  issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
  clock: () => NOW,
  errors: 'forward',
} as const

async function serve(listener: RequestListener): Promise<number> {
  const http = createServer(listener)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
  })
  return (http.address() as AddressInfo).port
}

function start(express: typeof express5): Promise<number> {
  const handleErrors: ErrorRequestHandler = (error, _request, response, _next) => {
    response.status(error.status).json({ message: error.message })
  }
  return serve(express().use(onExpress(options).protect()).use(handleErrors))
}

async function startFastify(mount: (app: FastifyInstance) => Promise<unknown>): Promise<number> {
  const app = Fastify()
  app.setErrorHandler<Error & { statusCode: number }>((error, _request, reply) =>
    reply.code(error.statusCode).send({ message: error.message }),
  )
  await mount(app)
  onTestFinished(() => app.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
}

const STARTS: Readonly<Record<string, () => Promise<number>>> = {
  'Express 5': () => start(express5),
  'Express 4': () => start(express4 as unknown as typeof express5),
  'Fastify, with the plugin': () =>
    startFastify(async (app) => {
      await app.register(bearward, options)
      app.get('/orders', { onRequest: app.protect() }, () => 'reached')
    }),
  'Fastify, with the plugin and check()': () =>
    startFastify(async (app) => {
      await app.register(bearward, options)
      app.addHook('onRequest', async (request, reply) => {
        await app.protect().check(request, reply)
      })
      app.get('/orders', () => 'reached')
    }),
  Koa: () => {
    const app = new Koa()
    app.use(async (context, next) => {
      try {
        await next()
      } catch (thrown) {
        const { status, message } = thrown as Error & { status: number }
        Object.assign(context, { status, body: { message } })
      }
    })
    return serve(app.use(onKoa(options).protect()).callback())
  },
  'node:http': () => {
    const guard = onNode(options).protect()
    return serve((request, response) => {
      guard(request, response, (error?: unknown) => {
        const { status, message } = error as Error & { status: number }
        response.statusCode = status
        response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ message }))
      })
    })
  },
}

describe("errors: 'forward', and an error handler that sends only status and message (RFC 9110 §15.5.2)", () => {
  it.each(Object.entries(STARTS))('keeps challenge and no-store: %s', async (_, startApp) => {
    const port = await startApp()
    const response = await exchange(port, {})
    expect([response.status, JSON.parse(response.body)]).toEqual([
      401,
      { message: 'The request carries no access token' },
    ])
    expect(response.all('WWW-Authenticate')).toEqual([expect.stringMatching(/^Bearer /)])
    expect(response.all('Cache-Control')).toEqual(['no-store'])
    const invalid = await exchange(port, { lines: [`Authorization: Bearer ${kit.token()}x`] })
    expect(invalid.all('WWW-Authenticate')).toEqual([expect.stringContaining('error="invalid_token"')])
  })

  it('does not change a response that is permitted in another way: Fastify', async () => {
    const port = await startFastify(async (app) => {
      await app.register(bearward, options)
      const guard = app.protect()
      app.addHook('onRequest', async (request, reply) => {
        await guard.check(request, reply).catch(() => undefined)
      })
      app.get('/orders', () => 'reached')
    })
    const response = await exchange(port, {})
    expect([response.status, response.all('WWW-Authenticate'), response.all('Cache-Control')]).toEqual([200, [], []])
  })

  it('does not change what a caller makes of the error: node:http without next', async () => {
    const guard = onNode(options).protect()
    const port = await serve((request, response) => {
      guard(request, response).catch(() => response.end('reached'))
    })
    const response = await exchange(port, {})
    expect([response.status, response.body, response.all('WWW-Authenticate')]).toEqual([200, 'reached', []])
  })
})
