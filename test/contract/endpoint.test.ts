import { once } from 'node:events'
import { connect } from 'node:net'
import type { Endpoint, RequestBody } from 'bearward'
import { createResourceServer } from 'bearward'
import { resourceServer as expressServer } from 'bearward/express'
import { resourceServer as honoServer } from 'bearward/hono'
import { resourceServer as koaServer } from 'bearward/koa'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type App, serve } from '../support/apps/app.ts'
import { ENDPOINT_MOUNTS } from '../support/apps/endpoints.ts'
import { bytesOf, exchange } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

// How endpoints are mounted, shown with one that repeats what it gets.

const server = createResourceServer({ resource: RESOURCE, issuer: 'https://auth.example.com' })
const FORM = 'application/x-www-form-urlencoded'
const LIMIT = 10

const lengthOf = (body: RequestBody) => (typeof body === 'string' ? Math.min(body.length, LIMIT + 1) : body)
const echo: Endpoint = {
  async respond(method, target, content) {
    if (method !== 'POST') return { status: 405, headers: { Allow: 'POST' }, body: '' }
    const body = await content.body(LIMIT)
    const text = JSON.stringify([target, content.contentType, body === '' ? undefined : lengthOf(body), body])
    return { status: 200, headers: { 'Content-Type': 'application/json' }, body: text.slice(0, 200) }
  },
}
const failing: Endpoint = { respond: () => Promise.reject(new Error('own failure')) }
const elsewhere: Endpoint = { respond: () => undefined }

/** What endpoints get of a body whose sender gives up, or how reading it fails. */
let outcome: Promise<unknown>
let hasBegun: () => void
const interrupted: Endpoint = {
  async respond(_method, _target, content) {
    const body = content.body(LIMIT)
    outcome = body.catch((thrown) => thrown)
    hasBegun()
    await body
    return { status: 400, headers: {}, body: '' }
  },
}

const ENDPOINTS = { '/logout': echo, '/failing': failing, '/elsewhere': elsewhere, '/interrupted': interrupted }

let running: App | undefined
afterEach(() => running?.close())

const post = (body: string, type = FORM) => ({
  method: 'POST',
  target: '/logout?a=b',
  lines: [`Content-Type: ${type}`],
  body,
})

/** All that a server sends until it closes the connection. */
async function allOf(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('latin1').on('data', (data) => {
    text += data
  })
  socket.on('error', () => undefined).write(bytes)
  await once(socket, 'close')
  return text
}

describe.each(Object.entries(ENDPOINT_MOUNTS))('endpoint() on %s', (name, mount) => {
  const start = async () => {
    running = await serve(name, await mount(server, ENDPOINTS), { server: server as never, reached: [] })
    return running.port
  }

  it('reads the body whatever its media type, without a parser', async () => {
    const port = await start()
    for (const type of [FORM, 'application/secevent+jwt', 'application/json']) {
      const response = await exchange(port, post('a=b', type))
      expect([response.status, response.body]).toEqual([200, JSON.stringify(['/logout?a=b', type, 3, 'a=b'])])
      expect(response.all('Content-Type')).toEqual(['application/json'])
    }
  })

  it('reads no more than a little beyond the limit, and responds', async () => {
    const { status, body } = await exchange(await start(), post('x'.repeat(500_000)))
    expect([status, JSON.parse(body.replace(/,"x*$/, ']'))[2]]).toEqual([200, LIMIT + 1])
  })

  // What turns requests of Node into those of the Fetch API (@hono/node-server) closes the connection.
  const closes = ['Hono', 'fetch'].includes(name)
  it(`${closes ? 'closes the connection after' : 'discards'} what is beyond the limit, so that no request behind it gets a response that is not its own (SPEC F11, RFC 9112 §9.3)`, async () => {
    const first = bytesOf(post('x'.repeat(500_000)), 'keep-alive')
    const received = await allOf(await start(), `${first}${bytesOf({ target: '/elsewhere' })}`)
    const statuses = [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
    expect(statuses).toEqual(closes ? ['200'] : ['200', '404'])
  })

  it('passes on what the endpoint does not respond to, and its errors', async () => {
    const port = await start()
    const get = await exchange(port, { target: '/logout' })
    expect([get.status, get.all('Allow')]).toEqual([405, ['POST']])
    expect((await exchange(port, { target: '/elsewhere' })).status).toBe(404)
    expect((await exchange(port, { target: '/failing' })).status).toBe(500)
  })

  it('has no body if the sender closes the connection before its end, and no error either', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled).on('uncaughtException', unhandled)
    const begun = new Promise<void>((resolve) => {
      hasBegun = resolve
    })
    const socket = connect(await start(), '127.0.0.1')
    const request = bytesOf({ ...post('x'.repeat(LIMIT)), target: '/interrupted' })
    socket.write(request.slice(0, -1))
    await begun
    socket.destroy()
    await once(socket, 'close')
    expect(await outcome).toBeUndefined()
    await new Promise((resolve) => setTimeout(resolve, 10))
    process.off('unhandledRejection', unhandled).off('uncaughtException', unhandled)
    expect([log.mock.calls, unhandled.mock.calls]).toEqual([[], []])
    log.mockRestore()
  })
})

describe('a method that middleware has changed, as method-override does: the endpoint gets the one received', () => {
  type Overridden = { method?: string | undefined }
  const override = (request: Overridden) => Object.assign(request, { originalMethod: request.method, method: 'PUT' })

  it('on Express', async () => {
    const app = express().use((request, _response, next) => {
      override(request)
      next()
    })
    app.use('/logout', expressServer(server).endpoint(echo))
    running = await serve('Express', app, { server: server as never, reached: [] })
    expect((await exchange(running.port, post('a=b'))).status).toBe(200)
  })

  it('on Koa', async () => {
    const app = new Koa().use((context, next) => {
      override(context.req)
      return next()
    })
    app.use(koaServer(server).endpoint(echo))
    running = await serve('Koa', app.callback(), { server: server as never, reached: [] })
    expect((await exchange(running.port, post('a=b'))).status).toBe(200)
  })
})

describe('a body that was parsed before', () => {
  it('is what the endpoint gets, on Express', async () => {
    const app = express().use(express.urlencoded({ extended: false }), express.json())
    app.use('/logout', expressServer(server).endpoint(echo))
    running = await serve('Express', app, { server: server as never, reached: [] })
    const response = await exchange(running.port, post('a=b'))
    expect(JSON.parse(response.body)[3]).toEqual({ a: 'b' })
    // The parsers leave this one alone.
    const other = await exchange(running.port, post('a=b', 'application/secevent+jwt'))
    expect(JSON.parse(other.body)[3]).toBe('a=b')
  })

  it('is what the endpoint gets, on Hono', async () => {
    const app = new Hono().use(async (context, next) => {
      await context.req.text()
      await next()
    })
    app.all('/logout', honoServer(server).endpoint(echo))
    const response = await app.request('/logout', { method: 'POST', headers: { 'content-type': FORM }, body: 'a=b' })
    expect(((await response.json()) as unknown[])[3]).toBe('a=b')
  })
})
