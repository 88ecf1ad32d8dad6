import type { Server } from 'node:http'
import {
  All,
  Controller,
  Get,
  Head,
  type INestApplication,
  type MiddlewareConsumer,
  Module,
  type ModuleMetadata,
  Post,
  RequestMethod,
  type Type,
  UseGuards,
  Version,
  VersioningType,
} from '@nestjs/common'
import { APP_GUARD, RouterModule } from '@nestjs/core'
import { BearwardGuard, BearwardModule, endpoint, OptionalAuth, Protect, Public, RequireScope } from 'bearward/nest'
import { expectAllProtected, routeSecurity } from 'bearward/testing'
import { type Request, type Response, Router } from 'express'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { classOf, controllerOf, createApp, listen, options, PLATFORMS, type Platform } from './nest-kit.ts'

let app: INestApplication<Server> | undefined
afterEach(() => app?.close())

const handler = () => 'reached'

async function start(platform: Platform, controllers: readonly Type[], global = false, more: ModuleMetadata = {}) {
  const imports = [BearwardModule.forRoot(options, { global }), ...(more.imports ?? [])]
  app = await createApp(platform, { ...more, imports, controllers: [...controllers] })
  return app
}

const open = async (of: object) =>
  (await routeSecurity(of))
    .filter(({ unguarded }) => unguarded !== undefined)
    .map(({ method, path }) => `${method} ${path}`)

class PermitsAll extends BearwardGuard {
  override async canActivate(): Promise<boolean> {
    return true
  }
}

describe.each(PLATFORMS)('Nest on %s (N9)', (platform) => {
  it('finds routes without a decorator, on the class and on the method', async () => {
    const some = controllerOf({
      scoped: { handler, on: [RequireScope('a')] },
      both: { handler, on: [RequireScope('a'), Protect()] },
      optional: { handler, on: [OptionalAuth()] },
      used: { handler, on: [UseGuards(BearwardGuard)] },
      declared: { handler, on: [Public()] },
      forgotten: { handler },
      extended: { handler, on: [UseGuards(PermitsAll)] },
      other: { handler, on: [UseGuards({ canActivate: () => true })] },
    })
    const all = classOf(
      { x: { handler, on: [Get('x')] }, y: { handler, on: [Post('y')] } },
      Controller('all'),
      RequireScope('b'),
    )
    const app = await start(platform, [some, all])
    expect(new Set(await open(app))).toEqual(new Set(['GET /forgotten', 'GET /extended', 'GET /other']))
    const routes = await routeSecurity(app)
    const of = (wanted: string) => routes.find(({ path }) => path === wanted)
    expect(of('/scoped')).toEqual({
      method: 'GET',
      path: '/scoped',
      scopes: ['a'],
      optional: false,
      unguarded: undefined,
    })
    expect(of('/all/y')).toMatchObject({ method: 'POST', scopes: ['b'], optional: false })
    expect([of('/optional')?.optional, of('/declared')?.optional, of('/used')?.optional]).toEqual([true, true, false])
    expect(of('/extended')?.unguarded).toContain('BearwardGuard')
  })

  it('global: true guards every controller but what is public, and nothing else', async () => {
    const app = await start(
      platform,
      [
        controllerOf({ any: { handler }, declared: { handler, on: [Public()] } }),
        controllerOf({ extended: { handler, on: [UseGuards(PermitsAll)] } }),
      ],
      true,
    )
    app
      .getHttpAdapter()
      .get('/raw', (_request: unknown, response: { send(text: string): void }) => response.send('raw'))
    expect((await open(app)).sort()).toEqual(['GET /raw']) // the global guard decides beside one that extends ours
    const [raw] = (await routeSecurity(app)).filter(({ path }) => path === '/raw')
    expect(raw?.unguarded).toBe('not a route of a controller')
  })

  it.each(['APP_GUARD', 'useGlobalGuards'])(
    'a global guard by %s does not count: docs/route-coverage.md',
    async (how) => {
      const controllers = [controllerOf({ any: { handler } })]
      const providers = how === 'APP_GUARD' ? [{ provide: APP_GUARD, useClass: BearwardGuard }] : [BearwardGuard]
      const app = await start(platform, controllers, false, { providers })
      if (how === 'useGlobalGuards') app.useGlobalGuards(app.get(BearwardGuard))
      const port = await listen(app)
      expect((await fetch(`http://127.0.0.1:${port}/any`)).status).toBe(401)
      expect(await open(app)).toEqual(['GET /any'])
    },
  )

  it('knows paths of prefixes, versions, modules, lists and inherited methods', async () => {
    class Base {
      base() {
        return 'reached'
      }
    }
    Get('base')(Base.prototype, 'base', Object.getOwnPropertyDescriptor(Base.prototype, 'base') as PropertyDescriptor)
    class Inheriting extends Base {}
    Controller('inherits')(Inheriting)
    RequireScope('i')(Inheriting)
    const versioned = classOf(
      {
        one: { handler, on: [Get('one'), Version('1'), RequireScope('v')] },
        two: { handler, on: [Get(['two', 'too']), Version('2')] },
      },
      Controller({ path: 'versioned' }),
    )
    const health = classOf(
      { check: { handler, on: [Get()] }, head: { handler, on: [Head('up'), Protect()] } },
      Controller('health'),
    )
    class Inner {}
    Module({ controllers: [classOf({ all: { handler, on: [All('all'), RequireScope('m')] } }, Controller('inner'))] })(
      Inner,
    )
    const imports = [Inner, RouterModule.register([{ path: 'module', module: Inner }])]
    const app = await start(platform, [Inheriting, versioned, health], false, { imports })
    app.enableVersioning({ type: VersioningType.URI })
    app.setGlobalPrefix('api', { exclude: [{ path: 'health', method: RequestMethod.GET }] })
    expect(new Set(await open(app))).toEqual(
      new Set(['GET /api/v2/versioned/two', 'GET /api/v2/versioned/too', 'GET /health']),
    )
    const routes = Object.fromEntries(
      (await routeSecurity(app)).map(({ method, path, scopes }) => [`${method} ${path}`, scopes]),
    )
    expect(routes).toMatchObject({
      'GET /api/inherits/base': ['i'],
      'GET /api/v1/versioned/one': ['v'],
      'ALL /api/module/inner/all': ['m'],
      'HEAD /api/health/up': [],
    })
  })

  it('endpoints and middleware of consumers are no routes', async () => {
    class EndpointsModule {
      configure(consumer: MiddlewareConsumer) {
        consumer.apply(endpoint({ respond: () => ({ status: 200, headers: {}, body: '' }) })).forRoutes('logout')
        consumer
          .apply((_: unknown, __: unknown, next: () => void) => next())
          .forRoutes({ path: 'x', method: RequestMethod.GET })
      }
    }
    Module({})(EndpointsModule)
    const app = await start(platform, [controllerOf({ x: { handler, on: [Protect()] } })], false, {
      imports: [EndpointsModule],
    })
    // A route at the path of the middleware, which the framework has and no controller.
    app.getHttpAdapter().get('/logout', handler)
    expect(await open(app)).toEqual(['GET /logout'])
    expect((await routeSecurity(app)).map(({ path }) => path).sort()).toEqual(['/logout', '/x'])
    await expectAllProtected(app, { except: ['GET /logout'] })
  })
})

