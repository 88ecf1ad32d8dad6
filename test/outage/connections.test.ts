import { createResourceServer } from 'bearward'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { NAMES_NETWORK_PROBLEMS } from '../support/apps/runtime.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { createUntrustedServer } from '../support/tls/untrusted-server.ts'
import { reroute, silent, withoutNames } from '../support/upstream/fetch.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { createLog, send, tally, until } from '../support/upstream/requests.ts'
import { createUnreachablePort } from '../support/upstream/unreachable.ts'

// E1: the issuer has an https URL; the `fetch` option decides where its requests really go, so that each test can
// break the connection in its own way and restore it.

const ISSUER = 'https://auth.example.com'
const clock = useMonotonicClock()

let untrusted: Awaited<ReturnType<typeof createUntrustedServer>>
let unreachable: Awaited<ReturnType<typeof createUnreachablePort>>
beforeAll(async () => {
  untrusted = await createUntrustedServer()
  unreachable = await createUnreachablePort()
})
afterAll(async () => {
  await untrusted.stop()
  await unreachable.stop()
})

let issuer: TestIssuer
let way: typeof fetch
let calls: number
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  issuer.onMetadata = (_request, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` }))
  way = reroute({ [ISSUER]: issuer.url })
  calls = 0
})
afterEach(() => issuer.stop())

const start = (deadline = 5) =>
  createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, deadline },
    fetch: (input, init) => {
      calls++
      return way(input, init)
    },
  })

// In seconds. Short only where the test waits for it: a good response must not time out on a busy machine.
const deadlineFor = (code: string) => (code === 'timeout' ? 0.5 : 5)

const FAULTS: Readonly<Record<string, { readonly code: string; readonly way: () => typeof fetch }>> = {
  'connect time-out': { code: 'timeout', way: () => reroute({ [ISSUER]: unreachable.url }) },
  'connection refused': { code: 'network', way: () => reroute({ [ISSUER]: 'http://127.0.0.1:1' }) },
  'a name that does not resolve': {
    code: 'network',
    way: () => (input, init) => withoutNames(String(input).replace(ISSUER, 'http://auth.invalid'), init),
  },
  'an untrusted certificate': { code: 'network', way: () => reroute({ [ISSUER]: untrusted.url }) },
  'TLS to a server without TLS': {
    code: 'network',
    way: () => reroute({ [ISSUER]: issuer.url.replace('http:', 'https:') }),
  },
  'a fetch that never resolves and ignores its signal': { code: 'timeout', way: () => silent },
  'a fetch that throws at once': {
    code: 'network',
    way: () => () => {
      throw new Error('x')
    },
  },
  'a fetch that rejects with nothing': { code: 'network', way: () => () => Promise.reject(undefined) },
  'a fetch that resolves to undefined': { code: 'network', way: () => async () => undefined as unknown as Response },
  'a fetch that resolves to something else': { code: 'network', way: () => async () => ({}) as Response },
}

describe('the reason of the network (A9)', () => {
  it.each([
    ['a closed port', 'refused', 'the connection was refused'],
    ['a name that does not resolve', 'not_found', 'the host was not found'],
    ['an untrusted certificate', 'tls', 'the TLS connection failed'],
    ['TLS to a server without TLS', 'tls', 'the TLS connection failed'],
    ['a fetch that throws at once', undefined, 'the request failed'],
  ])('%s is in events, in state() and in what ready() throws', async (what, reason, text) => {
    const isNamed = NAMES_NETWORK_PROBLEMS || what === 'a name that does not resolve'
    const [network, sentence] = isNamed ? [reason, text] : [undefined, 'the request failed']
    if (what === 'a closed port') await issuer.stop()
    else way = FAULTS[what]?.way() ?? expect.fail('no such fault')
    const log = createLog()
    const server = createResourceServer({ resource: RESOURCE, issuer: ISSUER, fetch: way, onEvent: log.onEvent })
    const thrown: unknown = await server.ready().catch((error: unknown) => error)
    expect(thrown).toMatchObject({ cause: { code: 'network', network } })
    expect((thrown as { cause: Error }).cause.message).toContain(sentence)
    expect(log.of('fetch')[0]).toMatchObject({ outcome: 'failed', code: 'network', network })
    expect(server.state().issuers[0]?.keys.lastError).toMatchObject({ network })
  })
})

describe('an unreachable authorization server', () => {
  for (const [what, { code, way: broken }] of Object.entries(FAULTS)) {
    it(`${what}: cold 503, no call in the back-off, then recovery`, async () => {
      const server = start(deadlineFor(code))
      const token = await issuer.sign({ iss: ISSUER })
      const mended = way
      way = broken()
      const outcome = await send(server, token)
      expect(outcome).toMatchObject({ status: 503, reason: 'keys_unavailable' })
      expect(outcome.retryAfter).toBeGreaterThanOrEqual(1)
      expect(outcome.headers).not.toHaveProperty('WWW-Authenticate')
      expect(outcome.milliseconds).toBeLessThan(5000)
      expect(server.state().issuers[0]?.keys.lastError?.code).toBe(code)
      const before = calls
      const later = await Promise.all(Array.from({ length: 50 }, () => send(server, token)))
      expect(tally(later)).toEqual({ '503 keys_unavailable': 50 })
      expect(calls).toBe(before)
      way = mended
      clock.advance(1.2)
      expect((await send(server, token)).status).toBe(200)
    })

    it(`${what}: warm 200 from stale keys, 503 after their limit`, async () => {
      const server = start(deadlineFor(code))
      const token = await issuer.sign({ iss: ISSUER, exp: Math.floor(Date.now() / 1000) + 100_000 })
      await server.ready()
      const mended = way
      way = broken()
      clock.advance(601)
      expect((await send(server, token)).status).toBe(200)
      await until(() => server.state().issuers[0]?.keys.lastError !== undefined, 'the failed refresh')
      expect((await send(server, token)).status).toBe(200)
      clock.advance(3600)
      expect((await send(server, token)).status).toBe(503)
      way = mended
      clock.advance(5)
      expect((await send(server, token)).status).toBe(200)
    })
  }

  it('no request gets through a failed TLS handshake', () => {
    expect(untrusted.requests()).toBe(0)
  })

  it('a server that stops and comes back', async () => {
    const server = start()
    const token = await issuer.sign({ iss: ISSUER })
    await server.ready()
    await issuer.stop()
    clock.advance(601)
    expect((await send(server, token)).status).toBe(200)
    await until(() => server.state().issuers[0]?.keys.lastError !== undefined, 'the failed refresh')
    await issuer.start()
    clock.advance(2)
    expect((await send(server, token)).status).toBe(200)
    await until(() => server.state().issuers[0]?.keys.status === 'fresh', 'the refresh')
  })
})
