import { createResourceServer, type IssuerResolver, type ResourceServerOptions } from 'bearward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSigningKey, createTestIssuer, json, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { amount } from '../support/tiers/amount.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { createLog, send, tally, until } from '../support/upstream/requests.ts'

// M4: many tenants, whose tokens anyone can imitate.

const clock = useMonotonicClock()
let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  issuer.onKeys = (_request, response) => json(response, { keys: issuer.keys.map(({ jwk }) => jwk) })
})
afterEach(() => issuer.stop())

const PATTERN = /^https:\/\/login\.example\/tenant-\d+\/v2\.0$/
const tenant = (index: number) => `https://login.example/tenant-${index}/v2.0`
const range = (count: number) => Array.from({ length: count }, (_, index) => index)

/** A server that trusts all tenants of a pattern, by asynchronous functions, as with a database. */
function serverWith(options: Partial<IssuerResolver> = {}, more: Partial<ResourceServerOptions> = {}) {
  const log = createLog()
  const has = vi.fn(async (iss: string) => PATTERN.test(iss))
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: { allow: { has }, resolve: async () => ({ keys: `${issuer.url}/jwks` }), ...options },
    onEvent: log.onEvent,
    ...more,
  })
  return { server, log, has }
}

describe('many tenants behind one key set', () => {
  it('50 tenants: one fetch; 200 issuers that are not trusted: none', async () => {
    const { server, has } = serverWith({ lookups: { perSecond: 1000 } })
    const tokens = await Promise.all(range(50).map((index) => issuer.sign({ iss: tenant(index) })))
    expect(tally(await Promise.all(tokens.map((token) => send(server, token))))).toEqual({ 200: 50 })
    const bogus = await Promise.all(range(200).map((index) => issuer.sign({ iss: `https://evil.example/${index}` })))
    expect(tally(await Promise.all(bogus.map((token) => send(server, token))))).toEqual({ '401 issuer': 200 })
    expect(issuer.hits).toEqual({ metadata: 0, keys: 1, other: 0 })
    expect(has).toHaveBeenCalledTimes(250)
  })

  const MANY = amount(1000, 60)
  it(`${MANY} tenants right after a restart: all are served, with one fetch`, async () => {
    const { server, log } = serverWith()
    const tokens = await Promise.all(range(MANY).map((index) => issuer.sign({ iss: tenant(index) })))
    expect(tally(await Promise.all(tokens.map((token) => send(server, token))))).toEqual({ 200: MANY })
    expect(issuer.hits.keys).toBe(1)
    expect(log.of('lookups_limited')).toEqual([])
  })

  it('a rotation is found by all of them with one more fetch, and a refresh is one as well', async () => {
    const { server } = serverWith()
    const signed = () => Promise.all(range(20).map((index) => issuer.sign({ iss: tenant(index) })))
    const statuses = async () => tally(await Promise.all((await signed()).map((token) => send(server, token))))
    expect(await statuses()).toEqual({ 200: 20 })
    clock.advance(31)
    await issuer.rotate({ keepOld: true })
    expect(await statuses()).toEqual({ 200: 20 })
    expect(issuer.hits.keys).toBe(2)
    clock.advance(601)
    for (let round = 0; round < 3; round++) expect(await statuses()).toEqual({ 200: 20 })
    expect(issuer.hits.keys).toBe(3)
  })

  it('the shortest maxAge and the longest cooldown apply', async () => {
    const jwksCache = (iss: string) => (iss === tenant(0) ? { maxAge: 60 } : { cooldown: 300 })
    const { server } = serverWith({
      resolve: (iss) => ({ keys: `${issuer.url}/jwks`, jwksCache: jwksCache(iss) }),
    })
    for (const index of [0, 1]) await send(server, await issuer.sign({ iss: tenant(index) }))
    expect(issuer.hits.keys).toBe(1)
    clock.advance(31)
    await send(server, await issuer.sign({ iss: tenant(0) }, { kid: 'unknown' }))
    expect(issuer.hits.keys).toBe(1)
    clock.advance(30)
    await send(server, await issuer.sign({ iss: tenant(0) }))
    await until(() => issuer.hits.keys === 2, 'the refresh in the background')
  })

  it('a failed fetch that one tenant forced is an outage for new keys of the others, and nothing else (K5)', async () => {
    const { server } = serverWith()
    const outcome = async (index: number, header = {}) =>
      (await send(server, await issuer.sign({ iss: tenant(index) }, header))).status
    expect([await outcome(0), await outcome(1)]).toEqual([200, 200])
    clock.advance(31)
    issuer.onKeys = (_request, response) => response.writeHead(500).end()
    expect(await outcome(0, { kid: 'new' })).toBe(503)
    expect(await outcome(2)).toBe(200)
    clock.advance(2)
    expect(await outcome(1, { kid: 'new' })).toBe(503)
    expect(issuer.hits.keys).toBe(2)
  })

  it('a fixed list of issuers shares a key set in the same way', async () => {
    const names = range(5).map(tenant)
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: names.map((name) => ({ issuer: name, keys: `${issuer.url}/jwks` })),
    })
    for (const iss of names) expect((await send(server, await issuer.sign({ iss }))).status).toBe(200)
    expect(issuer.hits.keys).toBe(1)
  })
})

