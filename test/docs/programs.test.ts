import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Program } from '../examples/program.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { type Authority, type Internet, startInternet } from './internet.ts'
import { type Block, isProgram, ROOT, readPages } from './pages.ts'
import { runProgram } from './run.ts'

// Every complete program of every page runs in its own process and serves requests.

/** The expected status by heading and request: a name for the token, then method and path. */
const RESPONSES: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>> = {
  'docs/adapters.md': {
    'A complete program': complete(),
  },
  'docs/express.md': {
    'A complete program': complete(),
    'Mounting, and the order': mounting(401),
    Errors: {
      'anonymous GET /orders': 401,
      'expired GET /orders': 401,
      'reader GET /orders': 200,
      'admin GET /orders': 403,
    },
    'Form tokens': { 'anonymous POST /orders': 401, 'writer FORM /orders': 201, 'reader FORM /orders': 403 },
    CORS: cors(),
  },
  'docs/fastify.md': {
    'A complete program': complete(),
    'Mounting, and the order': mounting(404),
    'In your own hook': {
      'anonymous GET /orders': 401,
      'reader GET /orders': 200,
      'reader POST /orders': 403,
      'writer POST /orders': 201,
      'anonymous GET /.well-known/oauth-protected-resource': 200,
    },
    'With @fastify/auth': {
      'anonymous GET /orders': 401,
      'reader GET /orders': 200,
      'keyholder GET /orders': 200,
      'writer GET /orders': 403,
    },
    Errors: {
      'anonymous GET /orders': 401,
      'expired GET /orders': 401,
      'reader GET /orders': 200,
      'admin GET /orders': 403,
    },
    'Form tokens': { 'anonymous POST /orders': 401, 'writer FORM /orders': 201, 'reader FORM /orders': 403 },
    CORS: cors(),
  },
  'docs/hono.md': {
    'Options from c.env': { 'anonymous GET /orders': 401, 'reader GET /orders': 200, 'writer GET /orders': 403 },
    'some() and every()': {
      'anonymous GET /orders': 401,
      'keyholder GET /orders': 200,
      'reader GET /orders': 200,
      'writer GET /orders': 403,
      'keyholder GET /reports': 200,
    },
    'A complete program': { 'anonymous GET /orders': 401, 'reader GET /orders': 200, 'writer GET /orders': 403 },
    'Mounting, and the order': mounting(401),
    Errors: {
      'anonymous GET /orders': 401,
      'expired GET /orders': 401,
      'reader GET /orders': 200,
      'admin GET /orders': 403,
    },
    'Form tokens': { 'anonymous POST /orders': 401, 'writer FORM /orders': 201, 'reader FORM /orders': 403 },
    CORS: cors(),
  },
  'docs/runtimes.md': {
    'Smaller bundles': {
      'anonymous GET /orders': 401,
      'reader GET /orders': 200,
      'writer GET /orders': 403,
      'keyholder GET /orders': 401,
    },
  },
  'docs/koa.md': {
    'A complete program': { ...complete(), 'anonymous GET /health': 200 },
    Errors: {
      'anonymous GET /orders': 401,
      'expired GET /orders': 401,
      'reader GET /orders': 200,
      'admin GET /orders': 403,
    },
  },
  'docs/h3.md': {
    'A complete program': complete(),
  },
  'docs/elysia.md': {
    'A complete program': complete(),
    'Guards as hooks': complete(),
  },
  'docs/nest.md': {
    'A complete program': complete(),
  },
  'docs/node.md': {
    'A complete program': complete(),
    'Awaiting a guard': { 'anonymous GET /greeting': 200, 'reader GET /greeting': 200, 'expired GET /greeting': 401 },
    Errors: {
      'anonymous GET /orders': 401,
      'expired GET /orders': 401,
      'reader GET /orders': 200,
      'admin GET /orders': 403,
    },
  },
  'docs/fetch.md': {
    'A complete program': complete(),
    Errors: {
      'anonymous GET /orders': 401,
      'expired GET /orders': 401,
      'reader GET /orders': 200,
      'admin GET /orders': 403,
    },
  },
}

function complete() {
  return {
    'anonymous GET /orders': 401,
    'reader GET /orders': 200,
    'writer GET /orders': 403,
    'expired GET /orders': 401,
  }
}

function mounting(unknownPath: number) {
  return {
    'anonymous GET /health': 200,
    'anonymous GET /nowhere': unknownPath,
    'anonymous GET /admin/users': 401,
    'reader GET /admin/users': 403,
    'admin GET /admin/users': 200,
    'admin DELETE /admin/users/1': 403,
    'remover DELETE /admin/users/1': 204,
  }
}

function cors() {
  return { 'anonymous OPTIONS /orders': 204, 'anonymous GET /orders': 401, 'reader GET /orders': 200 }
}

const SCOPES: Readonly<Record<string, string>> = {
  reader: 'read:orders',
  writer: 'write:orders',
  admin: 'admin',
  remover: 'admin delete:users',
}

const API_KEY = 'a key of at least 32 characters'.padEnd(32, '!')

