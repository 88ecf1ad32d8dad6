import type { AssertionError } from 'node:assert'
import type { Endpoint } from 'bearward'
import * as forExpress from 'bearward/express'
import * as forFastify from 'bearward/fastify'
import bearward from 'bearward/fastify/plugin'
import * as forHono from 'bearward/hono'
import { expectAllProtected, routeSecurity } from 'bearward/testing'
import { Elysia } from 'elysia'
import express from 'express'
import express4 from 'express4'
import Fastify, { type FastifyInstance } from 'fastify'
import { Hono } from 'hono'
import { some } from 'hono/combine'
import { describe, expect, it } from 'vitest'

const options = { resource: 'https://api.test', issuer: 'https://auth.test' }
const status: Endpoint = { respond: () => ({ status: 200, headers: {}, body: '' }) }

const list = async (app: object) => (await routeSecurity(app)).map(({ method, path }) => `${method} ${path}`)
const open = async (app: object) =>
  (await routeSecurity(app))
    .filter(({ unguarded }) => unguarded !== undefined)
    .map(({ method, path }) => `${method} ${path}`)

describe.each([
  ['Express 5', express],
  ['Express 4', express4 as unknown as typeof express],
])('%s (N9)', (version, express) => {
  const { protect, requireScope, requireAnyScope, optionalAuth, metadata, endpoint } =
    forExpress.resourceServer(options)
  const handler: express.RequestHandler = (_req, res) => void res.send('ok')
  const passing: express.RequestHandler = (_req, _res, next) => next()
  const errors: express.ErrorRequestHandler = (_error, _req, _res, next) => next()
  const rest = version === 'Express 5' ? '/*splat' : '/*'

  it('lists methods, paths and scopes, and what optionalAuth serves', async () => {
    const app = express()
    app.use(metadata())
    app.get('/orders/:id', requireScope('a', 'b'), handler)
    app.post('/orders', express.json(), requireAnyScope('c', 'd'), protect(), handler)
    app.get('/greeting', optionalAuth(), handler)
    app.all('/any', protect(), handler)
    app.get('/open', handler)
    expect(await routeSecurity(app)).toEqual([
      { method: 'GET', path: '/orders/:id', scopes: ['a', 'b'], optional: false, unguarded: undefined },
      { method: 'POST', path: '/orders', scopes: ['c'], optional: false, unguarded: undefined },
      { method: 'GET', path: '/greeting', scopes: [], optional: true, unguarded: undefined },
      { method: 'ALL', path: '/any', scopes: [], optional: false, unguarded: undefined },
      { method: 'GET', path: '/open', scopes: [], optional: true, unguarded: 'no guard runs before its handler' },
    ])
  })

  it('a route is guarded only by what was mounted before it', async () => {
    const app = express()
    app.get('/before', handler)
    app.use(requireScope('a'))
    app.get('/after', handler)
    expect(await open(app)).toEqual(['GET /before'])
    const behind = express().get('/x', handler, protect()).get('/y', passing, protect(), handler)
    expect(await open(behind)).toEqual(['GET /x'])
  })

  it('an application at the root of a router is read, too', async () => {
    const sub = express().get('/', handler, protect()).get('/guarded', protect(), handler)
    const app = express().use('/', express.Router().use('/', sub)).get('/', protect(), handler)
    expect(await open(app)).toEqual(['GET /'])
  })

  it('routers and applications have their own guards and those around them', async () => {
    const admin = express.Router()
    admin.use(requireScope('admin'))
    admin.get('/users', handler)
    const items = express.Router({ mergeParams: true }).get('/items', handler).get('/', handler)
    const sub = express().get('/inner', handler).get('/guarded', protect(), handler)
    const app = express()
    app.use('/admin', admin)
    app.use('/:tenant/open', items)
    app.use(['/one', '/two'], items)
    app.use('/sub', sub)
    app.use('/later', protect())
    app.use('/later', sub)
    expect(await open(app)).toEqual([
      'GET /:tenant/open/items',
      'GET /:tenant/open',
      'GET /one/items',
      'GET /one',
      'GET /two/items',
      'GET /two',
      'GET /sub/inner',
    ])
    expect(await list(app)).toContain('GET /later/inner')
    const users = (await routeSecurity(app)).find(({ path }) => path === '/admin/users')
    expect(users?.scopes).toEqual(['admin'])
  })

  it('a guard at a path covers what is below it, and nothing that only looks so', async () => {
    const app = express()
    app.use('/api', protect())
    app.use('/:tenant/orders', protect())
    app.all(`/files${rest}`, protect())
    app.get(['/api', '/api/x', '/API/y', '/:any/orders/1', '/acme/orders', '/files/a'], handler)
    app.get(['/apis', '/:section/x', '/files', '/orders', /^\/api\/r/], handler)
    expect(await open(app)).toEqual(['GET /apis', 'GET /:section/x', 'GET /files', 'GET /orders', 'GET /(pattern)'])
  })

  it('a guard that distinguishes case does not cover a router that does not', async () => {
    const app = express()
    app.enable('case sensitive routing')
    app.use('/api', protect())
    app.get('/api/x', handler)
    app.use('/', express.Router().get('/api/y', handler))
    expect(await open(app)).toEqual(['GET /api/y'])
  })

  it('a guard on a route of a strict router does not cover the path with a slash', async () => {
    const app = express()
    app.enable('strict routing')
    app.all('/admin', protect())
    app.get('/admin/', handler)
    app.get('/own/', protect(), handler)
    app.use('/api', protect())
    app.get(['/api', '/api/'], handler)
    const router = express.Router({ strict: true })
    router.all('/x', protect())
    router.get('/x/', handler)
    app.use('/sub', router)
    expect(await open(app)).toEqual(['GET /admin', 'GET /sub/x'])
  })

  it('a guard of one method, and one that may be skipped, do not cover others', async () => {
    const app = express()
    app.get('/x', protect())
    app.all('/y', passing, protect())
    app.all('/z', protect())
    app.get(['/x', '/y', '/z'], handler)
    app.post('/x', handler)
    expect(await open(app)).toEqual(['ALL /y', 'GET /y', 'POST /x'])
    const route = express()
    route.route('/r').all(endpoint(status)).get(handler).all(protect()).post(handler)
    expect(await open(route)).toEqual(['GET /r'])
  })

  it('an error handler behind a guard may let a refused request continue', async () => {
    const app = express()
    app.use(protect())
    app.use(errors)
    app.get('/x', handler)
    app.get('/y', protect(), errors, handler)
    app.get('/z', protect(), handler)
    const [first] = await routeSecurity(app)
    expect(first?.unguarded).toContain('error handler')
    expect(await open(app)).toEqual(['GET /x', 'GET /y'])
  })

  it('functions that hide a guard are no guards', async () => {
    const guard = protect()
    const app = express()
    app.get('/wrapped', (req, res, next) => void (req.query.admin ? next() : guard(req, res, next)), handler)
    app.get(
      '/copied',
      Object.assign((...given: unknown[]) => void given, guard),
      handler,
    )
    app.get('/created', Object.create(guard, { length: { value: 3 }, call: { value: undefined } }) && passing, handler)
    app.get('/bound', guard.bind(undefined), handler)
    expect(await open(app)).toEqual(['GET /wrapped', 'GET /copied', 'GET /created', 'GET /bound'])
  })

  it('middleware that may respond itself is a route, unless it is at the root and passes on', async () => {
    const connect = Object.assign((_req: unknown, _res: unknown, next: () => void) => next(), { stack: [] })
    const app = express()
    app.use(passing, express.json())
    app.use('/graphql', passing)
    app.use(connect)
    app.use(express.static('.'))
    app.use('/guarded', protect(), express.static('.'))
    app.use((_req, res) => void res.sendStatus(404))
    expect(await open(app)).toEqual(['USE /graphql', 'USE /'])
    await expectAllProtected(app, { except: ['USE /', 'USE /graphql'] })
  })

  it('endpoints are ours only where nothing follows them', async () => {
    const app = express()
    app.use('/logout', endpoint(status))
    app.post('/events', endpoint(status))
    app.get('/mixed', metadata(), handler)
    expect(await list(app)).toEqual(['GET /mixed'])
    expect(await open(app)).toEqual(['GET /mixed'])
  })

  it('asks an application that is mounted for its routes without running anything of it', async () => {
    let calls = 0
    const count: express.RequestHandler = (_req, _res, next) => {
      calls++
      next()
    }
    const countErrors: express.ErrorRequestHandler = (_error, _req, _res, next) => {
      calls++
      next()
    }
    const sub = express().use(count).get('/x', count).use(countErrors)
    const impostor = { mounted_app: (_req: unknown, _res: unknown, next: (given?: unknown) => void) => next(calls++) }
    const app = express().use('/sub', sub).use('/other', impostor.mounted_app)
    expect(await open(app)).toEqual(['GET /sub/x', 'USE /other'])
    expect(calls).toBe(0)
  })

  it('a router within itself ends', async () => {
    const router = express.Router().get('/x', handler)
    router.use('/again', router)
    expect(await open(express().use(router))).toEqual(['GET /x'])
  })
})

