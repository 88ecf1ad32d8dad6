import type { Server } from 'node:http'
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExecutionContext,
  HttpException,
  type INestApplication,
  Inject,
  type MiddlewareConsumer,
  type ModuleMetadata,
  SetMetadata,
  type Type,
  UseFilters,
  UseGuards,
} from '@nestjs/common'
import { APP_FILTER, ExternalContextCreator, HttpAdapterHost, REQUEST } from '@nestjs/core'
import {
  type AccessToken,
  ConfigurationError,
  createResourceServer,
  type Endpoint,
  type ResourceServer,
  type ResourceServerOptions,
} from 'bearward'
import {
  BearwardException,
  BearwardGuard,
  BearwardModule,
  endpoint,
  type NestDecorator,
  OptionalAuth,
  Protect,
  Public,
  RESOURCE_SERVER,
  RequireAnyScope,
  RequireScope,
  Token,
} from 'bearward/nest'
import { afterEach, describe, expect, it } from 'vitest'
import { bearer, exchange } from '../support/http/raw-client.ts'
import { classOf, controllerOf, createApp, good, kit, listen, type Method, options, PLATFORMS } from './nest-kit.ts'

let app: INestApplication<Server> | undefined
afterEach(() => app?.close())

const moduleWith = (more: Partial<ResourceServerOptions>) => BearwardModule.forRoot({ ...options, ...more })
const DOCUMENT = '/.well-known/oauth-protected-resource'
const say = () => 'reached'
/** What `@Resolver()` of GraphQL does. */
const RESOLVER = SetMetadata('graphql:resolver_type', undefined)
const subjectOf = { handler: (token?: AccessToken) => ({ subject: token?.subject ?? null }), parameters: [Token()] }

it('challenges point to the document where endpoint() mounts it, as well (A8, RFC 9728 §5.1)', async () => {
  const server = createResourceServer(options)
  const challenge = async () => {
    const request = { native: {}, method: 'GET', target: '/', authorization: [], contentType: undefined }
    const decision = await server.decide(request, server.guards())
    return decision.allowed || decision.response.headers['WWW-Authenticate']
  }
  expect(await challenge()).not.toContain('resource_metadata')
  endpoint(server.metadata)
  expect(await challenge()).toContain(`resource_metadata="${server.metadata.url}"`)
})

