import {
  anyScope,
  createResourceServer,
  type GuardLike,
  type ResourceServer,
  type ResourceServerOptions,
  scope,
} from 'bearward'
import { compare } from './assertion.ts'
import { BAD_TOKENS, type BadToken } from './bad-tokens.ts'
import { createTestIssuer, type TestIssuer } from './issuer.ts'
import { type RawResponse, sendRaw } from './raw-request.ts'

/** A route that the adapter under test mounts: GET, with a handler that responds 200 and `{"subject": …}`, or `null`. */
export interface AdapterRoute {
  readonly path: string
  /** Each element is one guard in a row: what one call of `protect(…)` gets. */
  readonly guards: readonly (readonly GuardLike[])[]
  /** Whether the guards are of `optionalAuth(…)`. */
  readonly optional: boolean
}

/** An API that listens on a port of 127.0.0.1. */
export interface RunningAdapter {
  readonly port: number
  close(): unknown
}

/** What `testAdapter()` needs of an adapter. */
export interface AdapterTestOptions {
  /** Starts an API with these options and routes. It also serves the metadata document. */
  start(options: ResourceServerOptions, routes: readonly AdapterRoute[]): RunningAdapter | Promise<RunningAdapter>
}

/** One case of the contract of all adapters. */
export interface AdapterCase {
  readonly name: string
  /** @throws {AssertionError} if the adapter does not respond as all others do */
  run(): Promise<void>
}

const THROWN: readonly unknown[] = [new Error('own failure'), undefined, { status: 200, statusCode: 200 }]

const ROUTES: readonly AdapterRoute[] = [
  { path: '/orders', guards: [[scope('read:orders')]], optional: false },
  { path: '/both', guards: [[scope('read:orders', 'write:orders')]], optional: false },
  { path: '/any', guards: [[anyScope('write:orders', 'admin')]], optional: false },
  { path: '/stacked', guards: [[scope('read:orders')], [scope('write:orders')]], optional: false },
  { path: '/native', guards: [[(_, native: object) => typeof native === 'object']], optional: false },
  { path: '/open', guards: [[scope('read:orders')]], optional: true },
  ...THROWN.map((thrown, index) => ({
    path: `/throws-${index}`,
    guards: [[() => Promise.reject(thrown)]],
    optional: false,
  })),
]

interface Sent {
  readonly target?: string
  readonly method?: string
  /** The values of the `Authorization` lines. */
  readonly authorization?: readonly string[]
}

interface Running {
  readonly issuer: TestIssuer
  readonly adapter: RunningAdapter
  readonly reference: ResourceServer
}

type Check = (running: Running) => Promise<void>

/**
 * The contract of all adapters, as cases for any test runner: `for (const { name, run } of testAdapter({ start })) test(name, run)`.
 * Requests go over raw sockets, and each response is compared with the one of the core: status, headers and body.
 *
 * Not checked: bodies with a token, DPoP and client certificates; handlers that run although the request was refused.
 */
export function testAdapter({ start }: AdapterTestOptions): readonly AdapterCase[] {
  return Object.entries(CHECKS).map(([name, check]) => ({
    name,
    async run() {
      const issuer = await createTestIssuer()
      const adapter = await start(issuer.options, ROUTES)
      const reference = createResourceServer(issuer.options)
      // Challenges name the document once it has been served (RFC 9728 §5.1).
      await reference.metadata.respond('GET', reference.metadata.path)
      try {
        await check({ issuer, adapter, reference })
      } finally {
        await adapter.close()
      }
    },
  }))
}

const bearer = (token: string): readonly string[] => [`Bearer ${token}`]
const reader = (issuer: TestIssuer): Promise<string> => issuer.jwt({ sub: 'alice', scope: 'read:orders' })