describe('Fastify (N9)', () => {
  const start = async (build: (app: FastifyInstance) => unknown): Promise<FastifyInstance> => {
    const app = Fastify()
    await app.register(bearward, options)
    await build(app)
    return app
  }
  const handler = async () => 'ok'

  it('finds guards of routes, of plugins and of the instance, and no endpoint of ours', async () => {
    const app = await start((app) => {
      app.get('/orders/:id', { onRequest: app.requireScope('a'), preHandler: app.requireScope('b') }, handler)
      app.get('/greeting', { preValidation: app.optionalAuth() }, handler)
      app.get('/open', handler)
      app.all('/all', handler)
      app.route({ url: '/logout', ...forFastify.resourceServer(options).endpoint(status) })
      app.register(
        async (inner) => {
          inner.addHook('onRequest', inner.protect())
          inner.get('/', handler)
          inner.post('/x/*', handler)
        },
        { prefix: '/api' },
      )
    })
    expect(await open(app)).toEqual(['GET /open', 'ALL /all'])
    expect(await routeSecurity(app)).toContainEqual({
      method: 'GET',
      path: '/orders/:id',
      scopes: ['a', 'b'],
      optional: false,
      unguarded: undefined,
    })
    expect((await list(app)).sort()).toEqual(
      ['ALL /all', 'GET /api', 'GET /api/', 'GET /greeting', 'GET /open', 'GET /orders/:id', 'POST /api/x/*'].sort(),
    )
    await app.close()
  })

  it('a route registered before the hook, and hooks that run too late or hide a guard, are found', async () => {
    const app = await start((app) => {
      const guard = app.protect()
      app.get('/late', { onSend: guard as never }, handler)
      app.get('/hidden', { onRequest: (request, reply, done) => guard(request, reply, done) }, handler)
      const given = (guard.bind as (...given: unknown[]) => typeof guard)(undefined, {}, {}, () => {})
      app.get('/given', { onRequest: given }, handler)
      app.get('/own', { onRequest: async (request, reply) => void (await guard.check(request, reply)) }, handler)
      app.get('/versions', { constraints: { version: '1.0.0' }, onRequest: guard }, handler)
      app.get('/versions', { constraints: { version: '2.0.0' } }, handler)
      app.route({ url: '/stolen', ...forFastify.resourceServer(options).endpoint(status), onRequest: [], handler })
    })
    expect(new Set(await open(app))).toEqual(
      new Set(['GET /late', 'GET /given', 'GET /hidden', 'GET /own', 'GET /versions', 'ALL /stolen']),
    )
    await app.close()
  })

  it('a hook on the instance covers routes that are registered before it, as Fastify does', async () => {
    const app = await start((app) => {
      app.get('/first', handler)
      app.addHook('onRequest', app.protect())
      app.get('/second', handler)
    })
    const [first] = [await app.inject('/first')]
    expect(first.statusCode === 401).toBe(!(await open(app)).includes('GET /first'))
    expect(await open(app)).not.toContain('GET /second')
    await app.close()
  })

  it('a route that has taken over the config of an endpoint is open behind a guard of the instance', async () => {
    const app = await start((app) => {
      app.addHook('onRequest', app.protect())
      const { config } = forFastify.resourceServer(options).endpoint(status)
      app.get('/stolen', { config }, handler)
      app.get('/guarded', handler)
    })
    expect(await open(app)).toEqual(['GET /stolen'])
    expect((await app.inject('/stolen')).statusCode).toBe(200)
    expect((await app.inject('/guarded')).statusCode).toBe(401)
    await app.close()
  })

  it('reads an instance that is listening, and one without routes', async () => {
    const app = await start((app) => app.get('/open', handler))
    await app.ready()
    expect(await open(app)).toEqual(['GET /open'])
    await app.close()
    await expect(expectAllProtected(Fastify())).rejects.toThrow('no routes')
  })
})

