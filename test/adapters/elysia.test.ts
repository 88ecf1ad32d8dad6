import { resourceServer } from 'bearward/elysia'
import { Elysia } from 'elysia'
import { describe, expect, it } from 'vitest'
import { bodyType, brokenOff } from '../support/http/broken-off.ts'
import { good, kit, options } from './nest-kit.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const authorization = { authorization: `Bearer ${good}` }
interface App {
  handle(request: Request): Promise<Response>
}
const send = (app: App, path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  app.handle(new Request(`https://api.example.com${path}`, { ...init, headers }))

describe('the plugin (F5)', () => {
  const { plugin } = resourceServer({ ...options, scopes: ['read:orders', 'admin'] })

  it('adds options to routes and the token to the context', async () => {
    const app = new Elysia()
      .use(plugin())
      .get('/orders', ({ accessToken }) => ({ subject: accessToken.subject }), { requireScope: ['read:orders'] })
      .get('/any', ({ accessToken }) => ({ subject: accessToken.subject }), {
        requireAnyScope: ['admin', 'read:orders'],
      })
      .get('/admin', () => 'reached', { requireScope: ['admin'] })
      .get('/own', () => 'reached', { protect: [(token, { query }) => token.subject === query.owner] })
      .get('/signed-in', ({ accessToken }) => ({ subject: accessToken.subject }), { protect: true })
      .get('/open', ({ accessToken }) => ({ subject: accessToken?.subject ?? null }), { optionalAuth: true })
      .get('/health', () => 'ok')
    for (const path of ['/orders', '/any', '/signed-in', '/open']) {
      expect([path, await (await send(app, path, authorization)).json()]).toEqual([path, { subject: 'user-1' }])
    }
    const anonymous = await Promise.all(
      ['/orders', '/any', '/admin', '/own', '/signed-in', '/open', '/health'].map((path) => send(app, path)),
    )
    expect(anonymous.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 200, 200])
    expect(anonymous[0]?.headers.get('www-authenticate')).toContain('scope="read:orders"')
    expect((await send(app, '/admin', authorization)).status).toBe(403)
    expect((await send(app, '/own?owner=user-1', authorization)).status).toBe(200)
    expect((await send(app, '/own?owner=user-2', authorization)).status).toBe(403)
    expect((await send(app, '/open', { authorization: 'Bearer a.b.c' })).status).toBe(401)
  })

  it('serves the metadata (RFC 9728 §3.1)', async () => {
    const response = await send(new Elysia().use(plugin()), '/.well-known/oauth-protected-resource')
    expect(await response.json()).toMatchObject({ resource: options.resource })
  })

  it('guards a group of routes', async () => {
    const app = new Elysia()
      .use(plugin())
      .guard({ requireScope: ['admin'] }, (group) =>
        group.get('/admin', ({ accessToken }) => accessToken.subject ?? ''),
      )
    expect((await send(app, '/admin', authorization)).status).toBe(403)
    const admin = kit.token({ claims: kit.claims({ scope: 'admin' }) })
    expect((await send(app, '/admin', { authorization: `Bearer ${admin}` })).status).toBe(200)
  })

  it.each([
    [{ other: false, requireScope: ['admin'] }],
    [{ requireScope: ['admin'], other: 0 }],
    [{ off: false, requireAnyScope: ['admin'] }],
    [{ other: '', off: false, protect: [() => false] }],
    [{ optionalAuth: [() => false], other: null, off: false }],
  ])('guards a route whatever other options it has: %j (SPEC F5)', async (own) => {
    const app = new Elysia()
      .use(plugin())
      .macro({ off: (on: boolean) => (on ? { beforeHandle: () => undefined } : {}) })
      .get('/admin', () => 'reached', own as object)
    expect((await send(app, '/admin', authorization)).status).toBe(403)
  })

  it.each([
    { protect: false },
    { protect: null },
    { optionalAuth: false },
    { requireScope: undefined },
    { requireAnyScope: 'admin' },
  ])('fails at the route for an option that is no list of guards: %j', (own) => {
    expect(() => new Elysia().use(plugin()).get('/a', () => 'a', own as object)).toThrow(
      /option (protect|optionalAuth|requireScope|requireAnyScope) must be a list/,
    )
  })

  it('fails at the route for a scope that is not declared', () => {
    expect(() =>
      new Elysia().use(plugin()).get('/a', () => 'a', { requireScope: ['read:order'] as unknown as ['admin'] }),
    ).toThrow('read:order')
  })
})

