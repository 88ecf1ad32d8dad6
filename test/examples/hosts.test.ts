import { spawnSync } from 'node:child_process'
import { io, type Socket } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ApiEvent } from '../../examples/hosts/lambda.ts'
import worker from '../../examples/hosts/worker.ts'
import workerWithHono from '../../examples/hosts/worker-hono.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { until } from '../support/upstream/requests.ts'
import { type Program, runProgram, startProgram } from './program.ts'

// The programs of docs/hosts.md, as users run them, with good and bad tokens.

let issuer: TestIssuer
let tokens: Record<'reader' | 'writer' | 'expired', string>
let program: Program | undefined
beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  const [reader, writer, expired] = await Promise.all([
    issuer.sign({ sub: 'alice', scope: 'read:orders' }),
    issuer.sign({ sub: 'bob', scope: 'write:orders' }),
    issuer.sign({ sub: 'alice', scope: 'read:orders', exp: 1 }),
  ])
  tokens = { reader, writer, expired }
})
afterEach(async () => {
  await program?.stop()
  program = undefined
})
afterAll(() => issuer.stop())

const start = async (name: string) => {
  program = await startProgram(`hosts/${name}`, { ISSUER: issuer.url, RESOURCE })
  return program
}

const call = (path: string, token?: string, init: RequestInit = {}) =>
  fetch(`${program?.url}${path}`, {
    ...init,
    headers: { ...init.headers, ...(token && { authorization: `Bearer ${token}` }) },
  })

const DOCUMENT = '/.well-known/oauth-protected-resource'
const CHALLENGE = /^Bearer realm="[^"]+"/

describe('Workers', () => {
  const apps = { 'worker.ts': worker, 'worker-hono.ts': workerWithHono }
  it.each(Object.entries(apps))(
    'examples/hosts/%s has its settings in env, and one server for all requests',
    async (_, app) => {
      const env = { ISSUER: issuer.url, RESOURCE }
      const get = async (path: string, token?: string) => {
        const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
        return app.fetch(new Request(`https://worker.test${path}`, { headers }), env)
      }
      const before = issuer.hits.keys
      expect(await (await get('/orders', tokens.reader)).json()).toEqual({ orders: [], for: 'alice' })
      expect((await get('/orders')).headers.get('www-authenticate')).toMatch(CHALLENGE)
      expect((await get('/orders', tokens.writer)).status).toBe(403)
      expect((await get('/orders', tokens.expired)).status).toBe(401)
      expect((await get(DOCUMENT)).status).toBe(200)
      expect((await get('/other', tokens.reader)).status).toBe(404)
      expect(issuer.hits.keys - before).toBe(1)
    },
  )
})

describe('examples/hosts/lambda.ts', () => {
  const of = (authorization: readonly string[], path = '/orders', query = ''): Record<string, ApiEvent> => ({
    'an HTTP API (2.0)': {
      version: '2.0',
      rawPath: path,
      rawQueryString: query,
      headers: authorization.length === 0 ? {} : { authorization: authorization.join(',') },
      requestContext: { http: { method: 'GET' } },
      isBase64Encoded: false,
    },
    'a REST API (1.0)': {
      httpMethod: 'GET',
      path,
      multiValueHeaders: authorization.length === 0 ? null : { Authorization: authorization },
      multiValueQueryStringParameters: query === '' ? null : { access_token: [query.split('=', 2)[1] ?? ''] },
      body: null,
      isBase64Encoded: false,
    },
  })

  it.each(Object.keys(of([])))('responds to events of %s', async (kind) => {
    Object.assign(process.env, { ISSUER: issuer.url, RESOURCE })
    const { handler } = await import('../../examples/hosts/lambda.ts')
    const send = (authorization: readonly string[], path?: string, query?: string) =>
      handler(of(authorization, path, query)[kind] as ApiEvent)
    const good = `Bearer ${tokens.reader}`
    expect(await send([good])).toMatchObject({ statusCode: 200, body: '{"orders":[],"for":"alice"}' })
    const refused = await send([])
    expect([refused.statusCode, refused.headers['www-authenticate']]).toEqual([401, expect.stringMatching(CHALLENGE)])
    expect((await send([`Bearer ${tokens.writer}`])).statusCode).toBe(403)
    expect((await send([`Bearer ${tokens.expired}`])).statusCode).toBe(401)
    // RFC 6750 §2: one method, one line; a token in the query is no credential (RFC 9700 §4.3.2).
    expect((await send([good, good])).statusCode).toBe(400)
    expect((await send([good, 'Basic dTpw'])).statusCode).toBe(400)
    expect((await send([good], '/orders', `access_token=${tokens.reader}`)).statusCode).toBe(400)
    expect((await send([], DOCUMENT)).statusCode).toBe(200)
    // A path that would be the host of a relative URL.
    expect((await send([good], '//other.test/orders')).statusCode).toBe(404)
  })
})

