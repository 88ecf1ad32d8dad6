import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { resourceServer as onExpress } from 'bearward/express'
import { resourceServer as onFastify } from 'bearward/fastify'
import { resourceServer as onH3 } from 'bearward/h3'
import { resourceServer as onHono } from 'bearward/hono'
import { resourceServer as onKoa } from 'bearward/koa'
import { resourceServer as onNode } from 'bearward/node'
import { createDpopClient } from 'bearward/testing'
import express, { type RequestHandler } from 'express'
import Fastify from 'fastify'
import { H3, toNodeHandler, withBase } from 'h3'
import * as h3v1 from 'h3v1'
import { Hono } from 'hono'
import Koa from 'koa'
import { afterEach, describe, expect, it } from 'vitest'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { options as bearer, kit } from './nest-kit.ts'

// A proof names the method and the URL that the client used (RFC 9449 §4.2), whatever middleware has made of them.

const options = { ...bearer, dpop: 'accept' as const, clock: () => Date.now() / 1000 }

let server: Server | undefined
afterEach(() => {
  server?.close()
  server?.closeAllConnections()
})

async function statusOf(listener: RequestListener, path: string, init: RequestInit = {}): Promise<number> {
  server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server?.once('listening', resolve))
  const client = await createDpopClient()
  const now = Math.floor(Date.now() / 1000)
  const claims = kit.claims({ iat: now, exp: now + 60, cnf: client.confirmation })
  const token = kit.token({ claims })
  const proof = await client.proof({ method: init.method ?? 'GET', url: RESOURCE + path, token })
  const headers = { ...init.headers, authorization: `DPoP ${token}`, dpop: proof }
  const { port } = server.address() as AddressInfo
  return (await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers })).status
}

/** Mounts a listener in Express, which removes the path from the URL that it passes on. */
const inExpress = (listener: unknown) => express().use('/base', listener as RequestHandler)
const listenerOf = (app: { readonly fetch: Parameters<typeof getRequestListener>[0] }) =>
  getRequestListener(app.fetch, { overrideGlobalObjects: false })

const koa = new Koa().use(onKoa(options).protect()).use((context) => {
  context.body = 'reached'
})
const hono = new Hono().all('/orders', onHono(options).protect(), (context) => context.text('reached'))
const h3 = new H3({ silent: true }).all('/orders', () => 'reached', { middleware: [onH3(options).protect()] })
const oldH3 = h3v1.createApp().use('/orders', h3v1.eventHandler(onH3(options).protect()(() => 'reached') as never))

describe('the target of a proof is the one received (SPEC R9, RFC 9449 §4.3)', () => {
  it.each<[string, () => RequestListener]>([
    ['Koa in Express', () => inExpress(koa.callback())],
    ['Hono in Express', () => inExpress(listenerOf(hono))],
    ['h3 2 in Express', () => inExpress(toNodeHandler(h3))],
    ['h3 1 in Express', () => inExpress(h3v1.toNodeListener(oldH3))],
    [
      'a guard of node:http in Express',
      () => inExpress(onNode(options).protect()).use((_, response) => response.end()),
    ],
    [
      'Express in Express',
      () => inExpress(express().use(onExpress(options).protect(), (_, response) => response.end())),
    ],
    ['Hono in Hono, with mount()', () => listenerOf(new Hono().mount('/base', hono.fetch))],
    ['Hono in Hono, with route()', () => listenerOf(new Hono().route('/base', hono))],
    ['h3 2 with withBase()', () => toNodeHandler(new H3({ silent: true }).all('/base/**', withBase('/base', h3)))],
    ['h3 2 in h3 2, with mount()', () => toNodeHandler(new H3({ silent: true }).mount('/base', h3))],
  ])('%s', async (_, listener) => {
    expect(await statusOf(listener(), '/base/orders')).toBe(200)
  })
})

describe('the method of a proof is the one received (SPEC R9, RFC 9449 §4.3)', () => {
  const post = { method: 'POST' }

  it('with a Request that has another method, as methodOverride() of Hono creates', async () => {
    const { protect } = onHono(options)
    const app = new Hono()
    app.post('/orders', ({ req, env }) =>
      app.fetch(new Request(req.url, { method: 'DELETE', headers: req.raw.headers }), env),
    )
    app.delete('/orders', protect(), (context) => context.text('reached'))
    expect(await statusOf(listenerOf(app), '/orders', post)).toBe(200)
  })

  it('with middleware that keeps it as originalMethod, on Express and on Fastify', async () => {
    const override = (request: { method?: string | undefined; originalMethod?: string }) => {
      request.originalMethod = request.method as string
      request.method = 'DELETE'
    }
    const app = express()
      .use((request, _, next) => {
        override(request)
        next()
      })
      .delete('/orders', onExpress(options).protect(), (_, response) => void response.end())
    expect(await statusOf(app, '/orders', post)).toBe(200)
    const fastify = Fastify({
      serverFactory: (handler) =>
        createServer((request, response) => {
          override(request)
          handler(request, response)
        }),
    })
    fastify.delete('/orders', { onRequest: onFastify(options).protect() }, async () => 'reached')
    await fastify.ready()
    expect(
      await statusOf((request, response) => void fastify.server.emit('request', request, response), '/orders', post),
    ).toBe(200)
  })
})