it('handlers beside the guarded ones of controllers, and beside middleware, are found (N9)', async () => {
  const raw = (_: Request, response: Response) => void response.end('raw')
  class MiddlewareModule {
    configure(consumer: MiddlewareConsumer) {
      const passing = (_: unknown, __: unknown, next: () => void) => next()
      consumer.apply(passing, passing).forRoutes({ path: 'beside', method: RequestMethod.GET }, 'all')
      consumer
        .apply(passing)
        .forRoutes({ path: 'x', method: RequestMethod.GET }, { path: 'y', method: RequestMethod.GET })
    }
  }
  Module({})(MiddlewareModule)
  const controllers = [controllerOf({ x: { handler, on: [Protect()] }, y: { handler, on: [Protect()] } })]
  const imports = [BearwardModule.forRoot(options, { global: true }), MiddlewareModule]
  app = await createApp('Express', { imports, controllers })
  const adapter = app.getHttpAdapter()
  for (const path of ['/x', '/beside']) adapter.get(path, raw)
  adapter.all('/all', raw)
  const port = await listen(app)
  for (const [path, text] of [
    ['/x', 'raw'],
    ['/beside', 'raw'],
    ['/all', 'raw'],
  ] as const)
    expect(await (await fetch(`http://127.0.0.1:${port}${path}`)).text()).toBe(text)
  expect((await fetch(`http://127.0.0.1:${port}/y`)).status).toBe(401)
  expect(new Set(await open(app))).toEqual(new Set(['GET /x', 'GET /beside', 'ALL /all']))
})

it('on Fastify, where middleware is no route, a handler at its path is one (N9)', async () => {
  class MiddlewareModule {
    configure(consumer: MiddlewareConsumer) {
      const passing = (_: unknown, __: unknown, next: () => void) => next()
      consumer.apply(passing).forRoutes({ path: 'beside', method: RequestMethod.GET })
    }
  }
  Module({})(MiddlewareModule)
  const controllers = [controllerOf({ x: { handler, on: [Protect()] } })]
  app = await createApp('Fastify', { imports: [BearwardModule.forRoot(options), MiddlewareModule], controllers })
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance
  fastify.get('/beside', handler)
  fastify.get('/x', { constraints: { host: 'other.test' } }, handler)
  expect((await open(app)).sort()).toEqual(['GET /beside', 'GET /x'])
})

it("handlers of the application at the paths of Nest's own for unknown paths are routes (N9)", async () => {
  const raw = (_: Request, response: Response) => void response.end()
  const controllers = [controllerOf({ x: { handler, on: [Protect()] } })]
  app = await createApp('Express', { imports: [BearwardModule.forRoot(options)], controllers })
  app.setGlobalPrefix('api', { exclude: [{ path: 'x', method: RequestMethod.GET }] })
  const router = Router()
  router.all('*path', raw)
  app.use('/api', router)
  app.getHttpAdapter().all('/x', raw)
  expect((await open(app)).sort()).toEqual(['ALL /api*path', 'ALL /x'])
})

it('without BearwardModule, every route is open (N9)', async () => {
  app = await createApp('Express', { controllers: [controllerOf({ x: { handler } })] })
  app.use('/files', (_: Request, response: Response) => void response.end())
  expect((await open(app)).sort()).toEqual(['GET /x', 'USE /files'])
  await expect(expectAllProtected(app)).rejects.toThrow('GET /x')
})