describe('a guard', () => {
  it.each(['beforeHandle', 'transform', 'derive', 'resolve', 'onRequest', 'parse'])(
    'mounted as %s lets nothing through without a token',
    async (hook) => {
      const { protect } = resourceServer(options)
      let reached = 0
      const app = new Elysia({ aot: hook !== 'onRequest' })
      if (hook === 'onRequest') app.onRequest(protect() as never)
      if (hook === 'derive') app.derive(protect() as never)
      if (hook === 'resolve') app.resolve(protect() as never)
      const own = ['beforeHandle', 'transform', 'parse'].includes(hook) ? { [hook]: protect() } : {}
      app.post('/orders', ({ body }) => `reached ${++reached} ${String(body)}`, own as object)
      const response = await send(app, '/orders', FORM, { method: 'POST', body: 'a=b' })
      // Elysia makes 400 of every error of a parser.
      expect([response.status, reached]).toEqual([hook === 'parse' ? 400 : 401, 0])
    },
  )

  it.each(['parse', 'mapResponse'])(
    'mounted as %s does not guard a GET request: docs/elysia.md warns',
    async (hook) => {
      const own = { [hook]: resourceServer(options).protect() } as object
      const app = new Elysia({ aot: false }).get('/orders', () => 'reached', own)
      expect(await (await send(app, '/orders')).text()).toBe('reached')
    },
  )

  it.each([
    { aot: true, status: 401 },
    { aot: false, status: 200 },
  ])(
    'with aot: $aot, what is mounted behind it responds with $status: docs/elysia.md warns',
    async ({ aot, status }) => {
      const { plugin, protect } = resourceServer(options)
      const mounted = () => new Response('reached')
      const app = new Elysia({ aot })
        .use(plugin())
        .guard({ protect: true }, (group) => group.mount('/mounted', mounted))
      expect((await send(app, '/mounted/orders')).status).toBe(status)
      const outermost = new Elysia({ aot }).onRequest(protect() as never).mount('/mounted', mounted)
      expect((await send(outermost, '/mounted/orders')).status).toBe(401)
    },
  )

  it('is dropped if the first option of its guard() is falsy: docs/elysia.md warns', async () => {
    const { plugin, protect } = resourceServer(options)
    const statusWith = async (own: object) =>
      (
        await send(
          new Elysia().use(plugin()).guard(own, (group) => group.get('/orders', () => 'reached')),
          '/orders',
        )
      ).status
    expect(await statusWith({ cache: false, beforeHandle: protect() })).toBe(200)
    expect(await statusWith({ cache: false, protect: true })).toBe(401)
  })

  it('of an instance guards the app that uses it only as a global hook: docs/elysia.md warns', async () => {
    const { protect } = resourceServer(options)
    const statusWith = async (instance: unknown) =>
      (
        await send(
          new Elysia().use(instance as Elysia).get('/orders', () => 'reached'),
          '/orders',
        )
      ).status
    expect(await statusWith(new Elysia().onBeforeHandle(protect()))).toBe(200)
    expect(await statusWith(new Elysia().onBeforeHandle({ as: 'global' }, protect() as never))).toBe(401)
  })

  it('does not read a body that the handler does not use', async () => {
    const { protect } = resourceServer(options)
    const app = new Elysia().post('/orders', ({ request }) => String(request.bodyUsed), { beforeHandle: protect() })
    const response = await send(app, '/orders', { ...FORM, ...authorization }, { method: 'POST', body: 'a=b' })
    expect(await response.text()).toBe('false')
  })

  it('reads a token in a form, whether the handler uses the body or not (RFC 6750 §2.2)', async () => {
    const { protect } = resourceServer({ ...options, formTokens: 'accept' })
    const app = new Elysia()
      .post('/parsed', ({ body }) => (body as { note: string }).note, { beforeHandle: protect() })
      .post('/unread', async ({ request }) => new URLSearchParams(await request.text()).get('note') ?? '', {
        beforeHandle: protect(),
      })
    for (const path of ['/parsed', '/unread']) {
      const body = `access_token=${good}&note=a`
      const response = await send(app, path, FORM, { method: 'POST', body })
      expect([path, response.status, await response.text()]).toEqual([path, 200, 'a'])
      expect((await send(app, path, FORM, { method: 'POST', body: 'note=a' })).status).toBe(401)
    }
  })
})

it('a form that breaks off is refused; an endpoint has no body then', async () => {
  const { protect, endpoint } = resourceServer({ ...options, formTokens: 'accept' })
  const app = new Elysia()
    .post('/orders', () => 'reached', { beforeHandle: protect() })
    .post('/logout', endpoint(bodyType))
  const form = { ...FORM, ...authorization }
  expect((await app.handle(brokenOff('https://api.example.com/orders', form))).status).toBe(400)
  expect(await (await app.handle(brokenOff('https://api.example.com/logout', form))).text()).toBe('undefined')
})

it('endpoint() mounts an endpoint, with a body that Elysia has parsed or not (F11)', async () => {
  const { endpoint } = resourceServer(options)
  const mounted = endpoint({
    async respond(method, target, content) {
      if (method !== 'POST') return { status: 405, headers: { Allow: 'POST' }, body: '' }
      const parts = [target, content.contentType, await content.body(100)]
      return { status: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(parts) }
    },
  })
  const parsing = new Elysia().onBeforeHandle(({ body }) => void body).all('/logout', mounted)
  for (const [app, body] of [
    [new Elysia().all('/logout', mounted), 'a=b'],
    [parsing, { a: 'b' }],
  ] as const) {
    const posted = await send(app, '/logout?c=d', FORM, { method: 'POST', body: 'a=b' })
    expect(await posted.json()).toEqual(['/logout?c=d', FORM['content-type'], body])
    const got = await send(app, '/logout')
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST'])
  }
  const other = await send(new Elysia().all('/a', endpoint({ respond: () => undefined })), '/a')
  expect(other.status).toBe(404)
})
