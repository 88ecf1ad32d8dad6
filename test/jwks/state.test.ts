import { createResourceServer, Unavailable } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { createLog, send, until } from '../support/upstream/requests.ts'

const clock = useMonotonicClock()
let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterEach(() => issuer.stop())

const jwksCache = { maxAge: 100, staleIfError: 200 }
const fail: TestIssuer['onKeys'] = (_request, response) => response.writeHead(502).end()

describe('state() shows the keys of each issuer', () => {
  it('from empty through fresh and stale to expired, and back', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: { issuer: issuer.url, jwksCache } })
    const state = () => {
      const { ready, issuers } = server.state()
      return { ready, ...issuers[0]?.keys }
    }
    const token = await issuer.sign()
    const respond = issuer.onKeys

    expect(state()).toEqual({
      ready: false,
      status: 'empty',
      count: 0,
      age: undefined,
      lastError: undefined,
      retryIn: 0,
    })

    await server.ready()
    expect(state()).toEqual({ ready: true, status: 'fresh', count: 1, age: 0, lastError: undefined, retryIn: 0 })
    clock.advance(42)
    expect(state()).toMatchObject({ ready: true, status: 'fresh', age: 42 })

    issuer.onKeys = fail
    clock.advance(60)
    expect(state()).toMatchObject({ ready: true, status: 'stale', age: 102, lastError: undefined, retryIn: 0 })
    expect((await send(server, token)).status).toBe(200)
    await until(() => state().lastError !== undefined)
    expect(state()).toMatchObject({ ready: true, status: 'stale', count: 1 })
    expect(state().lastError).toMatchObject({ code: 'status', status: 502 })
    expect(state().retryIn).toBeGreaterThanOrEqual(1)

    clock.advance(197)
    expect(state()).toMatchObject({ ready: true, status: 'stale', retryIn: 0 })
    clock.advance(1)
    expect(state()).toMatchObject({ ready: false, status: 'expired', count: 1, age: 300 })
    expect((await send(server, token)).status).toBe(503)

    issuer.onKeys = respond
    clock.advance(5)
    expect((await send(server, token)).status).toBe(200)
    expect(state()).toEqual({ ready: true, status: 'fresh', count: 1, age: 0, lastError: undefined, retryIn: 0 })
  })

  it('staleIfError: 0 uses no key past its lifetime', async () => {
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: issuer.url, jwksCache: { maxAge: 100, staleIfError: 0 } },
    })
    await server.ready()
    issuer.onKeys = fail
    clock.advance(99.9)
    expect((await send(server, await issuer.sign())).status).toBe(200)
    await until(() => server.state().issuers[0]?.keys.lastError !== undefined)
    clock.advance(0.1)
    expect(server.state().issuers[0]?.keys.status).toBe('expired')
    expect((await send(server, await issuer.sign())).status).toBe(503)
  })

  it('the last error names the URL and the code, and nothing the upstream sent', async () => {
    issuer.onKeys = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"canary-4711": ')
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    await expect(server.ready()).rejects.toBeInstanceOf(Unavailable)
    const error = server.state().issuers[0]?.keys.lastError
    expect(error?.message).toBe(`${issuer.url}/jwks: the body is not JSON`)
    expect(String(error?.stack) + JSON.stringify(error)).not.toContain('canary')
  })

  it('several issuers: each has its own', async () => {
    const other = await createTestIssuer({ alg: 'ES256' })
    try {
      const server = createResourceServer({ resource: RESOURCE, issuer: [issuer.url, other.url] })
      expect((await send(server, await issuer.sign())).status).toBe(200)
      expect(server.state()).toMatchObject({
        status: 'degraded',
        ready: true,
        issuers: [
          { issuer: issuer.url, keys: { status: 'fresh' } },
          { issuer: other.url, keys: { status: 'empty' } },
        ],
      })
      await server.ready()
      expect(server.state()).toMatchObject({ status: 'ready', ready: true })
    } finally {
      await other.stop()
    }
  })
})

describe('ready()', () => {
  it('loads only what is missing', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: { issuer: issuer.url, jwksCache } })
    await server.ready()
    await server.ready()
    clock.advance(250)
    await server.ready()
    expect(issuer.hits).toEqual({ metadata: 1, keys: 1, other: 0 })
    clock.advance(51)
    await server.ready()
    expect(issuer.hits.keys).toBe(2)
  })

  it('rejects with the cause while keys cannot be loaded, and respects the back-off', async () => {
    const log = createLog()
    issuer.onKeys = fail
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url, onEvent: log.onEvent })
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(server.ready()).rejects.toMatchObject({
        status: 503,
        reason: 'keys_unavailable',
        cause: { code: 'status', status: 502 },
      })
    }
    expect(issuer.hits.keys).toBe(1)
  })
})
