import type { BearwardEvent, IssuerResolver } from 'bearward'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { ADAPTERS, closeAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal, responseOfAll } from '../support/apps/expect-response.ts'
import { bearer, exchange, persistentConnections } from '../support/http/raw-client.ts'
import { createSigningKey, createTestIssuer, json, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { amount } from '../support/tiers/amount.ts'
import { ORDERS } from './orders-api.ts'

// M4 on every adapter: tenants that are found at run time, and tokens that imitate them.

const PATTERN = /^https:\/\/login\.example\/tenant-\d+\/v2\.0$/
const tenant = (index: number) => `https://login.example/tenant-${index}/v2.0`
const range = (count: number) => Array.from({ length: count }, (_, index) => index)
const refused = { error: 'invalid_token', scope: 'read:orders' } as const

let issuer: TestIssuer
/** A key of one tenant, in the set of all of them. */
let own: Awaited<ReturnType<typeof createSigningKey>>
beforeAll(async () => {
  // On a slow machine, too, no cooldown ends and no limit recovers.
  vi.useFakeTimers({ toFake: ['performance'] })
  issuer = await createTestIssuer({ alg: 'ES256' })
  own = await createSigningKey('ES256', 'own')
  const [shared] = issuer.keys.map(({ jwk }) => ({ ...jwk, issuer: 'https://login.example/{tenantid}/v2.0' }))
  issuer.onKeys = (_request, response) => json(response, { keys: [shared, { ...own.jwk, issuer: tenant(2) }] })
})
afterAll(async () => {
  vi.useRealTimers()
  await issuer.stop()
})

/** What one server requested and emitted. */
interface Log {
  readonly urls: string[]
  readonly events: BearwardEvent[]
}

/** The same API on every adapter, with a log for each. */
function useApis(resolver: () => Partial<IssuerResolver>) {
  const apps: App[] = []
  const logs: readonly Log[] = ADAPTERS.map(() => ({ urls: [], events: [] }))
  beforeAll(async () => {
    const options = ({ urls, events }: Log) => ({
      resource: RESOURCE,
      issuer: {
        allow: { has: async (iss: string) => PATTERN.test(iss) },
        resolve: async () => ({ keys: `${issuer.url}/jwks`, deadline: 20 }),
        ...resolver(),
      },
      onEvent: (event: BearwardEvent) => void events.push(event),
      fetch: (input: string | URL | Request, init?: RequestInit) => {
        urls.push(String(input))
        return fetch(input, init)
      },
    })
    const start = (one: (typeof ADAPTERS)[number], index: number) =>
      one({ options: options(logs[index] as Log), routes: ORDERS })
    apps.push(...(await Promise.all(ADAPTERS.map(start))))
  })
  afterAll(() => closeAll(apps))
  return { apps, logs }
}

const tokenOf = async (index: number) => bearer(await issuer.sign({ iss: tenant(index) }))

describe('many tenants behind one key set (M4)', () => {
  const { apps, logs } = useApis(() => ({}))
  const requested = () => logs.map(({ urls }) => urls)
  const once = () => ADAPTERS.map(() => [`${issuer.url}/jwks`])

  const MANY = amount(200, 12)
  it(`${MANY} tenants right after a restart, all at once: each is served, with one fetch`, async () => {
    const tokens = await Promise.all(range(MANY).map(tokenOf))
    for (const app of apps) {
      const responses = await Promise.all(tokens.map((lines) => exchange(app.port, { lines })))
      const served = responses.map(({ status, body }) => [status, JSON.parse(body).issuer])
      expect(served, app.name).toEqual(range(MANY).map((index) => [200, tenant(index)]))
    }
    expect(requested()).toEqual(once())
    expect(logs.flatMap(({ events }) => events.filter(({ type }) => type === 'lookups_limited'))).toEqual([])
  })

  it('a token of an issuer that is not allowed is 401 without a fetch, and its tenants are not confused', async () => {
    for (const iss of ['https://evil.example/tenant-1/v2.0', `${tenant(1)}/`, tenant(1).toUpperCase()]) {
      const lines = bearer(await issuer.sign({ iss }))
      await expectRefusal(apps, { lines }, { ...refused, reason: 'issuer' })
    }
    expect(requested()).toEqual(once())
  })

  it("a key with an issuer verifies that tenant's tokens only (Microsoft: validate the signing key issuer)", async () => {
    const by = async (iss: string) => ({ lines: bearer(await issuer.sign({ iss }, {}, own)) })
    expect(await expectReached(apps, await by(tenant(2)))).toMatchObject({ issuer: tenant(2) })
    await expectRefusal(apps, await by(tenant(1)), { ...refused, reason: 'unknown_key' })
    expect(requested()).toEqual(once())
  })
})

describe('more tenants than are cached (M4)', () => {
  const [TENANTS, ALIVE, TOKENS] = [amount(60, 6), amount(50, 5), amount(295, 24)]
  const { apps, logs } = useApis(() => ({
    alive: ALIVE,
    lookups: { maxConcurrent: 1, perSecond: 1 },
    resolve: async (iss) => ({ keys: `${issuer.url}/${iss.split('/')[3]}/jwks`, deadline: 20 }),
  }))

  it(`${TOKENS} bad signatures across ${TENANTS} tenants: one fetch each, and a good tenant needs none`, async () => {
    const stranger = await createSigningKey('ES256', issuer.keys[0]?.kid)
    const good = { lines: await tokenOf(0) }
    await expectReached(apps, good)
    const bad = (index: number) =>
      issuer.sign({ iss: tenant(index % TENANTS), jti: String(index) }, {}, stranger).then(bearer)
    const hostile = await Promise.all(range(TOKENS).map(bad))
    const connections = persistentConnections()
    for (const app of apps) {
      for (const lines of hostile) {
        const { status, body } = await connections.exchange(app.port, { target: '/orders', lines })
        expect([app.name, status, JSON.parse(body).reason]).toEqual([app.name, 401, 'signature'])
      }
    }
    connections.close()
    await expectReached(apps, good)
    expect(logs.map(({ urls }) => urls.length)).toEqual(ADAPTERS.map(() => TENANTS))
    for (const { events } of logs) expect(events.some(({ type }) => type === 'issuer_evicted')).toBe(true)
  })

  it('without a lookup within the deadline: 503 lookups_limited without a challenge; cached tenants are served', async () => {
    const unknown = async (index: number) => ({
      lines: bearer(await issuer.sign({ iss: `https://evil.example/${index}` })),
    })
    const good = { lines: await tokenOf(0) }
    await expectReached(apps, good)
    // The one *no* of this second.
    await expectRefusal(apps, await unknown(1), { ...refused, reason: 'issuer' })
    // From here on timers advance, but not the clock by which the limit recovers.
    const now = performance.now()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    vi.spyOn(performance, 'now').mockReturnValue(now)
    let isDone = false
    const pending = responseOfAll(apps, await unknown(2)).finally(() => {
      isDone = true
    })
    await expectReached(apps, good)
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve))
      vi.advanceTimersByTime(100)
    }
    const { status, all, header, body } = await pending
    expect([status, all('WWW-Authenticate'), header('Retry-After')]).toEqual([503, [], '1'])
    expect(JSON.parse(body)).toEqual({
      error_description: 'Too many authorization servers are being looked up at the moment',
      reason: 'lookups_limited',
    })
    const events = logs.map((log) => log.events.filter(({ type }) => type === 'lookups_limited'))
    expect(events).toEqual(ADAPTERS.map(() => [{ type: 'lookups_limited', maxConcurrent: 1, perSecond: 1 }]))
  })
})
