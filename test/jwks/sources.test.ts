import { createResourceServer, type JsonWebKeySet, type KeySet } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSigningKey, createTestIssuer, json, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { send, until } from '../support/upstream/requests.ts'

const clock = useMonotonicClock()
let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterEach(() => issuer.stop())

const published = (): JsonWebKeySet => ({ keys: issuer.keys.map(({ jwk }) => jwk as Record<string, unknown>) })
const serverWith = (keys: string | JsonWebKeySet | KeySet, deadline = 10) =>
  createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: issuer.url, keys, deadline, jwksCache: { maxAge: 10, staleIfError: 100, cooldown: 1 } },
  })

describe('keys from a URL', () => {
  it('are fetched without discovery, whatever the path', async () => {
    const server = serverWith(`${issuer.url}/deep/jwks?tenant=1`)
    // The test issuer serves keys by the end of the path, which has a query here.
    issuer.onKeys = (_request, response) => json(response, published())
    expect((await send(server, await issuer.sign())).status).toBe(503)
    expect((await send(serverWith(`${issuer.url}/deep/jwks`), await issuer.sign())).status).toBe(200)
    expect(issuer.hits).toEqual({ metadata: 0, keys: 1, other: 1 })
  })

  it('errors name the URL without its query', async () => {
    const server = serverWith(`${issuer.url}/other?key=abc123`)
    await send(server, await issuer.sign())
    const message = server.state().issuers[0]?.keys.lastError?.message ?? ''
    expect(message).toContain(`${issuer.url}/other`)
    expect(message).not.toContain('abc123')
  })

  it('may be sent as application/jwk-set+json (RFC 7517 §8.5.2)', async () => {
    issuer.onKeys = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'application/jwk-set+json; charset=utf-8' })
        .end(JSON.stringify(published()))
    expect((await send(serverWith(`${issuer.url}/jwks`), await issuer.sign())).status).toBe(200)
  })
})

/** The timers that would keep this process alive. */
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

