import formbody from '@fastify/formbody'
import { type AccessToken, createResourceServer } from 'bearward'
import { resourceServer as expressServer } from 'bearward/express'
import { resourceServer as fastifyServer } from 'bearward/fastify'
import { resourceServer as fetchServer } from 'bearward/fetch'
import { resourceServer as honoServer } from 'bearward/hono'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { serve } from '../support/apps/app.ts'
import { brokenOff } from '../support/http/broken-off.ts'
import { bytesOf, exchange } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const kit = createKit()
const good = kit.token()

const options = (formTokens: 'off' | 'accept') => ({
  resource: RESOURCE,
  issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
  clock: () => NOW,
  formTokens,
})

const FORM = 'application/x-www-form-urlencoded'

const request = (body: string, lines: readonly string[] = [], type = FORM) => ({
  method: 'POST',
  lines: [`Content-Type: ${type}`, ...lines],
  body,
})

const header = [`Authorization: Bearer ${good}`]

describe('R4: without form tokens, the body is not read (RFC 6750 §2.2)', () => {
  it('by Express: the handler gets the whole stream', async () => {
    const { protect, server } = expressServer(options('off'))
    const app = express().post('/orders', protect(), async (incoming, response) => {
      expect(incoming.readableDidRead).toBe(false)
      let body = ''
      for await (const chunk of incoming) body += String(chunk)
      response.json({ body })
    })
    const running = await serve('Express', app, { server: server as never, reached: [] })
    const response = await exchange(running.port, request('access_token=a&b=c', header))
    await running.close()
    expect([response.status, JSON.parse(response.body)]).toEqual([200, { body: 'access_token=a&b=c' }])
  })

  it('by Hono: it is unread when the handler runs', async () => {
    const { protect } = honoServer(options('off'))
    const app = new Hono().post('/orders', protect(), async (context) => {
      expect(context.req.raw.bodyUsed).toBe(false)
      return context.json({ body: await context.req.text() })
    })
    const response = await app.request('/orders', {
      method: 'POST',
      headers: { 'content-type': FORM, authorization: `Bearer ${good}` },
      body: 'access_token=a&b=c',
    })
    expect([response.status, await response.json()]).toEqual([200, { body: 'access_token=a&b=c' }])
  })

  it('by the core: it never requests the body', async () => {
    const server = createResourceServer(options('off'))
    const view = { native: {}, method: 'POST', target: '/', authorization: [`Bearer ${good}`], contentType: FORM }
    await server.authenticate({ ...view, form: () => expect.fail('the body was requested') })
  })
})

