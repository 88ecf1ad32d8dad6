import { channel } from 'node:diagnostics_channel'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import {
  type BearwardEvent,
  createResourceServer,
  type GuardLike,
  InsufficientScope,
  type ResourceServerOptions,
  reportOnly,
  scope,
} from 'bearward'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { ORDERS } from '../contract/orders-api.ts'
import { createSigner, keySetOf } from '../corpus/keys.ts'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { exchange, type RawRequest } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

// Every input that can carry a secret contains a unique text. Then all output is searched for it.
const CANARY = 'CANARY'
let planted = 0
const canary = (): string => `${CANARY}${String(++planted).padStart(4, '0')}`

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const signer = createSigner('ES256', 'one')

/** An upstream that has secrets in the body of every response. */
type Mode = 'good' | 'html' | 'broken' | 'array' | 'redirect' | 'type' | 'keyless'
let mode: Mode = 'good'
const upstream = createServer((request, response) => {
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
  const keys = request.url === '/keys'
  const good = keys
    ? {
        keys: [
          { ...signer.jwk, 'x-secret': canary(), x5c: [canary()] },
          { kty: 'oct', k: canary(), kid: 'symmetric' },
        ],
      }
    : { issuer: url, jwks_uri: `${url}/keys`, 'x-secret': canary(), service_documentation: canary() }
  respondIn[mode](response, good)
})

const respondIn: Record<Mode, (response: ServerResponse, good: object) => void> = {
  good: (response, good) => response.writeHead(200, JSON_TYPE).end(JSON.stringify(good)),
  html: (response) => response.writeHead(500, { 'x-secret': canary() }).end(`<html>${canary()}</html>`),
  broken: (response, good) => response.writeHead(200, JSON_TYPE).end(`${JSON.stringify(good)} ${canary()}`),
  array: (response) => response.writeHead(200, JSON_TYPE).end(JSON.stringify([canary()])),
  redirect: (response) => response.writeHead(302, { location: `https://${canary()}.example/` }).end(canary()),
  type: (response, good) => response.writeHead(200, { 'content-type': `text/${canary()}` }).end(JSON.stringify(good)),
  keyless: (response, good) =>
    response.writeHead(200, JSON_TYPE).end(JSON.stringify({ ...good, keys: [{ kty: canary() }] })),
}
const JSON_TYPE = { 'content-type': 'application/json' }

let url: string
/** All output: events, channels, console. */
let left: unknown[]
const CHANNELS = ['decision', 'report', 'fetch', 'keys', 'key_skipped'].map((name) => `bearward:${name}`)
const listen = (message: unknown) => void left.push(message)

beforeAll(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
  for (const name of CHANNELS) channel(name).subscribe(listen)
})

beforeEach(() => {
  left = []
  mode = 'good'
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
    vi.spyOn(console, method).mockImplementation((...values) => void left.push(values))
  }
  vi.spyOn(process, 'emitWarning').mockImplementation((...values) => void left.push(values))
})

const started: App[] = []
afterEach(() => closeAll(started.splice(0)))

afterAll(() => {
  for (const name of CHANNELS) channel(name).unsubscribe(listen)
  upstream.close()
})

const options = (over: Partial<ResourceServerOptions> = {}): ResourceServerOptions => ({
  resource: RESOURCE,
  issuer: url,
  onEvent: (event: BearwardEvent) => void left.push(event),
  ...over,
})

/** Everything that can be read from a value, including hidden members and causes. */
function everythingIn(value: unknown): string {
  const views = [
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true, maxStringLength: null }),
    inspect(value, { depth: Number.POSITIVE_INFINITY, showProxy: true, customInspect: false, maxStringLength: null }),
    JSON.stringify(value) ?? '',
    String(value),
  ]
  if (value instanceof Error) views.push(value.message, String(value.stack), everythingIn(value.cause))
  return views.join('\n')
}

/** The last characters of each token that was sent: inside an encoded token, the canary itself is not visible. */
const ends = new Set<string>()

function expectClean(value: unknown): void {
  const text = everythingIn(value)
  expect(text).not.toContain(CANARY)
  expect([...ends].filter((end) => text.includes(end))).toEqual([])
}

const now = () => Math.floor(Date.now() / 1000)

/** Claims with a canary in every value that can have one. */
const claims = (over: Record<string, unknown> = {}) => ({
  iss: url,
  aud: RESOURCE,
  exp: now() + 60,
  iat: now(),
  sub: canary(),
  client_id: canary(),
  jti: canary(),
  scope: `read:orders ${canary()}`,
  email: `${canary()}@example.com`,
  nested: { list: [canary()] },
  ...over,
})

function token(over: Record<string, unknown> = {}, header: Record<string, unknown> = {}, signature?: string): string {
  const members = { alg: 'ES256', kid: 'one', typ: 'at+jwt', 'x-secret': canary(), ...header }
  const text = `${encode(members)}.${encode(claims(over))}`
  const whole = `${text}.${signature ?? signer.sign(text).toString('base64url')}`
  ends.add(whole.slice(-40))
  return whole
}

