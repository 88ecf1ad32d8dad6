import { resourceServer } from 'bearward/h3'
import { createDpopClient } from 'bearward/testing'
import { H3, type H3Event } from 'h3'
import {
  createApp,
  createRouter,
  type EventHandler,
  eventHandler,
  type H3Event as H3v1Event,
  readBody,
  readRawBody,
  send as sendV1,
  toNodeListener,
  toWebHandler,
} from 'h3v1'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { NOW } from '../corpus/kit.ts'
import { type App, serve } from '../support/apps/app.ts'
import { bodyType, brokenOff } from '../support/http/broken-off.ts'
import { bearer, exchange, type RawResponse } from '../support/http/raw-client.ts'
import { good, kit, options } from './nest-kit.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const authorization = { authorization: `Bearer ${good}` }
const send = (app: H3, headers: Record<string, string> = {}, init: RequestInit = {}, path = '/orders') =>
  app.request(`https://api.example.com${path}`, { ...init, headers })

const shown = ({ status, lines, body }: RawResponse) => [status, lines.filter(([name]) => name !== 'Date'), body]

describe('h3 2 (F5)', () => {
  it('guards one route as middleware, or by wrapping its handler', async () => {
    const { requireScope, accessToken } = resourceServer(options)
    const handler = (event: Parameters<typeof accessToken>[0]) => ({ subject: accessToken(event).subject })
    const app = new H3({ silent: true })
      .get('/orders', handler, { middleware: [requireScope('read:orders')] })
      .get('/wrapped', requireScope('read:orders')(handler))
      .get('/admin', requireScope('admin')(handler))
    for (const path of ['/orders', '/wrapped']) {
      expect(await (await send(app, authorization, {}, path)).json()).toEqual({ subject: 'user-1' })
      expect((await send(app, {}, {}, path)).status).toBe(401)
    }
    expect((await send(app, authorization, {}, '/admin')).status).toBe(403)
  })

  it.each<[string, () => H3]>([
    [
      'in place of a handler',
      () => new H3({ silent: true }).get('/orders', resourceServer(options).protect() as never),
    ],
    [
      'as a hook, whose result h3 ignores',
      () =>
        new H3({ silent: true, onRequest: resourceServer(options).protect() as never }).get('/orders', () => 'reached'),
    ],
  ])('a guard %s lets nothing through', async (_, create) => {
    for (const headers of [{}, authorization])
      expect((await send(create(), headers as typeof authorization)).status).toBe(500)
  })

  it('a function that calls a guard has to return its result, which h3 ignores for a hook: docs/h3.md', async () => {
    const guard = resourceServer(options).protect()
    const statuses = async (create: () => H3) => {
      const app = create().get('/orders', () => 'reached')
      return [(await send(app)).status, (await send(app, authorization)).status]
    }
    const silent = { silent: true }
    expect(await statuses(() => new H3(silent).use((event, next) => guard(event, next)))).toEqual([401, 200])
    expect(await statuses(() => new H3(silent).use((event) => guard(event, () => undefined)))).toEqual([401, 200])
    const onRequest = (event: H3Event) => guard(event, () => undefined) as Promise<void>
    expect(await statuses(() => new H3({ ...silent, onRequest }))).toEqual([200, 200])
  })

  it('says what to write instead', () => {
    const mounted = resourceServer(options).protect() as unknown as (event: object) => unknown
    expect(() => mounted({})).toThrow('{ middleware: [requireScope("read")] }')
  })

  it('reads a token in a form, and leaves the form to the handler (RFC 6750 §2.2)', async () => {
    const { protect } = resourceServer({ ...options, formTokens: 'accept' })
    const app = new H3({ silent: true }).post('/orders', (event) => event.req.text(), { middleware: [protect()] })
    const body = `access_token=${good}&note=a`
    expect(await (await send(app, FORM, { method: 'POST', body })).text()).toBe(body)
    expect((await send(app, FORM, { method: 'POST', body: 'note=a' })).status).toBe(401)
  })

  it('refuses a form that breaks off; an endpoint has no body then', async () => {
    const { protect, endpoint } = resourceServer({ ...options, formTokens: 'accept' })
    const app = new H3({ silent: true }).post('/orders', () => 'reached', { middleware: [protect()] })
    app.post('/logout', endpoint(bodyType))
    const form = { ...FORM, ...authorization }
    expect((await app.request(brokenOff('https://api.example.com/orders', form))).status).toBe(400)
    expect(await (await app.request(brokenOff('https://api.example.com/logout', form))).text()).toBe('undefined')
  })

  it('a new nonce is in every response behind a guard, errors included (RFC 9449 §8.2)', async () => {
    const nonce = { secret: 'n'.repeat(32) }
    const { protect } = resourceServer({ ...options, dpop: { nonce } })
    const client = await createDpopClient({ clock: () => NOW })
    const token = kit.token({ claims: kit.claims({ cnf: client.confirmation }) })
    const handlers = [() => 'reached', () => new Response('', { status: 400 }), () => Promise.reject(new Error('own'))]
    for (const handler of handlers) {
      const app = new H3({ silent: true }).get('/orders', handler, { middleware: [protect()] })
      const request = async (known?: string) => {
        const proven = { method: 'GET', url: 'https://api.example.com/orders', token, ...(known && { nonce: known }) }
        return send(app, { authorization: `DPoP ${token}`, dpop: await client.proof(proven) })
      }
      const known = (await request()).headers.get('dpop-nonce') ?? ''
      const response = await request(known)
      expect(response.status).not.toBe(401)
      expect(response.headers.get('dpop-nonce')).toEqual(expect.any(String))
    }
  })

  it('mounts an endpoint, as a route or as middleware (F11)', async () => {
    const { endpoint } = resourceServer(options)
    const app = new H3({ silent: true }).all('/logout', endpoint(echo)).use(endpoint({ respond: () => undefined }))
    app.all('/other', endpoint({ respond: () => undefined }))
    const posted = await send(app, FORM, { method: 'POST', body: 'a=b' }, '/logout?c=d')
    expect(await posted.json()).toEqual(['/logout?c=d', FORM['content-type'], 'a=b'])
    const got = await send(app, {}, {}, '/logout')
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await send(app, {}, {}, '/other')).status).toBe(404)
  })
})