it('examples/hosts/trpc.ts: each procedure needs its scopes', async () => {
  await start('trpc')
  const data = async (response: Response) => ((await response.json()) as { result?: { data: unknown } }).result?.data
  expect(await data(await call('/trpc/hello'))).toBe('hello')
  expect(await data(await call('/trpc/orders', tokens.reader))).toEqual({ orders: [], for: 'alice' })
  const refused = await call('/trpc/orders')
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(CHALLENGE)])
  const weak = await call('/trpc/orders', tokens.writer)
  expect([weak.status, weak.headers.get('www-authenticate')]).toEqual([
    403,
    expect.stringContaining('scope="read:orders"'),
  ])
  expect((await call('/trpc/orders', tokens.expired)).status).toBe(401)
  expect(
    await data(
      await call('/trpc/order', tokens.writer, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      }),
    ),
  ).toEqual({ by: 'bob' })
  // In one request: what one token permits, and what it does not.
  const batch = (await (await call('/trpc/hello,orders?batch=1', tokens.writer)).json()) as object[]
  expect(batch).toMatchObject([{ result: { data: 'hello' } }, { error: { data: { code: 'FORBIDDEN' } } }])
  expect((await call(DOCUMENT)).status).toBe(200)
})

it('examples/hosts/graphql.ts: fields need the scopes of their directive', async () => {
  await start('graphql')
  const query = (text: string, token?: string) =>
    call('/', token, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: text }),
    })
  expect((await query('{ hello }')).headers.get('www-authenticate')).toMatch(CHALLENGE)
  expect((await query('{ hello }', tokens.expired)).status).toBe(401)
  expect(await (await query('{ hello orders { item } }', tokens.reader)).json()).toEqual({
    data: { hello: 'hello alice', orders: [{ item: 'tea' }] },
  })
  for (const text of [
    '{ hello orders { item } }',
    '{ hello orders: orders { x: item } }',
    'query { hello ...F } fragment F on Query { orders { item } }',
  ]) {
    const { data, errors } = (await (await query(text, tokens.writer)).json()) as { data: object; errors: object[] }
    expect(data, text).toEqual({ hello: 'hello bob', orders: null })
    expect(errors).toMatchObject([{ path: ['orders'], extensions: { code: 'FORBIDDEN', scopes: ['read:orders'] } }])
  }
  const priced = (await (await query('{ orders { item price } }', tokens.reader)).json()) as { data: object }
  expect(priced.data).toEqual({ orders: [{ item: 'tea', price: null }] })
  expect((await call('/', tokens.reader, { method: 'POST', body: 'query=%7Bhello%7D' })).status).toBe(415)
  for (const body of ['', 'null', '[]', '{"query":1}']) {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
    expect((await call('/', tokens.reader, init)).status, body).toBe(400)
  }
})