describe('Hono (N9)', () => {
  const bound = forHono.resourceServer(options)
  const { protect, requireScope, optionalAuth, metadata, endpoint } = bound
  const ok = () => new Response('ok')
  const passing = async (_c: unknown, next: () => Promise<void>) => next()

  it('finds guards of routes, of the application and of other applications', async () => {
    const inner = new Hono().get('/x', ok).get('/y', requireScope('y'), ok)
    inner.onError(() => ok())
    const app = new Hono()
    app.use(metadata())
    app.post('/logout', endpoint(status))
    app.get('/before', ok)
    app.use('/api/*', requireScope('api'))
    app.get('/api/:id', passing, ok)
    app.get('/api', ok)
    app.get('/apis', ok)
    app.get('/:any/x', ok)
    app.get('/greeting', optionalAuth(), ok)
    app.on(['PUT', 'DELETE'], '/on', protect(), ok)
    app.route('/api', inner)
    app.route('/sub', inner)
    expect(await open(app)).toEqual(['GET /before', 'GET /apis', 'GET /:any/x', 'GET /sub/x'])
    const all = await routeSecurity(app)
    expect(all.find(({ path }) => path === '/api/y')?.scopes).toEqual(['api', 'y'])
    expect(all.find(({ path }) => path === '/greeting')?.optional).toBe(true)
    expect(all.map(({ path }) => path)).not.toContain('/logout')
    expect(all.filter(({ path }) => path === '/on')).toHaveLength(2)
  })

  it('guards that are too narrow, too late, of another method or composed are not enough', async () => {
    const app = new Hono()
    app.get('/late', ok, protect())
    app.post('/method', protect())
    app.get('/method', ok)
    app.use('/exact', protect())
    app.get('/exact/below', ok)
    app.get('/exact/', ok)
    app.use('/one/:id', protect())
    app.get('/one/:id{.+}', ok)
    app.get('/one/:id?', ok)
    app.get('/some', some(protect(), passing), ok)
    app.get('/pattern/:id{[0-9]+}', protect(), ok)
    app.get('/next', passing)
    expect(await open(app)).toEqual([
      'GET /late',
      'GET /method',
      'GET /exact/below',
      'GET /exact/',
      'GET /one/:id{.+}',
      'GET /one/:id?',
      'GET /some',
      'GET /next',
    ])
  })

  it('middleware at a path, and applications that are mounted, are routes', async () => {
    const app = new Hono()
    app.use(passing)
    app.use('/static/*', passing)
    app.mount('/other', ok)
    app.use('/guarded/*', protect(), passing)
    app.all('/all', passing, ok)
    app.route('/sub', new Hono().use(passing).get('/x', protect(), ok))
    expect(await open(app)).toEqual(['USE /static/*', 'USE /other/*', 'ALL /all'])
    expect(await open(new Hono().mount('/', ok))).toEqual(['USE /*'])
    expect(await open(new Hono().all('*', ok))).toEqual(['ALL /*'])
  })

  it('knows guards whose options come from c.env', async () => {
    const bound = forHono.resourceServer((_: { readonly env: object }) => options)
    const app = new Hono()
      .use(bound.metadata())
      .get('/x', bound.requireScope('a'), ok)
      .get('/y', bound.optionalAuth(), ok)
    app.post('/events', bound.endpoint(status)).get('/open', ok)
    expect(await routeSecurity(app)).toMatchObject([
      { path: '/x', scopes: ['a'], optional: false, unguarded: undefined },
      { path: '/y', scopes: [], optional: true, unguarded: undefined },
      { path: '/open', unguarded: expect.any(String) },
    ])
  })
})

