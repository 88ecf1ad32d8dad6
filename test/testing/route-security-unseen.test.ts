import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import * as forExpress from 'bearward/express'
import * as forFastify from 'bearward/fastify'
import * as forHono from 'bearward/hono'
import { expectAllProtected, routeSecurity } from 'bearward/testing'
import express from 'express'
import express4 from 'express4'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'

// What responds although no route is listed as unguarded: "What is not checked" of docs/route-coverage.md. Each test shows
// that the page is right, in both directions.

const options = { resource: 'https://api.test', issuer: 'https://auth.test' }

describe.each([
  ['Express 5', express],
  ['Express 4', express4 as unknown as typeof express],
])('%s', (_, express) => {
  it('functions of param() run before guards of the route, and after those mounted before it', async () => {
    const { protect } = forExpress.resourceServer(options)
    const app = express()
    app.param('id', (_req, res) => void res.send('loaded'))
    app.get('/open/:id', protect(), (_req, res) => void res.send('order'))
    app.use('/guarded', protect())
    app.get('/guarded/:id', (_req, res) => void res.send('order'))
    await expectAllProtected(app)
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const get = (path: string) => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)
    expect(await (await get('/open/1')).text()).toBe('loaded')
    expect((await get('/guarded/1')).status).toBe(401)
    server.close()
    server.closeAllConnections()
  })

  it('a last handler for everything is listed', async () => {
    const app = express()
    app.get('/orders', forExpress.resourceServer(options).protect(), (_req, res) => void res.send('order'))
    app.use((_req, res) => void res.send('nothing here'))
    expect((await routeSecurity(app)).find(({ unguarded }) => unguarded !== undefined)).toMatchObject({ path: '/' })
  })
})

it('Fastify: a handler of setNotFoundHandler() is guarded by onRequest hooks of the instance, or its own', async () => {
  const { protect } = forFastify.resourceServer(options)
  const create = (onInstance: boolean, own: boolean) => {
    const app = Fastify()
    if (onInstance) app.addHook('onRequest', protect())
    app.setNotFoundHandler(own ? { preHandler: protect() } : {}, async () => 'nothing here')
    app.get('/orders', { onRequest: protect() }, async () => 'order')
    return app
  }
  for (const [onInstance, own, status] of [
    [false, false, 200],
    [true, false, 401],
    [false, true, 401],
  ] as const) {
    const app = create(onInstance, own)
    await expectAllProtected(app)
    expect((await app.inject('/other')).statusCode).toBe(status)
  }
})

it('Hono: a handler of notFound() is guarded by what is mounted for all paths', async () => {
  const { protect } = forHono.resourceServer(options)
  const bare = new Hono().get('/orders', protect(), (c) => c.text('order'))
  const guarded = new Hono().use(protect()).get('/orders', (c) => c.text('order'))
  for (const [app, status] of [
    [bare, 200],
    [guarded, 401],
  ] as const) {
    app.notFound((c) => c.text('nothing here', 200))
    await expectAllProtected(app)
    expect((await app.request('/other')).status).toBe(status)
  }
})