describe.each(PLATFORMS)('Nest on %s (F4)', (platform) => {
  async function start(metadata: ModuleMetadata, imported = BearwardModule.forRoot(options)): Promise<number> {
    app = await createApp(platform, { ...metadata, imports: [imported, ...(metadata.imports ?? [])] })
    return listen(app)
  }
  const statusOf = async (port: number, target: string, lines: readonly string[] = bearer(good)) =>
    (await exchange(port, { target, lines })).status

  describe('decorators', () => {
    it('on a class and on a method must all permit, and the challenge names the scopes of both (RFC 6750 §3.1)', async () => {
      const both = { ...subjectOf, on: [RequireScope('admin')] }
      const port = await start({
        controllers: [controllerOf({ one: subjectOf, both }, RequireAnyScope('read:orders'))],
      })
      expect(await statusOf(port, '/one')).toBe(200)
      const refused = await exchange(port, { target: '/both', lines: bearer(good) })
      expect([refused.status, refused.header('WWW-Authenticate')]).toEqual([
        403,
        expect.stringContaining('scope="read:orders admin"'),
      ])
      expect(
        await statusOf(port, '/both', bearer(kit.token({ claims: kit.claims({ scope: 'read:orders admin' }) }))),
      ).toBe(200)
    })

    it('give guard functions the request of the framework', async () => {
      const own = Protect<{ query: { owner?: string } }>((token, request) => token.subject === request.query.owner)
      const port = await start({ controllers: [controllerOf({ own: { handler: say, on: [own] } })] })
      expect(await statusOf(port, '/own?owner=user-1')).toBe(200)
      expect(await statusOf(port, '/own?owner=user-2')).toBe(403)
    })

    it('inject the token, nothing for an anonymous request, and fail without a guard', async () => {
      const open = { ...subjectOf, on: [OptionalAuth()] }
      const port = await start({ controllers: [controllerOf({ open, bare: subjectOf })] })
      expect((await exchange(port, { target: '/open', lines: bearer(good) })).body).toBe('{"subject":"user-1"}')
      expect((await exchange(port, { target: '/open' })).body).toBe('{"subject":null}')
      expect(await statusOf(port, '/open', bearer('a.b.c'))).toBe(401)
      expect(await statusOf(port, '/bare')).toBe(500)
    })

    it('fail the start with a scope that is not declared, and name the class and the method', async () => {
      const module = BearwardModule.forRoot({ ...options, scopes: ['read:orders'] })
      const wrong = RequireScope('raed:orders')
      const startWith = (controller: Type) => start({ controllers: [controller] }, module)
      await expect(startWith(controllerOf({ list: { handler: say, on: [wrong] } }))).rejects.toMatchObject({
        code: 'ERR_CONFIGURATION',
        option: 'scopes',
        message: expect.stringMatching(/"raed:orders", which a guard names: see the decorator of Decorated\.list$/),
      })
      await expect(startWith(controllerOf({ list: { handler: say } }, wrong))).rejects.toThrow(/of Decorated$/)
    })

    it('that one constant shares guard each of their places', async () => {
      const shared = RequireScope('admin')
      const port = await start({
        controllers: [controllerOf({ a: { handler: say, on: [shared] }, b: { handler: say, on: [shared] } })],
      })
      expect([await statusOf(port, '/a'), await statusOf(port, '/b'), await statusOf(port, '/b', [])]).toEqual([
        403, 403, 401,
      ])
    })
  })

  describe('the guard', () => {
    it('with global: true guards every route, except @Public() ones', async () => {
      const controllers = [
        controllerOf({
          bare: { handler: say },
          health: { handler: say, on: [Public()] },
          open: { handler: say, on: [OptionalAuth()] },
          admin: { handler: say, on: [RequireScope('admin')] },
        }),
        controllerOf({ status: { handler: say }, locked: { handler: say, on: [Protect()] } }, Public()),
      ]
      const port = await start({ controllers }, BearwardModule.forRoot(options, { global: true }))
      const targets = ['/bare', '/health', '/open', '/admin', '/status', '/locked', DOCUMENT]
      const anonymous = await Promise.all(targets.map((target) => statusOf(port, target, [])))
      expect(anonymous).toEqual([401, 200, 200, 401, 200, 401, 200])
      expect(await Promise.all(targets.map((target) => statusOf(port, target)))).toEqual([
        200, 200, 200, 403, 200, 200, 200,
      ])
      const { all } = await exchange(port, { target: '/admin' })
      expect(all('WWW-Authenticate')).toEqual([expect.stringContaining('scope="admin"')])
    })

    it('by @UseGuards() requires a valid token', async () => {
      const port = await start({ controllers: [controllerOf({ a: { ...subjectOf, on: [UseGuards(BearwardGuard)] } })] })
      expect([await statusOf(port, '/a'), await statusOf(port, '/a', [])]).toEqual([200, 401])
    })

    it('without global leaves other routes open', async () => {
      const port = await start({ controllers: [controllerOf({ a: { handler: say } })] })
      expect(await statusOf(port, '/a', [])).toBe(200)
    })
  })

  describe('exception filters', () => {
    /** The filter of Nest's documentation. */
    class CatchAll {
      readonly host: HttpAdapterHost
      constructor(host: HttpAdapterHost) {
        this.host = host
      }
      catch(exception: unknown, host: ArgumentsHost) {
        const status = exception instanceof HttpException ? exception.getStatus() : 500
        this.host.httpAdapter.reply(host.switchToHttp().getResponse(), { own: true, status }, status)
      }
    }
    Catch()(CatchAll)
    Inject(HttpAdapterHost)(CatchAll, undefined, 0)
    const own = { inject: [HttpAdapterHost], useFactory: (host: HttpAdapterHost) => new CatchAll(host) }
    const requests = [
      [[], 401],
      [bearer('a.b.c'), 401],
      [bearer(good), 403],
    ] as const

    it.each(['respond', 'forward'] as const)("keep the challenge, with errors: '%s'", async (errors) => {
      // On a controller, a filter comes before ours; a global one does only with errors: 'forward'.
      const a = { handler: say, on: [RequireScope('admin'), ...(errors === 'respond' ? [UseFilters(CatchAll)] : [])] }
      const providers = errors === 'forward' ? [{ provide: APP_FILTER, ...own }] : []
      const port = await start({ controllers: [controllerOf({ a })], providers }, moduleWith({ errors }))
      for (const [lines, status] of requests) {
        const response = await exchange(port, { target: '/a', lines })
        expect([response.status, JSON.parse(response.body)]).toEqual([status, { own: true, status }])
        expect(response.all('WWW-Authenticate')).toEqual([expect.stringMatching(/^Bearer realm=/)])
        expect(response.all('Cache-Control')).toEqual(['no-store'])
        expect(response.header('Content-Type')).toMatch(/^application\/json/)
      }
    })

    it("of the whole application do not replace our response, with errors: 'respond'", async () => {
      const controllers = [controllerOf({ a: { handler: say, on: [RequireScope('admin')] } })]
      const port = await start({ controllers, providers: [{ provide: APP_FILTER, ...own }] })
      for (const [lines, status] of requests) {
        const response = await exchange(port, { target: '/a', lines })
        expect([response.status, JSON.parse(response.body)]).toMatchObject([status, { reason: expect.any(String) }])
      }
    })

    it("of useGlobalFilters() come before ours, and keep the challenge, with errors: 'respond'", async () => {
      const controllers = [controllerOf({ a: { handler: say, on: [RequireScope('admin')] } })]
      app = await createApp(platform, { controllers, imports: [BearwardModule.forRoot(options)] })
      app.useGlobalFilters(new CatchAll(app.get(HttpAdapterHost)))
      const response = await exchange(await listen(app), { target: '/a' })
      expect([response.status, JSON.parse(response.body)]).toEqual([401, { own: true, status: 401 }])
      expect(response.all('WWW-Authenticate')).toHaveLength(1)
    })

    it("of Nest itself respond with errors: 'forward', with the body of the refusal", async () => {
      const controllers = [controllerOf({ a: { handler: say, on: [Protect()] } })]
      const port = await start({ controllers }, moduleWith({ errors: 'forward' }))
      const response = await exchange(port, { target: '/a' })
      expect([response.status, JSON.parse(response.body)]).toMatchObject([401, { reason: 'no_credentials' }])
      expect(response.all('WWW-Authenticate')).toHaveLength(1)
    })

    it('get the error with its reason', async () => {
      const reasons: unknown[] = []
      class ByReason {
        catch(exception: BearwardException, host: ArgumentsHost) {
          reasons.push(exception.error.reason)
          host.switchToHttp().getResponse().send('done')
        }
      }
      Catch(BearwardException)(ByReason)
      const controllers = [controllerOf({ a: { handler: say, on: [Protect()] } })]
      const providers = [{ provide: APP_FILTER, useValue: new ByReason() }]
      const port = await start({ controllers, providers }, moduleWith({ errors: 'forward' }))
      await exchange(port, { target: '/a' })
      expect(reasons).toEqual(['no_credentials'])
    })

    it('respond with 500 to what a guard function throws (A7)', async () => {
      const thrown = [new Error('own failure'), new HttpException('own', 200), undefined, new Response()]
      const routes = thrown.map((error, index) => [
        `r${index}`,
        { handler: say, on: [Protect(() => Promise.reject(error))] },
      ])
      const port = await start({ controllers: [controllerOf(Object.fromEntries(routes))] })
      for (const index of thrown.keys()) expect(await statusOf(port, `/r${index}`)).toBe(500)
    })
  })

  describe('the module', () => {
    it('takes options from a factory, and provides the server', async () => {
      const settings = { provide: 'SETTINGS', useValue: { resource: options.resource } }
      const imported = BearwardModule.forRootAsync({
        inject: ['SETTINGS'],
        imports: [{ module: class Settings {}, providers: [settings], exports: [settings] }],
        useFactory: async ({ resource }: { resource: string }) => ({ ...options, resource }),
        global: true,
      })
      const port = await start({ controllers: [controllerOf({ a: { handler: say } })] }, imported)
      expect([await statusOf(port, '/a'), await statusOf(port, '/a', [])]).toEqual([200, 401])
      expect(app?.get<ResourceServer>(RESOURCE_SERVER).metadata.document.resource).toBe(options.resource)
    })

    it('serves the document outside of a global prefix, where challenges point to (RFC 9728 §3.1)', async () => {
      app = await createApp(platform, {
        imports: [BearwardModule.forRoot(options)],
        controllers: [controllerOf({ a: { handler: say, on: [Protect()] } })],
      })
      app.setGlobalPrefix('api')
      const port = await listen(app)
      expect([await statusOf(port, DOCUMENT, []), await statusOf(port, '/api/a', [])]).toEqual([200, 401])
    })

    it('takes a server that is shared, and leaves it running', async () => {
      const server = createResourceServer(options)
      const port = await start(
        { controllers: [controllerOf({ a: { ...subjectOf, on: [Protect()] } })] },
        BearwardModule.forRoot(server),
      )
      expect(await statusOf(port, '/a')).toBe(200)
      expect(app?.get<ResourceServer>(RESOURCE_SERVER)).toBe(server)
    })

    it('mounts endpoints as middleware, which a global guard does not reach (F11)', async () => {
      const echo: Endpoint = {
        async respond(method, target, content) {
          if (method !== 'POST') return { status: 405, headers: { Allow: 'POST' }, body: '' }
          const body = await content.body(100)
          return { status: 200, headers: {}, body: JSON.stringify([target, content.contentType, body]) }
        },
      }
      class Endpoints {
        configure(consumer: MiddlewareConsumer) {
          consumer.apply(endpoint(echo)).forRoutes('logout')
          consumer.apply(endpoint({ respond: () => Promise.reject(new Error('own failure')) })).forRoutes('failing')
          consumer.apply(endpoint({ respond: () => undefined })).forRoutes('elsewhere')
        }
      }
      const port = await start({ imports: [{ module: Endpoints }] }, BearwardModule.forRoot(options, { global: true }))
      const post = (type: string, body: string) =>
        exchange(port, { method: 'POST', target: '/logout?a=b', lines: [`Content-Type: ${type}`], body })
      expect(JSON.parse((await post('application/secevent+jwt', 'a=b')).body)).toEqual([
        '/logout?a=b',
        'application/secevent+jwt',
        'a=b',
      ])
      const form = JSON.parse((await post('application/x-www-form-urlencoded', 'a=b')).body)[2]
      expect(form).toEqual(platform === 'Express' ? { a: 'b' } : 'a=b') // Nest parses bodies before middleware on Express
      const get = await exchange(port, { target: '/logout' })
      expect([get.status, get.all('Allow')]).toEqual([405, ['POST']])
      expect([await statusOf(port, '/failing', []), await statusOf(port, '/elsewhere', [])]).toEqual([500, 404])
    })
  })

  describe('a mistake in mounting fails the start, and says what to write', () => {
    const guarded = { a: { handler: say, on: [Protect()] } }

    it('guards without the module', async () => {
      app = undefined
      await expect(createApp(platform, { controllers: [controllerOf(guarded)] })).rejects.toThrow(
        'BearwardModule.forRoot(',
      )
    })

    it('global among the options, where it would guard nothing', async () => {
      const misplaced = { ...options, global: true }
      const text = 'forRoot(options, { global: true })'
      expect(() => BearwardModule.forRoot(misplaced)).toThrow(text)
      for (const none of [undefined, null, 'https://api.example.com'] as never[]) {
        expect(() => BearwardModule.forRoot(none)).toThrow(ConfigurationError)
      }
      const imported = BearwardModule.forRootAsync({ useFactory: () => misplaced })
      app = undefined
      await expect(createApp(platform, { imports: [imported] })).rejects.toThrow(text)
    })

    it('a factory that needs the request', async () => {
      const imported = BearwardModule.forRootAsync({ inject: [REQUEST], useFactory: () => options })
      app = await createApp(platform, { imports: [imported] })
      await expect(app.init()).rejects.toThrow('inject only singletons')
    })

    it('the module without forRoot', async () => {
      app = undefined
      await expect(createApp(platform, { imports: [BearwardModule] })).rejects.toThrow('BearwardModule.forRoot(')
    })

    it('global: true and a message of a microservice, for which a hybrid application runs no global guards (SPEC F4)', async () => {
      // What @MessagePattern() does; in a hybrid application its messages come without a request.
      const onMessage = SetMetadata('microservices:pattern', [{ cmd: 'sum' }])
      const start = async (method: Method, ...on: readonly NestDecorator[]) => {
        const imports = [BearwardModule.forRoot(options, { global: true })]
        app = await createApp(platform, { imports, controllers: [classOf({ sum: method }, Controller(), ...on)] })
        await app.init()
      }
      await expect(start({ handler: say, on: [onMessage] })).rejects.toThrow('Decorated.sum is open')
      for (const own of [Public(), Protect()]) {
        await app?.close()
        await start({ handler: say, on: [onMessage, own] })
      }
      await app?.close()
      await start({ handler: say, on: [onMessage] }, Public())
    })

    it.each<[string, () => ModuleMetadata, string]>([
      [
        'the module twice',
        () => ({ imports: [BearwardModule.forRoot({ ...options, realm: 'two' })] }),
        'BearwardModule once',
      ],
      ['a decorator on a service', () => ({ providers: [classOf(guarded)] }), 'move it to a controller'],
      [
        'a decorator on a field of a resolver',
        () => ({ providers: [classOf(guarded, RESOLVER)] }),
        'Decorated.a cannot',
      ],
      [
        'a decorator on a resolver',
        () => ({ providers: [classOf({ a: { handler: say } }, RESOLVER, UseGuards(BearwardGuard))] }),
        'the decorator of Decorated cannot guard a resolver: call verify(token)',
      ],
      [
        '@Public() on a method of a guarded class',
        () => ({ controllers: [controllerOf({ a: { handler: say, on: [Public()] } }, Protect())] }),
        'remove one of them',
      ],
      [
        '@Public() on a guarded method',
        () => ({ controllers: [controllerOf({ a: { handler: say, on: [Public(), Protect()] } })] }),
        'remove one of them',
      ],
    ])('%s', async (_, metadata, text) => {
      const { imports = [], ...rest } = metadata()
      const create = async () => {
        app = await createApp(platform, { ...rest, imports: [BearwardModule.forRoot(options), ...imports] })
        await app.init()
      }
      await expect(create()).rejects.toThrow(text)
    })
  })
})