/** Refused requests with a canary, each in a different place. */
const hostile = (): Readonly<Record<string, RawRequest>> => {
  const bearer = (value: string): RawRequest => ({ lines: [`Authorization: Bearer ${value}`] })
  const twice = (line: string): RawRequest => ({ lines: [line, line] })
  return {
    'an opaque token': bearer(canary()),
    'a token with a wrong end': bearer(`${canary()}!`),
    'two words': bearer(`${canary()} ${canary()}`),
    'a header that is not JSON': bearer(`${canary()}.${canary()}.${canary()}`),
    'a header that breaks the parser': bearer(`${Buffer.from(`{"alg":${canary()}`).toString('base64url')}.e30.AA`),
    'claims that break the parser': bearer(
      `${encode({ alg: 'ES256' })}.${Buffer.from(`{"a":${canary()}`).toString('base64url')}.AA`,
    ),
    'an alg': bearer(token({}, { alg: canary() })),
    'a kid': bearer(token({}, { kid: canary() })),
    'a typ': bearer(token({}, { typ: canary() })),
    'a jku': bearer(token({}, { kid: canary(), jku: `https://${canary()}.example/` })),
    'a signature': bearer(token({}, {}, `${canary().padEnd(85, 'A')}A`)),
    'an issuer': bearer(token({ iss: `https://${canary()}.example` })),
    'an audience': bearer(token({ aud: canary() })),
    'a time': bearer(token({ exp: canary() })),
    'an expired token': bearer(token({ exp: 1 })),
    'a bound token': bearer(token({ cnf: { jkt: canary() } })),
    'a nonce': bearer(token({ nonce: canary() })),
    'a token without the scope': bearer(token({ scope: canary() })),
    'another scheme': { lines: [`Authorization: ${canary()} ${canary()}`] },
    Basic: { lines: [`Authorization: Basic ${canary()}`] },
    'a DPoP token and proof': {
      lines: [`Authorization: DPoP ${canary()}`, `DPoP: ${canary()}.${canary()}.${canary()}`],
    },
    'two lines': twice(`Authorization: Bearer ${canary()}`),
    'two lines of another scheme': twice(`Authorization: Basic ${canary()}`),
    'a token in the query': { target: `/orders?access_token=${canary()}` },
    'another value in the query': { target: `/orders?code=${canary()}` },
    'a token in a form': {
      method: 'POST',
      lines: ['Content-Type: application/x-www-form-urlencoded'],
      body: `access_token=${canary()}`,
    },
    'two tokens in a form': {
      method: 'POST',
      lines: ['Content-Type: application/x-www-form-urlencoded'],
      body: `access_token=${canary()}&access_token=${canary()}`,
    },
    'a form of wrong syntax': {
      method: 'POST',
      lines: ['Content-Type: application/x-www-form-urlencoded'],
      body: `access_token=${canary()}%20${canary()}`,
    },
    'a cookie': { lines: [`Cookie: session=${canary()}`] },
  }
}

describe('A3, N5: the content of a refused request', () => {
  const cases: Partial<ResourceServerOptions>[] = [
    { formTokens: 'accept' },
    { formTokens: 'accept', body: 'problem', queryTokens: 'ignore' },
    { formTokens: 'accept', detail: 'minimal' },
  ]

  it.each(cases)('is in no response, no event and no log: %o', async (over) => {
    const apps = await startAll(options(over), ORDERS)
    started.push(...apps)
    for (const [name, request] of Object.entries(hostile())) {
      const responses = await Promise.all(apps.map((app) => exchange(app.port, request)))
      expect(
        responses.map(({ status }) => Math.floor(status / 100)),
        name,
      ).toEqual(apps.map(() => 4))
      expect(JSON.stringify(responses), name).not.toContain(CANARY)
    }
    expect(left.length).toBeGreaterThan(100)
    for (const one of left) expectClean(one)
  })

  it('is in no event about a good token either', async () => {
    const apps = await startAll(options(), ORDERS)
    started.push(...apps)
    const responses = await Promise.all(
      apps.map((app) => exchange(app.port, { lines: [`Authorization: Bearer ${token()}`] })),
    )
    expect(responses.map(({ status }) => status)).toEqual(apps.map(() => 200))
    expect(left).toContainEqual(expect.objectContaining({ outcome: 'allowed' }))
    for (const one of left) expectClean(one)
  })

  it('is in no event about a report-only rule, whatever the rule decides', async () => {
    const rules: readonly GuardLike[] = [
      scope('admin'),
      ({ subject }) => subject === 'no one',
      ({ subject }) => Promise.reject(new Error(subject)),
      ({ raw }) => {
        throw Object.assign(new Error(raw), { status: 403, raw })
      },
      ({ scopes, claims }) => {
        throw new InsufficientScope('scope', { scopes: ['admin', ...scopes], cause: claims })
      },
    ]
    const strict = {
      issuer: { issuer: url, profile: 'report-only' },
      dpop: { mode: 'report-only' },
      mtls: { mode: 'report-only' },
    } as const
    const apps = await startAll(
      options(strict),
      rules.map((rule, index) => ({ path: `/${index}`, use: (to) => [to.protect(reportOnly(rule))] })),
    )
    started.push(...apps)
    for (const index of rules.keys()) {
      const request = { target: `/${index}`, lines: [`Authorization: Bearer ${token({}, { typ: 'JWT' })}`] }
      const responses = await Promise.all(apps.map((app) => exchange(app.port, request)))
      expect(responses.map(({ status }) => status)).toEqual(apps.map(() => 200))
    }
    const reports = left.filter((one) => (one as BearwardEvent).type === 'report') as BearwardEvent[]
    const reported = new Set(reports.map((one) => 'reason' in one && `${one.reason} ${'scopes' in one && one.scopes}`))
    expect(reported).toEqual(new Set(['token_type ', 'unbound ', 'scope admin', 'guard ', 'undefined ', 'scope ']))
    for (const one of left) expectClean(one)
  })

  it('is in no error, including its cause and hidden members', async () => {
    const schema = z.object({ email: z.literal('a@example.com'), nested: z.object({ list: z.array(z.number()) }) })
    for (const over of [{}, { claims: schema } as Partial<ResourceServerOptions>]) {
      const server = createResourceServer(options({ formTokens: 'accept', ...over }))
      for (const { method = 'GET', target = '/', lines = [], body } of [
        ...Object.values(hostile()),
        { lines: [`Authorization: Bearer ${token()}`] } as RawRequest,
      ]) {
        const thrown = await Promise.resolve()
          .then(() =>
            server.authenticate({
              native: {},
              method,
              target,
              authorization: lines.filter((line) => line.startsWith('Authorization: ')).map((line) => line.slice(15)),
              contentType: body === undefined ? undefined : 'application/x-www-form-urlencoded',
              form: () => body,
            }),
          )
          .catch((error: unknown) => error)
        if (thrown instanceof Error) expectClean(thrown)
      }
      expectClean(server.state())
      server.close()
    }
  })

  it('is in no error of verify()', async () => {
    const server = createResourceServer(options())
    for (const raw of [
      canary(),
      `${canary()}.${canary()}.${canary()}`,
      token({ aud: canary() }),
      token({}, { kid: canary() }),
    ]) {
      const thrown = await Promise.resolve()
        .then(() => server.verify(raw))
        .catch((error: unknown) => error)
      expect(thrown).toBeInstanceOf(Error)
      expectClean(thrown)
    }
    server.close()
  })
})

describe('A3, N5: what an upstream sends', () => {
  it.each(Object.keys(respondIn) as Mode[])('is in no response, no event and no error: %s', async (name) => {
    mode = name
    const apps = await startAll(options(), ORDERS)
    started.push(...apps)
    const request = { lines: [`Authorization: Bearer ${token()}`] }
    const sent = await Promise.all(apps.map((app) => exchange(app.port, request)))
    expect(sent.map(({ status }) => status)).toEqual(apps.map(() => (name === 'good' ? 200 : 503)))
    // A handler that is reached responds with the claims, as it should.
    if (name !== 'good') expect(JSON.stringify(sent)).not.toContain(CANARY)
    for (const one of left) expectClean(one)
    expect(left).toContainEqual(expect.objectContaining({ type: 'fetch' }))

    const server = createResourceServer(options())
    const ready = await server.ready().catch((error: unknown) => error)
    expect(ready instanceof Error).toBe(name !== 'good')
    expectClean(ready)
    expectClean(server.state())
    server.close()
  })
})

describe('the access token of a request', () => {
  it('does not expose the raw token to logs, JSON and copies', async () => {
    const server = createResourceServer(options({ issuer: { issuer: url, keys: keySetOf(signer) } }))
    const raw = token()
    const signature = raw.slice(raw.lastIndexOf('.') + 1)
    const accessToken = await server.verify(raw)
    expect(accessToken.raw).toBe(raw)
    const depth = Number.POSITIVE_INFINITY
    const views = [
      inspect(accessToken, { depth, showHidden: true }),
      inspect(accessToken, { depth, getters: true }),
      inspect(accessToken, { depth, showHidden: true, customInspect: false, showProxy: true }),
      inspect({ request: { accessToken } }, { depth, showHidden: true }),
      inspect(Object.create(accessToken as object), { depth, showHidden: true }),
      JSON.stringify(accessToken),
      JSON.stringify({ ...accessToken }),
      JSON.stringify(Object.assign({}, accessToken)),
      inspect(structuredClone({ ...accessToken, hasScope: undefined }), { depth: 9, showHidden: true }),
      inspect(structuredClone(accessToken), { depth: 9, showHidden: true }),
      JSON.stringify(Object.entries(accessToken)),
      JSON.stringify(namesIn(accessToken)),
      String(accessToken),
      `${Object.values(Object.getOwnPropertyDescriptors(accessToken)).map((one) => inspect(one, { depth: 9 }))}`,
    ]
    for (const view of views) expect(view).not.toContain(signature)
    server.close()
  })
})

/** What `for…in` sees, which some loggers copy. */
function namesIn(value: object): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const name in value) found[name] = (value as Record<string, unknown>)[name]
  return found
}