describe('a key with an issuer (Microsoft: validate the signing key issuer)', () => {
  it.each<[string, unknown, number]>([
    ['the tenant itself', tenant(1), 200],
    ['any tenant', 'https://login.example/{tenantid}/v2.0', 200],
    ['another tenant', tenant(2), 503],
    ['any tenant of another host', 'https://evil.example/{tenantid}/v2.0', 503],
    ['any tenant of another host of the same length', 'https://other.example/{tenantid}/v2.0', 503],
    ['any tenant of another version', 'https://login.example/{tenantid}/v1.0', 503],
    ['the template, and another one behind it', 'https://login.example/{tenantid}/v2.0{tenantid}', 503],
    ['no tenant, in a template whose parts overlap', 'https://login.example/tenant-1/{tenantid}/v2.0', 503],
    ['a template that is too short', 'https://login.example/{tenantid}', 503],
    ['two templates', 'https://{tenantid}/{tenantid}/v2.0', 503],
    ['a template at the end', `${tenant(1)}{tenantid}`, 503],
    ['an empty string', '', 503],
    ['null', null, 503],
    ['a list', [tenant(1)], 503],
  ])('%s', async (_, name, status) => {
    issuer.onKeys = (_request, response) => json(response, { keys: [{ ...issuer.keys[0]?.jwk, issuer: name }] })
    expect((await send(serverWith().server, await issuer.sign({ iss: tenant(1) }))).status).toBe(status)
  })

  it('is ignored alone if the issuer is not a text, and the others verify (RFC 7517 §5)', async () => {
    const [good] = issuer.keys.map(({ jwk }) => jwk)
    for (const name of [null, 1, { split: 1 }]) {
      issuer.onKeys = (_request, response) => json(response, { keys: [{ ...good, kid: 'x', issuer: name }, good] })
      const { server } = serverWith()
      expect((await send(server, await issuer.sign({ iss: tenant(1) }))).status).toBe(200)
      expect(await send(server, await issuer.sign({ iss: tenant(1) }, { kid: 'x' }))).toMatchObject({ status: 401 })
    }
  })

  it('verifies no token of another tenant that trusts the same set', async () => {
    const other = await createSigningKey('ES256', 'other')
    issuer.onKeys = (_request, response) =>
      json(response, { keys: [issuer.keys[0]?.jwk, { ...other.jwk, issuer: tenant(2) }] })
    const { server } = serverWith()
    expect((await send(server, await issuer.sign({ iss: tenant(2) }, {}, other))).status).toBe(200)
    const stolen = await send(server, await issuer.sign({ iss: tenant(1) }, {}, other))
    expect(stolen).toMatchObject({ status: 401, reason: 'unknown_key' })
  })
})