it('examples/hosts/connect.ts: each call needs the scopes of its method', async () => {
  await start('connect')
  const rpc = async (method: string, token?: string) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
    const response = await call(`/orders.v1.Orders/${method}`, token, init)
    return [response.status, (await response.json()) as object, response.headers.get('www-authenticate')] as const
  }
  expect(await rpc('List', tokens.reader)).toEqual([200, { for: 'alice' }, null])
  expect(await rpc('List')).toMatchObject([401, { code: 'unauthenticated' }, expect.stringMatching(CHALLENGE)])
  expect(await rpc('List', tokens.expired)).toMatchObject([
    401,
    { code: 'unauthenticated' },
    expect.stringContaining('expired'),
  ])
  expect(await rpc('List', tokens.writer)).toMatchObject([
    403,
    { code: 'permission_denied' },
    expect.stringContaining('scope="read:orders"'),
  ])
  expect((await rpc('Add', tokens.writer))[0]).toBe(200)
  expect((await rpc('Drop', tokens.writer))[0]).toBe(403) // not in the table
  expect((await call(DOCUMENT)).status).toBe(200)
})

describe.each([
  ['bun', ['run'], 'Bun' in globalThis, 'npm install -g bun'],
  ['deno', ['run', '-A'], 'Deno' in globalThis, 'npm install -g deno'],
] as const)('examples/hosts/%s.ts', (name, args, isThis, install) => {
  const command = isThis ? process.execPath : name
  const isMissing = spawnSync(command, ['--version']).error !== undefined
  const skipped = isMissing ? ` (skipped: ${name} is not installed; ${install})` : ''

  it.skipIf(isMissing)(`serves orders on ${name}${skipped}`, async () => {
    program = await startProgram(`hosts/${name}`, { ISSUER: issuer.url, RESOURCE }, [command, ...args])
    expect(await (await call('/orders', tokens.reader)).json()).toEqual({ orders: [], for: 'alice' })
    expect((await call('/orders')).headers.get('www-authenticate')).toMatch(CHALLENGE)
    expect((await call('/orders', tokens.writer)).status).toBe(403)
    expect((await call('/orders', tokens.expired)).status).toBe(401)
    expect((await call(DOCUMENT)).status).toBe(200)
  })
})

describe('examples/hosts/socket-io.ts', () => {
  const sockets: Socket[] = []
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect()
  })

  async function connect(auth: Record<string, unknown>, query: Record<string, string> = {}) {
    const socket = io(`${program?.url}`, { auth, query, reconnection: false })
    sockets.push(socket)
    return new Promise<Socket | string>((resolve) => {
      socket.on('connect', () => resolve(socket))
      socket.on('connect_error', (error: Error & { data?: { reason: string } }) =>
        resolve(error.data?.reason ?? error.message),
      )
    })
  }

  it('connects clients with a good token, and disconnects them when it ends', async () => {
    await start('socket-io')
    const socket = (await connect({ token: tokens.reader })) as Socket
    expect(await socket.emitWithAck('orders')).toEqual({ orders: [], for: 'alice' })
    socket.emit('orders', 'not a function')
    expect(await connect({})).toBe('no_credentials')
    expect(await connect({ token: {} })).toBe('no_credentials')
    expect(await connect({}, { token: tokens.reader })).toBe('no_credentials')
    expect(await connect({ token: tokens.expired })).toBe('expired')
    expect(await connect({ token: tokens.writer })).toBe('scope')
    const now = Math.floor(Date.now() / 1000)
    // Expired already, and accepted for a few seconds because of the clock tolerance of 30.
    const ending = await issuer.sign({ sub: 'eve', scope: 'read:orders', iat: now - 60, exp: now - 27 })
    const short = (await connect({ token: ending })) as Socket
    expect(short.connected).toBe(true)
    await until(() => !short.connected, 'disconnected')
    expect(socket.connected).toBe(true)
  })
})

it.each(['trpc', 'graphql', 'connect', 'grpc', 'socket-io'])(
  'examples/hosts/%s.ts reports missing settings',
  async (name) => {
    const outcome = await runProgram(`hosts/${name}`, {})
    expect(outcome).toMatchObject({ code: 2, output: expect.stringContaining('Set ISSUER') })
  },
)