describe('keys that are discovered', () => {
  it('leave no timer behind, whether they load or not (K10)', async () => {
    const documents: Readonly<Record<string, object>> = {
      [`${issuer.url}/.well-known/openid-configuration`]: { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` },
      [`${issuer.url}/jwks`]: published(),
    }
    let fails = true
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: issuer.url,
      fetch: async (input) => (fails ? new Response(null, { status: 500 }) : Response.json(documents[String(input)])),
    })
    const before = timers()
    await expect(server.ready()).rejects.toMatchObject({ status: 503 })
    expect(timers()).toBeLessThanOrEqual(before)
    fails = false
    clock.advance(2)
    await server.ready()
    expect(timers()).toBeLessThanOrEqual(before)
  })
})

describe('a static set', () => {
  it('never expires and sends no request', async () => {
    const server = serverWith(published())
    expect((await send(server, await issuer.sign())).status).toBe(200)
    clock.advance(10 * 365 * 86_400)
    expect((await send(server, await issuer.sign())).status).toBe(200)
    const stranger = await createSigningKey('ES256')
    expect(await send(server, await issuer.sign({}, {}, stranger))).toMatchObject({
      status: 401,
      reason: 'unknown_key',
    })
    expect(await send(server, await issuer.sign({}, { kid: issuer.keys[0]?.kid }, stranger))).toMatchObject({
      status: 401,
      reason: 'signature',
    })
    expect(issuer.hits).toEqual({ metadata: 0, keys: 0, other: 0 })
    expect(server.state().issuers[0]?.keys).toMatchObject({ status: 'fresh', count: 1, retryIn: 0 })
  })

  it('is copied: later changes to the object have no effect', async () => {
    const set = { keys: [...published().keys] }
    const server = serverWith(set)
    set.keys.length = 0
    expect((await send(server, await issuer.sign())).status).toBe(200)
  })
})

describe('a key set function of the application', () => {
  it('is loaded once, may be asynchronous, and has the freshness, cooldown and refresh of a fetched set', async () => {
    let loads = 0
    const server = serverWith({
      load: async ({ signal }) => {
        expect(signal).toBeInstanceOf(AbortSignal)
        loads++
        return published()
      },
    })
    const token = await issuer.sign()
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => send(server, token)))
    expect(outcomes.every(({ status }) => status === 200)).toBe(true)
    expect(loads).toBe(1)
    const next = await issuer.rotate({ keepOld: true })
    expect((await send(server, await issuer.sign({}, {}, next))).status).toBe(200)
    expect(loads).toBe(2)
    clock.advance(9)
    expect((await send(server, token)).status).toBe(200)
    await until(() => loads === 3)
  })

  it('may return its set synchronously', async () => {
    expect((await send(serverWith({ load: () => published() }), await issuer.sign())).status).toBe(200)
  })

  it('is called with its own `this`', async () => {
    class Stored {
      readonly #set = published()
      load() {
        return this.#set
      }
    }
    expect((await send(serverWith(new Stored()), await issuer.sign())).status).toBe(200)
  })

  const BROKEN: Readonly<Record<string, () => unknown>> = {
    throws: () => {
      throw new Error('no database')
    },
    rejects: () => Promise.reject(new Error('no database')),
    'rejects with undefined': () => Promise.reject(undefined),
    hangs: () => new Promise(() => undefined),
    'returns undefined': () => undefined,
    'returns an array': () => [],
    'returns keys that are not a list': () => ({ keys: 'x' }),
    'returns an empty set': () => ({ keys: [] }),
    'returns a member with a getter that throws': () => ({
      keys: [Object.defineProperty({}, 'kid', { enumerable: true, get: () => Number.NaN.toFixed(200) })],
    }),
  }
  for (const [what, load] of Object.entries(BROKEN)) {
    it(`that ${what} is an outage: 503 cold, stale keys warm, and it recovers`, async () => {
      let broken = true
      const server = serverWith({ load: () => (broken ? load() : published()) as JsonWebKeySet }, 0.3)
      const token = await issuer.sign()
      expect(await send(server, token)).toMatchObject({ status: 503, reason: 'keys_unavailable' })
      clock.advance(5)
      broken = false
      expect((await send(server, token)).status).toBe(200)
      broken = true
      clock.advance(11)
      expect((await send(server, token)).status).toBe(200)
      await until(() => server.state().issuers[0]?.keys.lastError !== undefined)
      expect((await send(server, token)).status).toBe(200)
      clock.advance(110)
      expect((await send(server, token)).status).toBe(503)
    })
  }

  it('what it throws is the cause of the error in state()', async () => {
    const cause = new Error('no database')
    const server = serverWith({ load: () => Promise.reject(cause) })
    await expect(server.ready()).rejects.toThrow()
    const error = { name: 'UpstreamError', code: 'network', message: 'the key set did not load', cause }
    expect(server.state().issuers[0]?.keys.lastError).toMatchObject(error)
  })

  it('gets a signal that is aborted at the deadline', async () => {
    let seen: AbortSignal | undefined
    const load: KeySet['load'] = ({ signal }) => {
      seen = signal
      return new Promise(() => undefined)
    }
    const server = serverWith({ load }, 0.1)
    await send(server, await issuer.sign())
    expect(seen?.aborted).toBe(true)
  })
})

describe('keys without kid (RFC 7515 §4.1.4)', () => {
  it('all with a matching algorithm are tried, up to `limits.keys`: the last one of a full set is found', async () => {
    const pairs = await Promise.all(Array.from({ length: 100 }, () => createSigningKey('ES256')))
    const keys = pairs.map(({ jwk }) => {
      const { kid: _, ...others } = jwk as Record<string, unknown>
      return others
    })
    const server = serverWith({ keys })
    for (const at of [0, 16, 99]) {
      const token = await issuer.sign({}, { kid: undefined }, pairs[at])
      expect(await send(server, token), `key ${at}`).toMatchObject({ status: 200 })
    }
    const foreign = await issuer.sign({}, { kid: undefined }, await createSigningKey('ES256'))
    expect(await send(server, foreign)).toMatchObject({ status: 401, reason: 'signature' })
  })
})