describe('expectAllProtected (N9)', () => {
  const { protect } = forHono.resourceServer(options)
  const ok = () => new Response('ok')
  const app = new Hono().get('/health', ok).get('/.well-known/a', ok).post('/health', ok).get('/*', ok)

  it('names every route without a guard, and why', async () => {
    const error: unknown = await expectAllProtected(app).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'AssertionError', code: 'ERR_ASSERTION' } satisfies Partial<AssertionError>)
    expect((error as Error).message.split('\n').slice(0, 3)).toEqual([
      'Routes without a guard:',
      '  GET /health: no guard runs before its handler',
      '  GET /.well-known/a: no guard runs before its handler',
    ])
  })

  it('exceptions are a method and a path, a path, or all below one; /* is one route', async () => {
    const except = ['GET /health', '/.well-known/*', '/*']
    await expect(expectAllProtected(app, { except })).rejects.toThrow(/guard:\n {2}POST \/health: [^\n]*\n[^\n]*$/)
    await expectAllProtected(app, { except: [...except, '/health'] })
    await expectAllProtected(new Hono().get('/', protect(), ok))
  })

  it.each(['health', 'get /health', '*', '', 'GET', 'GET  /x'])('refuses the exception %j', async (exception) => {
    await expect(expectAllProtected(app, { except: [exception] })).rejects.toThrow(TypeError)
  })

  it.each([{}, () => ok(), Object.assign(() => {}, { use() {} }), new Elysia().get('/orders', ok)])(
    'refuses what is not an application',
    async (value) => {
      await expect(routeSecurity(value)).rejects.toThrow(TypeError)
    },
  )

  it('rejects an application without routes: it is probably not complete', async () => {
    for (const empty of [express(), express4(), new Hono()]) {
      await expect(expectAllProtected(empty as object)).rejects.toThrow('no routes')
    }
  })
})