/** Pages whose programs need more than an issuer, and the test that runs them. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'docs/providers/': 'test/docs/providers.test.ts',
  'docs/migration/': 'test/docs/migration.test.ts',
  'docs/dpop.md': 'test/docs/dpop.test.ts',
  'docs/caching.md': 'test/examples/documents.test.ts',
  'docs/mcp.md': 'test/docs/mcp.test.ts',
  'docs/metrics.md': 'test/docs/metrics.test.ts',
  'docs/logging.md': 'test/docs/logging.test.ts',
  'docs/kubernetes.md': 'test/docs/kubernetes.test.ts',
  'docs/outbound.md': 'test/docs/outbound.test.ts',
}

const programs = readPages().flatMap(({ blocks }) => blocks.filter(isProgram))
const pageOf = ({ at }: Block): string => at.split(':', 1)[0] ?? ''
const here = programs.filter((block) => !Object.keys(ELSEWHERE).some((page) => pageOf(block).startsWith(page)))

let internet: Internet
let issuer: Authority
beforeAll(async () => {
  internet = await startInternet()
  issuer = await internet.authority({ issuer: 'https://auth.example.com' })
})
afterAll(() => internet.stop())

function tokenOf(who: string, scope = SCOPES[who]): Promise<string> | undefined {
  if (['anonymous', 'keyholder'].includes(who)) return undefined
  const now = Math.floor(Date.now() / 1000)
  const exp = who === 'expired' ? now - 3600 : now + 300
  return issuer.sign({ iss: issuer.issuer, aud: RESOURCE, sub: 'alice', client_id: 'app', iat: exp - 300, exp, scope })
}

async function send(program: Program, text: string): Promise<Response> {
  const [who = '', method = '', path = ''] = text.split(' ')
  const token = await tokenOf(who)
  const isForm = method === 'FORM'
  return fetch(`${program.url}${path}`, {
    method: isForm ? 'POST' : method,
    redirect: 'manual',
    headers: {
      connection: 'close',
      ...(token !== undefined && !isForm && { authorization: `Bearer ${token}` }),
      ...(who === 'keyholder' && { 'x-api-key': API_KEY }),
      ...(method === 'OPTIONS' && { origin: 'https://app.example.com', 'access-control-request-method': 'GET' }),
    },
    ...(isForm && { body: new URLSearchParams({ access_token: token ?? '' }) }),
  })
}

/** How programs name a route: a method of a framework, a comparison of their own, a decorator. */
const ROUTE = /\.(get|post|put|delete)\(\s*'(\/[^':]*)'|=== '(\/[^':]*)'|@(Get|Post|Put|Delete)\('([^':]*)'\)/g

/** The literal routes of a program, without parameters. */
const routesOf = ({ text }: Block): string[] =>
  [...text.matchAll(ROUTE)].map(([, method, path, compared, decorator, decorated]) =>
    decorator ? `${decorator.toUpperCase()} /${decorated}` : `${(method ?? 'get').toUpperCase()} ${path ?? compared}`,
  )

/** Every scope in a program: enough for all of its routes. */
const scopesIn = ({ text }: Block): string =>
  [...text.matchAll(/'([a-z]+:[a-z]+|admin)'/g)].map(([, name]) => name).join(' ')

describe.each(here)('the program at $at', (block) => {
  let program: Program
  beforeAll(async () => {
    program = await runProgram(block, internet, {
      ...{ CLIENT_SECRET: 'secret', API_KEY, STREAM_AUTHORIZATION: 'Bearer secret' },
      ...{ RESOURCE, ISSUER: issuer.issuer },
    })
  })
  afterAll(() => program?.stop())

  const responses = Object.entries(RESPONSES[pageOf(block)]?.[block.heading] ?? {})

  it('serves every route it names, and accepts a token with all its scopes', async () => {
    const routes = routesOf(block)
    expect(routes).not.toEqual([])
    for (const route of routes) {
      const closed = await send(program, `anonymous ${route}`)
      expect([200, 401, 404], route).toContain(closed.status)
      expect(closed.headers.has('www-authenticate'), route).toBe(closed.status === 401)
      const [method = '', path = ''] = route.split(' ')
      const token = await tokenOf('everything', scopesIn(block))
      const open = await fetch(`${program.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, connection: 'close', 'content-type': 'application/json' },
        ...(method === 'GET' || method === 'DELETE' ? {} : { body: '{}' }),
      })
      // With `introspected` the stand-in is called, and it does not know these tokens.
      expect([200, 201, 204, 404, ...(/introspected\(/.test(block.text) ? [401] : [])], route).toContain(open.status)
    }
  })

  if (responses.length > 0) {
    it('responds as the page says', async () => {
      for (const [request, status] of responses) expect((await send(program, request)).status, request).toBe(status)
    })
  }
})

describe('the programs', () => {
  it('have expected responses for each framework', () => {
    for (const [page, headings] of Object.entries(RESPONSES)) {
      const there = programs.filter((block) => pageOf(block) === page).map(({ heading }) => heading)
      expect([...new Set(there)].sort(), page).toEqual(Object.keys(headings).sort())
    }
  })

  it('that are run elsewhere are run there', () => {
    for (const [page, test] of Object.entries(ELSEWHERE)) {
      expect(existsSync(join(ROOT, test)), test).toBe(true)
      expect(readFileSync(join(ROOT, test), 'utf8'), test).toContain(page)
    }
  })

  it('expose refusals to pages in browsers, where the page shows CORS', async () => {
    for (const block of programs.filter(({ heading }) => heading === 'CORS')) {
      const program = await runProgram(block, internet)
      try {
        const refused = await fetch(`${program.url}/orders`, {
          headers: { origin: 'https://app.example.com', connection: 'close' },
        })
        expect(refused.status, block.at).toBe(401)
        expect(refused.headers.get('access-control-allow-origin'), block.at).toBe('https://app.example.com')
        const exposed = (refused.headers.get('access-control-expose-headers') ?? '').split(/, ?/)
        expect(exposed, block.at).toEqual(['WWW-Authenticate', 'DPoP-Nonce'])
      } finally {
        await program.stop()
      }
    }
  })
})
