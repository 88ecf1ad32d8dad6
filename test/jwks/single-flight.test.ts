import { createResourceServer } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { amount } from '../support/tiers/amount.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { requestWith, send, tally, until } from '../support/upstream/requests.ts'

const CROWD = amount(10_000, 2000)
const clock = useMonotonicClock()
let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterEach(() => issuer.stop())

const requests = (server: ReturnType<typeof createResourceServer>, token: string, count: number) =>
  Promise.all(Array.from({ length: count }, () => send(server, token)))

/** Holds responses back until `release` is called. */
function holdKeys() {
  const respond = issuer.onKeys
  const held: (() => void)[] = []
  issuer.onKeys = (request, response) => {
    held.push(() => respond(request, response))
  }
  return {
    held,
    release() {
      issuer.onKeys = respond
      for (const one of held.splice(0)) one()
    },
  }
}

describe('one fetch for all requests (RFC 5861 §3)', () => {
  it(`${CROWD} concurrent cold requests: one discovery, one key set`, async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    expect(tally(await requests(server, await issuer.sign(), CROWD))).toEqual({ 200: CROWD })
    expect(issuer.hits).toEqual({ metadata: 1, keys: 1, other: 0 })
  })

  it('the same with a slow key set, ready() among the callers', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    const { held, release } = holdKeys()
    const outcomes = requests(server, await issuer.sign(), 1000)
    const ready = Promise.all([server.ready(), server.ready()])
    await until(() => held.length > 0)
    const joined = requests(server, await issuer.sign(), 1000)
    release()
    await ready
    expect(tally([...(await outcomes), ...(await joined)])).toEqual({ 200: 2000 })
    expect(issuer.hits).toEqual({ metadata: 1, keys: 1, other: 0 })
  })

  it(`${CROWD} concurrent cold requests while it fails: one attempt, and all get the error`, async () => {
    issuer.onMetadata = (_request, response) => response.writeHead(500).end()
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    expect(tally(await requests(server, await issuer.sign(), CROWD))).toEqual({ '503 keys_unavailable': CROWD })
    expect(issuer.hits).toEqual({ metadata: 1, keys: 0, other: 0 })
  })
})