const echo = {
  async respond(
    method: string,
    target: string,
    content: { contentType: string | undefined; body(n: number): unknown },
  ) {
    if (method !== 'POST') return { status: 405, headers: { Allow: 'POST' }, body: '' }
    const parts = [target, content.contentType, await content.body(100)]
    return { status: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(parts) }
  },
}

describe('h3 1 (F5)', () => {
  let running: App | undefined
  afterEach(() => running?.close())
  const mounted = (guard: unknown) => eventHandler(guard as EventHandler)
  async function start(app: ReturnType<typeof createApp>): Promise<number> {
    running = await serve('h3 1', toNodeListener(app), { server: resourceServer(options).server as never, reached: [] })
    return running.port
  }

  it('guards everything behind it as middleware, on Node and with fetch', async () => {
    const { protect, accessToken } = resourceServer(options)
    const app = createApp().use(mounted(protect()))
    app.use(eventHandler((event) => accessToken(event as never).subject))
    const port = await start(app)
    expect((await exchange(port, { lines: bearer(good) })).body).toBe('user-1')
    expect((await exchange(port, {})).status).toBe(401)
    const web = toWebHandler(app)
    expect((await web(new Request('https://api.example.com/orders', { headers: authorization }))).status).toBe(200)
    const refused = await web(new Request('https://api.example.com/orders'))
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Bearer /)])
  })

  it.each<[string, (guard: never, reach: () => string) => ReturnType<typeof createApp>]>([
    ['onRequest of the application', (guard, reach) => createApp({ onRequest: guard }).use(eventHandler(reach))],
    ['onRequest of a handler', (guard, reach) => createApp().use(eventHandler({ onRequest: guard, handler: reach }))],
    ['a handler', (guard) => createApp().use(createRouter().get('/orders', guard))],
  ])('as %s, it still runs nothing behind it without a token', async (_, create) => {
    let reached = 0
    const port = await start(create(resourceServer(options).protect() as never, () => `reached ${++reached}`))
    expect((await exchange(port, {})).status).toBe(401)
    expect(reached).toBe(0)
  })

  it('mounts an endpoint, which gets the body on Node and with fetch (F11)', async () => {
    const { endpoint } = resourceServer(options)
    const app = createApp().use('/logout', mounted(endpoint(echo)))
    const posted = { method: 'POST', headers: FORM, body: 'a=b' }
    const expected = ['/logout', FORM['content-type'], 'a=b']
    const onNode = await exchange(await start(app), {
      method: 'POST',
      target: '/logout',
      lines: [`Content-Type: ${FORM['content-type']}`],
      body: 'a=b',
    })
    expect(JSON.parse(onNode.body)).toEqual(expected)
    const withFetch = await toWebHandler(app)(new Request('https://api.example.com/logout', posted))
    expect(await withFetch.json()).toEqual(expected)
  })

  it("keeps the challenge with errors: 'forward'", async () => {
    const port = await start(createApp().use(mounted(resourceServer({ ...options, errors: 'forward' }).protect())))
    const response = await exchange(port, {})
    expect([response.status, response.all('WWW-Authenticate')]).toEqual([401, [expect.stringMatching(/^Bearer /)]])
  })

  // As Nitro's own: it does not ask whether there is a response, and its errors would end the process.
  it.each<[string, (event: H3v1Event) => unknown]>([
    ['sets a header', ({ node }) => node.res.setHeader('Server-Timing', 'a')],
    ['removes a header', ({ node }) => node.res.removeHeader('Cache-Control')],
    ['writes', ({ node }) => node.res.writeHead(418).end('other')],
    ['sends later', (event) => new Promise((resolve) => setTimeout(resolve, 5)).then(() => sendV1(event, 'other'))],
  ])('onError that %s changes nothing about a refusal', async (_, onError) => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled).on('uncaughtException', unhandled)
    const guard = mounted(resourceServer(options).protect())
    const plain = await exchange(await start(createApp().use(guard)), {})
    await running?.close()
    const app = createApp({ onError: (_error, event) => onError(event) as Promise<void> }).use(guard)
    expect(shown(await exchange(await start(app), {}))).toEqual(shown(plain))
    await new Promise((resolve) => setTimeout(resolve, 20))
    process.off('unhandledRejection', unhandled).off('uncaughtException', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  it('reads a token in a form, and leaves the form to the handler (RFC 6750 §2.2)', async () => {
    const { protect } = resourceServer({ ...options, formTokens: 'accept' })
    const app = createApp().use(mounted(protect()))
    app.use(eventHandler(async (event) => ({ note: ((await readBody(event)) as { note: string }).note })))
    const lines = ['Content-Type: application/x-www-form-urlencoded']
    const request = { method: 'POST', lines, body: `access_token=${good}&note=a` }
    expect((await exchange(await start(app), request)).body.replaceAll(/\s/g, '')).toBe('{"note":"a"}')
  })

  it('mounts an endpoint (F11)', async () => {
    const { endpoint } = resourceServer(options)
    const port = await start(createApp().use('/logout', mounted(endpoint(echo))))
    const lines = ['Content-Type: application/secevent+jwt']
    const posted = await exchange(port, { method: 'POST', target: '/logout?a=b', lines, body: 'x.y.z' })
    expect(JSON.parse(posted.body)).toEqual(['/logout?a=b', 'application/secevent+jwt', 'x.y.z'])
    expect((await exchange(port, { target: '/logout' })).all('Allow')).toEqual(['POST'])
  })

  it.each<[string, (event: H3v1Event) => unknown]>([
    ['readBody', readBody],
    ['readRawBody', (event) => readRawBody(event)],
    ['readRawBody, not awaited', (event) => void readRawBody(event)],
    ['readRawBody without an encoding', (event) => readRawBody(event, false)],
  ])('finds the body that %s has read: a form token, and what an endpoint receives (F11)', async (_, read) => {
    const { protect, endpoint } = resourceServer({ ...options, formTokens: 'accept' })
    const reading = eventHandler(async (event) => void (await read(event)))
    const port = await start(
      createApp()
        .use(reading)
        .use('/logout', mounted(endpoint(echo)))
        .use(mounted(protect()))
        .use(eventHandler(() => 'reached')),
    )
    const posted = (target: string, body: string) =>
      exchange(port, { method: 'POST', target, lines: [`Content-Type: ${FORM['content-type']}`], body })
    const [, , received] = JSON.parse((await posted('/logout', 'logout_token=a')).body)
    expect(Buffer.from(received).toString()).toBe('logout_token=a')
    expect((await posted('/orders', `access_token=${good}`)).body).toBe('reached')
    expect((await posted('/orders', 'note=a')).status).toBe(401)
    expect((await posted('/orders', `access_token=${good}&access_token=${good}`)).status).toBe(400)
    expect((await posted('/orders', `access_token=${good}&note=${'x'.repeat(2_000_000)}`)).status).not.toBe(200)
  })
})
