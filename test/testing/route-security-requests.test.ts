import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as forExpress from 'bearward/express'
import * as forHono from 'bearward/hono'
import { routeSecurity } from 'bearward/testing'
import express, { type RequestHandler } from 'express'
import express4 from 'express4'
import fc from 'fast-check'
import { type Context, Hono } from 'hono'
import { matchedRoutes } from 'hono/route'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { amount } from '../support/tiers/amount.ts'

// Builds applications at random and sends requests without a token: whatever handler they reach must be listed as unguarded.

const options = { resource: 'https://api.test', issuer: 'https://auth.test', errors: 'forward' } as const

type Method = 'get' | 'post' | 'all' | 'use'

interface Mount {
  readonly kind: 'guard' | 'pass' | 'errors' | 'handler' | 'guarded handler' | 'late guard' | 'router' | 'application'
  readonly method: Method
  readonly path: string
  readonly sensitive: boolean
  readonly inner: readonly Mount[]
}

const mounts = (paths: readonly string[], kinds: readonly Mount['kind'][]) =>
  fc.letrec<{ list: Mount[]; mount: Mount }>((tie) => ({
    list: fc.array(tie('mount'), { minLength: 1, maxLength: 5 }),
    mount: fc.record({
      kind: fc.constantFrom(...kinds),
      method: fc.constantFrom<Method[]>('get', 'post', 'all', 'use', 'use'),
      path: fc.constantFrom(...paths),
      sensitive: fc.boolean(),
      inner: fc.oneof({ depthIdentifier: 'mount', depthSize: 'small' }, fc.constant([]), tie('list')),
    }),
  })).list

const TARGETS = [
  '/',
  '/a',
  '/A',
  '/a/',
  '/a/b',
  '/A/b',
  '/a/b/',
  '/b',
  '/x',
  '/x/b',
  '/a/a',
  '/a/a/b',
  '/b/a',
  '/a/x/b',
  '/b/a/b',
]

const join = (prefix: string, path: string) => prefix + path.replace(/\/$/, '')

/** What an anonymous request reaches, by its text in the list. */
async function check(app: object, reach: (method: string, target: string) => Promise<string>) {
  const routes = await routeSecurity(app)
  const named = (guarded: boolean) =>
    new Set(routes.filter(({ unguarded }) => (unguarded === undefined) === guarded).map((r) => `${r.method} ${r.path}`))
  const open = named(false)
  for (const target of TARGETS) {
    for (const method of ['GET', 'POST']) {
      const reached = await reach(method, target)
      if (reached !== '' && !open.has(reached)) throw new Error(`${method} ${target} reaches ${reached}`)
    }
  }
  return named(true).size
}

let server: Server
let current: (...given: never[]) => unknown = () => {}
beforeAll(async () => {
  server = createServer((request, response) => void (current as (...given: unknown[]) => unknown)(request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})
afterAll(() => server.close())

const overHttp = async (method: string, target: string) => {
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}${target}`, { method })
  await response.arrayBuffer()
  return response.headers.get('reached') ?? ''
}

describe.each([
  ['Express 5', express, '/*rest'],
  ['Express 4', express4 as unknown as typeof express, '/*'],
])('%s', (_, express, rest) => {
  const { protect } = forExpress.resourceServer(options)
  const passing: RequestHandler = (_req, _res, next) => next()
  const errors: express.ErrorRequestHandler = (_error, _req, _res, next) => next()

  function mount(router: express.Router, list: readonly Mount[], prefix: string): void {
    for (const { kind, method, path, sensitive, inner } of list) {
      if (kind === 'router' || kind === 'application') {
        const other = kind === 'router' ? express.Router({ caseSensitive: sensitive }) : express()
        if (kind === 'application' && sensitive) (other as express.Application).enable('case sensitive routing')
        mount(other, inner, join(prefix, path))
        router.use(path, other)
        continue
      }
      const label = `${method.toUpperCase()} ${join(prefix, path) || '/'}`
      const handler: RequestHandler = (_req, res) => void res.setHeader('reached', label).end()
      const functions: Record<string, readonly unknown[]> = {
        guard: [protect()],
        pass: [passing],
        errors: [errors],
        handler: [handler],
        'guarded handler': [passing, protect(), handler],
        'late guard': [handler, protect()],
      }
      router[method](path, ...((functions[kind] ?? []) as RequestHandler[]))
    }
  }

  it('lists every handler that a request without a token reaches (N9)', async () => {
    let guarded = 0
    const kinds = [
      'guard',
      'pass',
      'errors',
      'handler',
      'guarded handler',
      'late guard',
      'router',
      'application',
    ] as const
    const lists = mounts(['/', '/a', '/A', '/a/b', '/:p', rest, `/a${rest}`], kinds)
    await fc.assert(
      fc.asyncProperty(lists, async (list) => {
        const app = express()
        mount(app, list, '')
        current = app
        guarded += await check(app, overHttp)
      }),
      { numRuns: amount(150, 4) },
    )
    // A few random applications may have no guarded route at all.
    expect(guarded).toBeGreaterThanOrEqual(amount(1, 0))
  })
})

describe('Hono', () => {
  const { protect } = forHono.resourceServer(options)
  const passing = (_c: unknown, next: () => Promise<void>) => next()
  const handler = (c: Context) => {
    const { method, path } = matchedRoutes(c)[c.req.routeIndex] ?? {}
    return new Response(null, { headers: { reached: `${method} ${path}` } })
  }
  const functions: Record<string, readonly unknown[]> = {
    guard: [protect()],
    pass: [passing],
    handler: [handler],
    'guarded handler': [passing, protect(), handler],
    'late guard': [handler, protect()],
  }

  function mount(app: Hono, list: readonly Mount[]): Hono {
    for (const { kind, method, path, sensitive, inner } of list) {
      if (kind === 'router') {
        const other = mount(new Hono(), inner)
        app.route(path, sensitive ? other.onError(() => new Response(null, { status: 500 })) : other)
      } else (app[method] as (...given: unknown[]) => unknown)(path, ...(functions[kind] ?? []))
    }
    return app
  }

  it('lists every handler that a request without a token reaches (N9)', async () => {
    let guarded = 0
    const kinds = ['guard', 'pass', 'handler', 'guarded handler', 'late guard', 'router'] as const
    const lists = mounts(['/', '/a', '/A', '/a/b', '/:p', '/:p/b', '/*', '/a/*', '/:p{.+}'], kinds)
    await fc.assert(
      fc.asyncProperty(lists, async (list) => {
        const app = mount(new Hono(), list)
        app.onError(() => new Response(null, { status: 500 }))
        guarded += await check(app, async (method, target) => {
          const response = await app.request(target, { method })
          return response.headers.get('reached') ?? ''
        })
      }),
      { numRuns: amount(1000, 50) },
    )
    // A few random applications may have no guarded route at all.
    expect(guarded).toBeGreaterThanOrEqual(amount(1, 0))
  })
})