describe('more tenants than are cached', () => {
  it('295 bad signatures across 60 tenants at alive 50: at most 60 fetches, and a good tenant needs none', async () => {
    const stranger = await createSigningKey('ES256', issuer.keys[0]?.kid)
    const { server, log } = serverWith({
      alive: 50,
      resolve: async (iss) => ({ keys: `${issuer.url}/${iss.split('/')[3]}/jwks` }),
    })
    const good = await issuer.sign({ iss: tenant(0) })
    expect((await send(server, good)).status).toBe(200)
    for (const index of range(295)) {
      const iss = tenant(index % 60)
      const outcome = await send(server, await issuer.sign({ iss, jti: String(index) }, {}, stranger))
      expect(outcome).toMatchObject({ status: 401, reason: 'signature' })
    }
    const before = issuer.hits.keys
    expect(before).toBeLessThanOrEqual(60)
    expect((await send(server, good)).status).toBe(200)
    expect(issuer.hits.keys).toBe(before)
    expect(log.of('issuer_evicted').length).toBeGreaterThan(0)
    expect(server.state().issuers.length).toBe(50)
  })

  it('in an outage, one that was evicted is served from stale keys like the others (RFC 5861 §4)', async () => {
    const { server } = serverWith({ alive: 1 })
    const outcome = async (index: number) => (await send(server, await issuer.sign({ iss: tenant(index) }))).status
    expect([await outcome(0), await outcome(1)]).toEqual([200, 200])
    clock.advance(601)
    issuer.onKeys = (_request, response) => response.writeHead(500).end()
    expect([await outcome(1), await outcome(0), await outcome(1)]).toEqual([200, 200, 200])
    clock.advance(3600)
    expect(await outcome(0)).toBe(503)
  })

  it.each([{ keys: [] }, {}])('an empty set replaces none, for evicted tenants too: %j (K7)', async (empty) => {
    const { server } = serverWith({ alive: 1 })
    const outcome = async (index: number) => (await send(server, await issuer.sign({ iss: tenant(index) }))).status
    expect([await outcome(0), await outcome(1)]).toEqual([200, 200])
    clock.advance(601)
    issuer.onKeys = (_request, response) => json(response, empty)
    for (const _round of range(3)) {
      expect([await outcome(1), await outcome(0)]).toEqual([200, 200])
      clock.advance(120)
    }
    expect(issuer.hits.keys).toBeLessThanOrEqual(5)
  })

  it('in an outage, changed options do not cost a tenant its keys', async () => {
    let clockTolerance = 10
    const { server } = serverWith({
      maxAge: 600,
      resolve: async () => ({ keys: `${issuer.url}/jwks`, clockTolerance }),
    })
    const outcome = async () => (await send(server, await issuer.sign({ iss: tenant(0) }))).status
    expect(await outcome()).toBe(200)
    issuer.onKeys = (_request, response) => response.writeHead(500).end()
    clockTolerance = 20
    clock.advance(601)
    expect([await outcome(), await outcome()]).toEqual([200, 200])
  })

  it('discovery, cooldown and back-off outlive an evicted tenant', async () => {
    const second = await createTestIssuer({ alg: 'ES256' })
    const { server } = serverWith({ alive: 1, allow: { has: () => true }, resolve: () => ({}) })
    try {
      issuer.onKeys = (_request, response) => response.writeHead(500).end()
      for (let round = 0; round < 5; round++) {
        expect((await send(server, await issuer.sign())).status).toBe(503)
        expect((await send(server, await second.sign({}, { kid: 'unknown' }))).status).toBe(401)
      }
      expect([issuer.hits, second.hits]).toEqual([
        // The URL of the set may have changed, so the metadata is read once more.
        { metadata: 2, keys: 1, other: 0 },
        { metadata: 1, keys: 1, other: 0 },
      ])
    } finally {
      await second.stop()
    }
  })
})

describe('lookups of issuers that are not cached', () => {
  const unknown = (index: number) => issuer.sign({ iss: `https://evil.example/${index}` })

  const FLOOD = amount(5000, 200)
  it(`${FLOOD} tokens of one unknown issuer: one call, and none for a second`, async () => {
    const { server, has } = serverWith()
    const token = await unknown(0)
    expect(tally(await Promise.all(range(FLOOD).map(() => send(server, token))))).toEqual({ '401 issuer': FLOOD })
    expect((await send(server, token)).status).toBe(401)
    expect(has).toHaveBeenCalledTimes(1)
  })

  it('at most maxConcurrent at once; the others wait, and are served', async () => {
    let running = 0
    let most = 0
    const has = async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running--
      return true
    }
    const { server } = serverWith({ allow: { has }, lookups: { maxConcurrent: 4 } })
    const tokens = await Promise.all(range(30).map((index) => issuer.sign({ iss: tenant(index) })))
    expect(tally(await Promise.all(tokens.map((token) => send(server, token))))).toEqual({ 200: 30 })
    expect(most).toBe(4)
  })

  it('an array and a Set need no limits: 401 at once', async () => {
    for (const allow of [[tenant(0)], new Set([tenant(0)])]) {
      const { server, log } = serverWith({ allow, lookups: { maxConcurrent: 1, perSecond: 1 } })
      const tokens = await Promise.all(range(100).map(unknown))
      expect(tally(await Promise.all(tokens.map((token) => send(server, token))))).toEqual({ '401 issuer': 100 })
      expect((await send(server, await issuer.sign({ iss: tenant(0) }))).status).toBe(200)
      expect(log.of('lookups_limited')).toEqual([])
    }
  })
})