describe('background refresh', () => {
  const LIFETIMES = [
    ['at 80 % of the lifetime', 485],
    ['just before expiry', 599],
  ] as const
  for (const [when, seconds] of LIFETIMES) {
    it(`${when}: one fetch, and no request waits for it`, async () => {
      const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
      const token = await issuer.sign()
      expect((await send(server, token)).status).toBe(200)
      clock.advance(seconds)
      const { held, release } = holdKeys()
      // They all end while the new set is still on its way: none can have waited for it.
      for (let count = 0; count < 1000; count++) await server.authenticate(requestWith(token))
      await until(() => held.length > 0)
      expect(tally(await requests(server, token, 1000))).toEqual({ 200: 1000 })
      release()
      await until(() => server.state().issuers[0]?.keys.age === 0)
      expect(issuer.hits).toMatchObject({ keys: 2, other: 0 })
      expect(issuer.hits.metadata).toBeLessThanOrEqual(2)
    })
  }

  describe.each([
    ['at expiry', 600],
    ['at 1.5 lifetimes', 900],
    ['at two lifetimes', 1300],
  ])('%s, with no attempt since (K12)', (_when, seconds) => {
    async function expired() {
      const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
      const token = await issuer.sign({ exp: Math.floor(Date.now() / 1000) + 100_000 })
      expect((await send(server, token)).status).toBe(200)
      clock.advance(seconds)
      return { server, token }
    }

    it('a key that was withdrawn is refused, the whole burst', async () => {
      const { server, token } = await expired()
      await issuer.rotate()
      expect(tally(await requests(server, token, 100))).toEqual({ '401 unknown_key': 100 })
      // One because the set has expired, and one because the tokens then name an unknown key.
      expect(issuer.hits.keys).toBe(3)
    })

    it('the stale set is used if the endpoint is slow, after one wait', async () => {
      const { server, token } = await expired()
      const { held, release } = holdKeys()
      expect(tally(await requests(server, token, 100))).toEqual({ 200: 100 })
      expect(held).toHaveLength(1)
      clock.advance(1)
      // Not waiting any more: the response is still held back.
      for (let count = 0; count < 1000; count++) await server.authenticate(requestWith(token))
      release()
      await until(() => server.state().issuers[0]?.keys.status === 'fresh')
      expect(issuer.hits.keys).toBe(2)
    })

    it('the stale set is used if the endpoint fails', async () => {
      const { server, token } = await expired()
      issuer.onKeys = (_request, response) => response.writeHead(500).end()
      expect(tally(await requests(server, token, 100))).toEqual({ 200: 100 })
      expect(issuer.hits.keys).toBe(2)
    })
  })

  it('the same after a failed refresh and a long idle time', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    const withdrawn = await issuer.sign({ exp: Math.floor(Date.now() / 1000) + 100_000 })
    const { onKeys } = issuer
    await server.ready()
    issuer.onKeys = (_request, response) => response.writeHead(500).end()
    clock.advance(600)
    expect((await send(server, withdrawn)).status).toBe(200)
    await until(() => server.state().issuers[0]?.keys.lastError !== undefined)
    issuer.onKeys = onKeys
    await issuer.rotate()
    clock.advance(2000)
    expect(await send(server, withdrawn)).toMatchObject({ status: 401, reason: 'unknown_key' })
  })

  it('no request, no fetch: an idle server sends nothing', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    await server.ready()
    clock.advance(3000)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(issuer.hits.keys).toBe(1)
    expect(server.state().issuers[0]?.keys.status).toBe('stale')
  })
})

describe('waitUntil, for runtimes that stop work when its request ends', () => {
  const serverWith = (waitUntil: (work: Promise<unknown>) => void) =>
    createResourceServer({ resource: RESOURCE, issuer: issuer.url, waitUntil })

  it('receives each background refresh, once, and never a rejection', async () => {
    const extended: Promise<unknown>[] = []
    const server = serverWith((work) => extended.push(work))
    const token = await issuer.sign()
    expect((await send(server, token)).status).toBe(200)
    expect(extended).toEqual([])
    issuer.onKeys = (_request, response) => response.writeHead(500).end()
    clock.advance(500)
    await requests(server, token, 100)
    expect(extended).toHaveLength(1)
    await extended[0]
    expect(server.state().issuers[0]?.keys.lastError?.code).toBe('status')
  })

  it('may throw', async () => {
    const server = serverWith(() => {
      throw new Error('no request here')
    })
    const token = await issuer.sign()
    await server.ready()
    clock.advance(500)
    expect((await send(server, token)).status).toBe(200)
    await until(() => issuer.hits.keys === 2)
  })
})

describe('a cached token needs no promise (S5)', () => {
  it('the decision about it is there at once, and others are promises', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    const guards = server.guards()
    const token = await issuer.sign()
    for (const time of ['first', 'second'] as const) {
      const decision = server.decide(requestWith(token), guards)
      expect(decision, time).toBeInstanceOf(Promise)
      expect(await decision, time).toMatchObject({ allowed: true, token: { subject: 'user-1' } })
    }
    expect(server.decide(requestWith(token), guards)).toMatchObject({ allowed: true, token: { issuer: issuer.url } })
  })

  it('the public functions always return promises (F10)', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    const token = await issuer.sign()
    for (let time = 0; time < 3; time++) {
      const pending = [
        server.authenticate(requestWith(token)),
        server.optionalAuth(requestWith(token)),
        server.verify(token),
      ]
      for (const one of pending) expect(one).toBeInstanceOf(Promise)
      await Promise.all(pending)
    }
  })
})