// Both were ways to open a route: a class that extends the guard was taken for the guard of a decorator, to which the others
// left the decision, and so did a guard that the route itself names.
describe.each(PLATFORMS)('BearwardGuard on a route of Nest on %s (F4)', (platform) => {
  class Audited extends BearwardGuard {
    override canActivate(context: ExecutionContext): Promise<boolean> {
      return super.canActivate(context)
    }
  }
  class Empty extends BearwardGuard {}
  class PermitsAll extends BearwardGuard {
    override async canActivate(): Promise<boolean> {
      return true
    }
  }
  const route = (...on: readonly NestDecorator[]) => ({ handler: say, on })

  async function statusOf(controller: Type, global = false): Promise<number> {
    app = await createApp(platform, {
      imports: [BearwardModule.forRoot(options, { global })],
      controllers: [controller],
    })
    const port = await listen(app)
    const anonymous = await fetch(`http://127.0.0.1:${port}/a`)
    const withToken = await fetch(`http://127.0.0.1:${port}/a`, { headers: { authorization: `Bearer ${good}` } })
    expect(withToken.status).toBe(200)
    return anonymous.status
  }

  it.each<[string, Type, boolean]>([
    ['a class that extends it', controllerOf({ a: route(UseGuards(Audited)) }), false],
    ['an empty one', controllerOf({ a: route(UseGuards(Empty)) }), false],
    ['one on the class', controllerOf({ a: route() }, UseGuards(Empty)), false],
    ['one beside it', controllerOf({ a: route(UseGuards(PermitsAll, BearwardGuard)) }), false],
    ['one that permits everyone, with a global guard', controllerOf({ a: route(UseGuards(PermitsAll)) }), true],
    ['@OptionalAuth() beside it', controllerOf({ a: route(UseGuards(BearwardGuard), OptionalAuth()) }), false],
    ['@OptionalAuth() on the class', controllerOf({ a: route(UseGuards(BearwardGuard)) }, OptionalAuth()), false],
    ['@OptionalAuth() on the method', controllerOf({ a: route(OptionalAuth()) }, UseGuards(BearwardGuard)), false],
  ])('%s: 401 without a token', async (_, controller, global) => {
    expect(await statusOf(controller, global)).toBe(401)
  })

  it('with a global guard, @OptionalAuth() and @Public() still decide', async () => {
    expect(await statusOf(controllerOf({ a: route(OptionalAuth()) }), true)).toBe(200)
    await app?.close()
    expect(await statusOf(controllerOf({ a: route(Public()) }), true)).toBe(200)
  })
})