const CHECKS: Readonly<Record<string, Check>> = {
  'runs the handler for a good token, and gives it the token': async (running) => {
    const token = await reader(running.issuer)
    await reached(running, { authorization: bearer(token) }, 'alice')
    await reached(running, { authorization: [`bEARER   ${token}`] }, 'alice')
    await reached(running, { target: '/native', authorization: bearer(token) }, 'alice')
  },
  'refuses a request without a token (RFC 6750 §3)': async (running) => {
    await refused(running, {})
    await refused(running, { authorization: ['Basic dTpw'] })
    await refused(running, { method: 'HEAD' })
  },
  'refuses bad syntax (RFC 6750 §2.1)': async (running) => {
    for (const value of ['Bearer', 'Bearer a b', 'Bearer\ta', 'Bearer a,b']) {
      await refused(running, { authorization: [value] })
    }
  },
  'refuses two Authorization lines, even if they are equal (RFC 6750 §2)': async (running) => {
    const token = await reader(running.issuer)
    for (const second of [`Bearer ${token}`, 'Bearer b', 'Basic dTpw']) {
      await refused(running, { authorization: [`Bearer ${token}`, second] })
      await refused(running, { target: '/open', authorization: [`Bearer ${token}`, second] })
    }
  },
  'refuses a token in the query, with a good header as well (RFC 9700 §4.3.2)': async (running) => {
    const token = await reader(running.issuer)
    for (const name of ['access_token', 'access%5Ftoken']) {
      await refused(running, { target: `/orders?${name}=${token}` })
      await refused(running, { target: `/orders?${name}=a`, authorization: bearer(token) })
    }
  },
  'refuses every bad token (RFC 6750 §3.1)': async (running) => {
    for (const name of Object.keys(BAD_TOKENS) as BadToken[]) {
      await refused(running, { authorization: bearer(await running.issuer.bad(name)) })
    }
  },
  'names every scope that a route requires (RFC 6750 §3.1)': async (running) => {
    const authorization = bearer(await reader(running.issuer))
    for (const target of ['/both', '/any', '/stacked']) await refused(running, { target, authorization })
  },
  'serves anonymous callers behind optionalAuth, but no bad token': async (running) => {
    await reached(running, { target: '/open' }, null)
    await reached(running, { target: '/open', authorization: bearer(await reader(running.issuer)) }, 'alice')
    await refused(running, { target: '/open', authorization: bearer('a.b.c') })
    await refused(running, { target: '/open', authorization: bearer(await running.issuer.jwt({ scope: 'other' })) })
  },
  'responds with 500 to what a guard function throws, and never with a challenge': async (running) => {
    const authorization = bearer(await reader(running.issuer))
    for (const index of THROWN.keys()) {
      const { status, all } = await send(running, { target: `/throws-${index}`, authorization })
      equal(`what a guard throws, ${index}`, [
        ['status', status, 500],
        ['WWW-Authenticate', all('www-authenticate').length, 0],
      ])
    }
  },
  'responds with 503 to an outage, without a challenge (RFC 9110 §15.6.4)': async (running) => {
    running.issuer.goDown()
    const { status, all } = await send(running, { authorization: bearer(await reader(running.issuer)) })
    equal('an outage', [
      ['status', status, 503],
      ['WWW-Authenticate', all('www-authenticate').length, 0],
      ['Retry-After', all('retry-after').length, 1],
    ])
  },
  'serves the metadata document (RFC 9728 §3)': async (running) => {
    const { path, document } = running.reference.metadata
    const { status, body } = await send(running, { target: path })
    equal('the metadata', [
      ['status', status, 200],
      ['body', body, JSON.stringify(document)],
    ])
  },
}

function send({ adapter }: Running, { method = 'GET', target = '/orders', authorization = [] }: Sent) {
  const lines = authorization.map((value) => `Authorization: ${value}`)
  return sendRaw(adapter.port, method, target, lines)
}

async function reached(running: Running, sent: Sent, subject: string | null): Promise<void> {
  const { status, body } = await send(running, sent)
  equal(sent.target ?? '/orders', [
    ['status', status, 200],
    ['body', body.replaceAll(/\s/g, ''), JSON.stringify({ subject })],
  ])
}

/** The response has to be the one that the core prepares for this request. */
async function refused(running: Running, sent: Sent): Promise<void> {
  const { method = 'GET', target = '/orders', authorization = [] } = sent
  const route = ROUTES.find(({ path }) => path === target.split('?', 1)[0]) as AdapterRoute
  const view = { native: {}, method, target, authorization, contentType: undefined }
  for (const guards of route.guards) {
    const decision = await running.reference.decide(view, running.reference.guards(...guards), route)
    if (decision.allowed) continue
    const { status, headers, body } = decision.response
    const response: RawResponse = await send(running, sent)
    equal(`${method} ${target} with ${JSON.stringify(authorization)}`, [
      ['status', response.status, status],
      ...COMPARED.map((name) => [name, response.all(name).join('\n'), headers[name] ?? ''] as const),
      ['body', response.body, method === 'HEAD' ? '' : body],
    ])
    return
  }
  throw new Error(`the core permits ${target}`)
}

const COMPARED = ['WWW-Authenticate', 'Cache-Control', 'Content-Type']

const equal = (title: string, rows: Parameters<typeof compare>[1]): void =>
  compare(`The adapter responds differently: ${title}`, rows, '', testAdapter)