describe('R4: with form tokens, the body is requested only if there can be one', () => {
  const server = createResourceServer(options('accept'))
  const view = { native: {}, method: 'POST', target: '/', authorization: [`Bearer ${good}`], contentType: FORM }

  it.each([
    ['on GET', { method: 'GET' }],
    ['on HEAD', { method: 'HEAD' }],
    ['without a media type', { contentType: undefined }],
    ['with JSON', { contentType: 'application/json' }],
    ['with multipart', { contentType: 'multipart/form-data; boundary=x' }],
    ['with a media type that only starts the same', { contentType: `${FORM}2` }],
    ['with two Authorization lines', { authorization: ['Bearer a', 'Bearer b'] }],
  ])('not %s', async (_, over) => {
    const form = () => expect.fail('the body was requested')
    await Promise.resolve()
      .then(() => server.authenticate({ ...view, ...over, native: {}, form }))
      .catch((thrown: unknown) => expect(thrown).toMatchObject({ reason: 'several_credentials' }))
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('with a form on %s it is requested', async (method) => {
    const token = await server.authenticate({
      ...view,
      native: {},
      method,
      authorization: [],
      form: async () => `access_token=${good}`,
    })
    expect(token.subject).toBe('user-1')
  })
})

describe('R4: the handler can still read the form', () => {
  const body = `access_token=${good}&note=a+b&note=c`

  it('with Express', async () => {
    const { protect, accessToken, server } = expressServer(options('accept'))
    const app = express()
    app.use(express.urlencoded({ extended: true }))
    app.post('/orders', protect(), (incoming, response) => {
      response.json({ note: (incoming.body as { note: unknown }).note, subject: accessToken(incoming).subject })
    })
    const running = await serve('Express', app, { server: server as never, reached: [] })
    const response = await exchange(running.port, request(body))
    await running.close()
    expect(JSON.parse(response.body)).toEqual({ note: ['a b', 'c'], subject: 'user-1' })
  })

  it('with Fastify, from preValidation on', async () => {
    const { protect, accessToken, server } = fastifyServer(options('accept'))
    const app = fastify()
    await app.register(formbody)
    app.post('/orders', { preValidation: protect() }, (incoming) => ({
      note: (incoming.body as { note: unknown }).note,
      subject: accessToken(incoming).subject,
    }))
    const response = await app.inject({ method: 'POST', url: '/orders', headers: { 'content-type': FORM }, body })
    await app.close()
    server.close()
    expect(response.json()).toEqual({ note: ['a b', 'c'], subject: 'user-1' })
  })

  it.each(['text', 'parseBody', 'formData', 'arrayBuffer', 'blob'] as const)('with Hono, by %s()', async (read) => {
    const { protect } = honoServer(options('accept'))
    const app = new Hono<{ Variables: { accessToken: AccessToken } }>().post('/orders', protect(), async (context) => {
      const form = await context.req[read]()
      const note =
        form instanceof FormData
          ? form.get('note')
          : typeof form === 'string' || form instanceof ArrayBuffer || form instanceof Blob
            ? new URLSearchParams(await new Response(form).text()).get('note')
            : [form.note].flat()[0]
      return context.json({
        note: read === 'parseBody' ? note !== undefined : note,
        subject: context.var.accessToken.subject,
      })
    })
    const response = await app.request('/orders', { method: 'POST', headers: { 'content-type': FORM }, body })
    expect(await response.json()).toEqual({ note: read === 'parseBody' ? true : 'a b', subject: 'user-1' })
  })

  it('with Hono, after an earlier middleware has read it', async () => {
    const { protect } = honoServer(options('accept'))
    for (const read of ['text', 'parseBody', 'formData', 'arrayBuffer'] as const) {
      const app = new Hono<{ Variables: { accessToken: AccessToken } }>()
      app.use(async (context, next) => {
        await context.req[read]()
        await next()
      })
      app.post('/orders', protect(), (context) => context.json({ subject: context.var.accessToken.subject }))
      const response = await app.request('/orders', { method: 'POST', headers: { 'content-type': FORM }, body })
      expect([read, response.status, await response.json()]).toEqual([read, 200, { subject: 'user-1' }])
    }
  })

  it('Hono stops reading an endless form at its limit', async () => {
    const { protect } = honoServer(options('accept'))
    const app = new Hono().post('/orders', protect(), (context) => context.text('reached'))
    const endless = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setImmediate(resolve))
        controller.enqueue(new Uint8Array(8192).fill(0x61))
      },
    })
    const init = { method: 'POST', headers: { 'content-type': FORM }, body: endless, duplex: 'half' }
    const response = await app.request('/orders', init as RequestInit)
    expect([response.status, await response.json()]).toMatchObject([400, { reason: 'form_too_large' }])
  })

  it.each<[string, (request: Request) => Response | Promise<Response>]>([
    ['Hono', new Hono().post('/', honoServer(options('accept')).protect(), (c) => c.text('reached')).fetch],
    ['fetch', fetchServer(options('accept')).protect()(() => new Response('reached'))],
  ])('a form that breaks off is refused, since its end may have a second token: %s', async (_, send) => {
    const headers = { 'content-type': FORM, authorization: `Bearer ${good}` }
    const response = await send(brokenOff('http://api.example.com/', headers))
    expect([response.status, await response.json()]).toMatchObject([400, { reason: 'form_syntax' }])
  })
})

describe('forms from body parsers', () => {
  it.each([
    ['simple', false],
    ['extended', true],
  ])('Express with the %s parser gives the same result', async (_, extended) => {
    const { protect, server } = expressServer(options('accept'))
    const app = express()
    app.use(express.urlencoded({ extended }))
    app.post('/orders', protect(), (_incoming, response) => void response.json({}))
    const running = await serve('Express', app, { server: server as never, reached: [] })
    const statuses: [string, number][] = []
    for (const form of [
      `access_token=${good}`,
      `access_token[]=${good}`,
      `access_token[0]=${good}`,
      `access_token[a]=${good}`,
      `[access_token]=${good}`,
      `access_token=${good}&access_token=${good}`,
      `access_token=${good}&access_token[]=${good}`,
      `__proto__[access_token]=${good}`,
      `constructor[prototype][access_token]=${good}`,
      `a[access_token]=${good}`,
    ]) {
      statuses.push([
        form.replaceAll(good, 'T'),
        (await exchange(running.port, bytesOf({ ...request(form), target: '/orders' }))).status,
      ])
    }
    await running.close()
    expect(statuses).toEqual([
      ['access_token=T', 200],
      ['access_token[]=T', 400],
      ['access_token[0]=T', 400],
      ['access_token[a]=T', 400],
      ['[access_token]=T', 200],
      ['access_token=T&access_token=T', 400],
      ['access_token=T&access_token[]=T', 400],
      ['__proto__[access_token]=T', 401],
      ['constructor[prototype][access_token]=T', 401],
      ['a[access_token]=T', 401],
    ])
  })
})