// As Nest calls resolvers of GraphQL; what it passes need not be an object, such as the root of a query or a message.
it.each([undefined, 'text', {}])(
  'a guard of a call without a request, but with %j, says what to do (F4)',
  async (given) => {
    const Called = classOf({ a: { handler: say } }, Controller())
    app = await createApp('Express', {
      imports: [BearwardModule.forRoot(options, { global: true })],
      controllers: [Called],
    })
    await app.init()
    const creator = app.get(ExternalContextCreator)
    const instance = app.get<{ a(): unknown }>(Called)
    const defaults = [undefined, undefined, undefined, undefined, undefined] as const
    const call = creator.create(instance, instance.a, 'a', ...defaults, 'graphql')
    await expect((call as (root: unknown) => Promise<unknown>)(given)).rejects.toThrow('call verify(token)')
  },
)

describe('a decorator without parentheses', () => {
  it.each<[string, unknown]>([
    ['Protect', Protect],
    ['OptionalAuth', OptionalAuth],
    ['Public', Public],
  ])('%s throws where it stands', (name, decorator) => {
    const decorate = decorator as (...args: readonly unknown[]) => unknown
    class Orders {}
    expect(() => decorate(Orders)).toThrow(`@${name}()`)
    expect(() => decorate(Orders.prototype, 'list', { value: say })).toThrow(`@${name}()`)
  })

  it('scopes are not what @RequireScope gets then', () => {
    const decorate = RequireScope as unknown as (...args: readonly unknown[]) => unknown
    expect(() => decorate(class Orders {})).toThrow('scope')
  })
})

it('guards called by hand say how Nest gets them', () => {
  expect(() => new BearwardGuard()).toThrow('@UseGuards(BearwardGuard)')
})
