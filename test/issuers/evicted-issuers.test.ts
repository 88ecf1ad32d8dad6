import { createResourceServer, type IssuerOptions, type IssuerResolver, type ResourceServer } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  CLIENT,
  createIntrospectionEndpoint,
  type IntrospectionEndpoint,
} from '../support/issuer/introspection-endpoint.ts'
import { createTestIssuer, json, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { createLog, send, tally, until } from '../support/upstream/requests.ts'

// M4: tokens that name more issuers than are kept evict one with every request. That must not lift the limits of what is sent.

const clock = useMonotonicClock()
let issuer: TestIssuer
let endpoint: IntrospectionEndpoint
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  endpoint = await createIntrospectionEndpoint()
})
afterEach(async () => {
  await issuer.stop()
  await endpoint.stop()
})

const range = (count: number) => Array.from({ length: count }, (_, index) => index)
const tenant = (index: number) => `${issuer.url}/tenant-${index}`

const serverWith = (resolve: IssuerResolver['resolve'], options: Partial<IssuerResolver> = {}) =>
  createResourceServer({
    resource: RESOURCE,
    issuer: { allow: { has: () => true }, resolve, alive: 2, ...options },
  })

/** Tokens that name three issuers in turn, of which two are kept. */
async function sendInTurn(server: ResourceServer, count: number) {
  const outcomes = []
  for (const index of range(count)) outcomes.push(await send(server, await issuer.sign({ iss: tenant(index % 3) })))
  return tally(outcomes)
}

describe('metadata that cannot be fetched', () => {
  it('is not fetched again for an evicted issuer until the back-off is over, which doubles', async () => {
    issuer.onMetadata = (_request, response) => response.writeHead(500).end()
    const server = serverWith(() => ({}))
    expect(await sendInTurn(server, 30)).toEqual({ '503 keys_unavailable': 30 })
    expect(issuer.hits.metadata).toBe(3)
    for (const [pause, before] of [
      [1, 3],
      [2, 6],
      [4, 9],
    ] as const) {
      clock.advance(pause - 0.01)
      await sendInTurn(server, 6)
      expect(issuer.hits.metadata).toBe(before)
      clock.advance(0.01)
      await sendInTurn(server, 6)
      expect(issuer.hits.metadata).toBe(before + 3)
    }
  })

  it('is fetched by one of several callers, and that counts once', async () => {
    issuer.onMetadata = (_request, response) => response.writeHead(500).end()
    const server = serverWith(() => ({}))
    const burst = async () =>
      Promise.all(range(10).map(async () => send(server, await issuer.sign({ iss: tenant(0) }))))
    await burst()
    clock.advance(1.2)
    await burst()
    expect(issuer.hits.metadata).toBe(2)
    issuer.onMetadata = (request, response) => {
      const name = tenant(0)
      json(response, request.url?.includes('tenant-0') ? { issuer: name, jwks_uri: `${issuer.url}/jwks` } : {})
    }
    clock.advance(2.3)
    expect(tally(await burst())).toEqual({ 200: 10 })
  })

  it('is not fetched before Retry-After (RFC 9110 §10.2.3)', async () => {
    issuer.onMetadata = (_request, response) => response.writeHead(503, { 'retry-after': '40' }).end()
    const server = serverWith(() => ({}))
    await sendInTurn(server, 3)
    clock.advance(39.9)
    await sendInTurn(server, 6)
    expect(issuer.hits.metadata).toBe(3)
    clock.advance(0.1)
    await sendInTurn(server, 6)
    expect(issuer.hits.metadata).toBe(6)
  })
})

describe('the introspection of an evicted issuer', () => {
  const introspecting =
    (more: Partial<NonNullable<IssuerOptions['introspection']>> = {}): IssuerResolver['resolve'] =>
    () => ({
      keys: null,
      introspection: { endpoint: endpoint.url, client: CLIENT, ...more },
      scopeClaims: ['a.notice'],
    })

  it('keeps its circuit breaker (I7)', async () => {
    endpoint.reply = (_request, response) => response.writeHead(502).end()
    const server = serverWith(introspecting({ breaker: { failures: 2, delay: 30 } }))
    expect(await sendInTurn(server, 30)).toEqual({ '503 introspection_unavailable': 30 })
    const calls = endpoint.calls()
    // Of three issuers: two failures, and a retry of each.
    expect(calls).toBeLessThanOrEqual(12)
    clock.advance(20)
    await sendInTurn(server, 30)
    expect(endpoint.calls()).toBe(calls)
  })

  it('keeps its limit of requests at the same time (I14)', async () => {
    // Of three, one is reserved for tokens that were active before.
    const held = endpoint.hold()
    const server = serverWith(introspecting({ maxConcurrent: 3, deadline: 60 }))
    const outcomes = []
    for (const index of range(30)) {
      outcomes.push(send(server, await issuer.sign({ iss: tenant(index % 3) })))
      await until(() => held.waiting.length >= Math.min(6, index + 1), 'its request, if it is one of the first')
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(held.waiting).toHaveLength(6)
    held.release()
    expect(tally(await Promise.all(outcomes))).toEqual({ '401 inactive': 30 })
  })

  it.each([
    ['a secret', CLIENT],
    ['a bearer token', { method: 'bearer', token: 'of-this-api' } as const],
  ])('with %s, the same options keep the issuer and its cached responses', async (_, client) => {
    endpoint.accepts = () => true
    const server = serverWith(introspecting({ client }), { maxAge: 10 })
    const token = await issuer.sign({ iss: tenant(0) })
    endpoint.responses.set(token, { active: true, aud: RESOURCE })
    for (const _round of range(3)) {
      expect((await send(server, token)).status).toBe(200)
      clock.advance(11)
    }
    expect(endpoint.calls()).toBe(1)
  })

  it('is a new one for other options, and for a tenant that was removed meanwhile', async () => {
    endpoint.reply = (_request, response) => response.writeHead(502).end()
    const allowed = new Set([tenant(0)])
    let more = { breaker: { failures: 1, delay: 30 } }
    const server = serverWith((iss) => introspecting(more)(iss), { allow: allowed, maxAge: 10 })
    const callsOf = async (token: string) => {
      const before = endpoint.calls()
      await send(server, token)
      return endpoint.calls() - before
    }
    const token = await issuer.sign({ iss: tenant(0) })
    expect(await callsOf(token)).toBeGreaterThan(0)
    expect(await callsOf(token)).toBe(0)
    more = { breaker: { failures: 1, delay: 31 } }
    clock.advance(11)
    expect(await callsOf(token)).toBeGreaterThan(0)
    allowed.clear()
    expect(await callsOf(token)).toBe(0)
    allowed.add(tenant(0))
    expect(await callsOf(token)).toBeGreaterThan(0)
  })
})

it('an evicted issuer repeats no notice about its options, and other options have their own', async () => {
  const log = createLog()
  let scopeClaims = ['a.b']
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: { allow: { has: () => true }, resolve: () => ({ keys: `${issuer.url}/jwks`, scopeClaims }), alive: 2 },
    onEvent: log.onEvent,
  })
  await sendInTurn(server, 12)
  expect(log.of('configuration')).toHaveLength(3)
  scopeClaims = ['c.d']
  await sendInTurn(server, 12)
  expect(log.of('configuration')).toHaveLength(6)
})
