import { createResourceServer, type JwksCacheOptions } from 'bearward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { lifetimeOf, pauseAfter, refreshPoint } from '../../src/jwks/freshness.ts'
import { createTestIssuer, json, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { send, until } from '../support/upstream/requests.ts'

describe('the freshness lifetime of a set, from Cache-Control (RFC 9111 §4.2)', () => {
  const CASES: readonly [Record<string, string>, number][] = [
    [{}, 600],
    [{ 'cache-control': 'max-age=300' }, 300],
    [{ 'cache-control': 'public, max-age=300, must-revalidate' }, 300],
    [{ 'cache-control': 'MAX-AGE = 300' }, 300],
    [{ 'cache-control': 'max-age="300"' }, 300],
    [{ 'cache-control': 'max-age=0' }, 60],
    [{ 'cache-control': 'max-age=1' }, 60],
    [{ 'cache-control': 'max-age=31536000' }, 86_400],
    [{ 'cache-control': 'max-age=9999999999' }, 86_400],
    [{ 'cache-control': 'max-age=99999999999999999999999' }, 86_400],
    [{ 'cache-control': 'no-store' }, 60],
    [{ 'cache-control': 'no-cache, max-age=3600' }, 60],
    [{ 'cache-control': 'max-age=3600, no-store' }, 60],
    [{ 'cache-control': 'private, no-cache="set-cookie", max-age=3600' }, 60],
    [{ 'cache-control': 'max-age=3600, no-store , private' }, 60],
    [{ 'cache-control': 'no-store-x, max-age=300' }, 300],
    [{ 'cache-control': 'x-no-store, max-age=300' }, 300],
    [{ 'cache-control': 's-maxage=300' }, 600],
    [{ 'cache-control': 'x-max-age=300' }, 600],
    [{ 'cache-control': 'max-age=-5' }, 600],
    [{ 'cache-control': 'max-age=abc' }, 600],
    [{ 'cache-control': 'garbage,,;="' }, 600],
    [{ 'cache-control': 'max-age=3600', age: '600' }, 3000],
    [{ 'cache-control': 'max-age=600', age: '590' }, 60],
    [{ 'cache-control': 'max-age=600', age: '99999' }, 60],
    [{ 'cache-control': 'max-age=600', age: 'old' }, 600],
    [{ 'cache-control': 'max-age=600', age: '-100' }, 600],
    [{ 'cache-control': 'max-age=600', age: '100 s' }, 600],
    [{ age: '300' }, 600],
  ]
  for (const [headers, seconds] of CASES) {
    it(`${JSON.stringify(headers)}: ${seconds} s`, () => {
      expect(lifetimeOf(new Headers(headers))).toBe(seconds)
    })
  }

  it('without headers, as for a set of the application: the default', () => {
    expect(lifetimeOf(undefined)).toBe(600)
  })

  it('a header of 100,000 characters is parsed in linear time', () => {
    const long = 'max-age='.repeat(12_500)
    expect(lifetimeOf(new Headers({ 'cache-control': long }))).toBe(600)
    expect(lifetimeOf(new Headers({ 'cache-control': `x${' '.repeat(100_000)}x` }))).toBe(600)
  })
})

describe('the times derived from it', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('refreshes between 70 and 80 % of the lifetime', () => {
    for (const random of [0, 0.5, 0.999_999]) {
      vi.spyOn(Math, 'random').mockReturnValue(random)
      expect(refreshPoint(600)).toBeLessThanOrEqual(480)
      expect(refreshPoint(600)).toBeGreaterThanOrEqual(420)
    }
  })

  it('backs off from 1 s doubling to 60 s, never shorter, at most a tenth longer', () => {
    const jwksCache = { maxAge: undefined, staleIfError: 3600, cooldown: 30, backoff: 1, maxBackoff: 60 }
    for (const random of [0, 0.999_999]) {
      vi.spyOn(Math, 'random').mockReturnValue(random)
      const expected = [1, 2, 4, 8, 16, 32, 60, 60, 60]
      for (const [index, seconds] of expected.entries()) {
        const pause = pauseAfter(index + 1, jwksCache, undefined)
        expect(pause).toBeGreaterThanOrEqual(seconds)
        expect(pause).toBeLessThanOrEqual(seconds * 1.1)
      }
      expect(pauseAfter(1e9, jwksCache, undefined)).toBeLessThanOrEqual(66)
    }
  })

  it('waits for as long as Retry-After says, up to maxBackoff (RFC 9110 §10.2.3)', () => {
    const jwksCache = { maxAge: undefined, staleIfError: 3600, cooldown: 30, backoff: 1, maxBackoff: 60 }
    expect(pauseAfter(1, jwksCache, 45)).toBe(45)
    expect(pauseAfter(1, jwksCache, 999_999_999)).toBe(60)
    expect(pauseAfter(9, jwksCache, 1)).toBeGreaterThanOrEqual(60)
  })
})

describe('a server applies it', () => {
  const clock = useMonotonicClock()
  let issuer: TestIssuer
  beforeEach(async () => {
    issuer = await createTestIssuer({ alg: 'ES256' })
  })
  afterEach(() => issuer.stop())

  /** Whether the set has been fetched again, `seconds` after it was loaded with `cacheControl`. */
  async function isRefreshed(seconds: number, cacheControl: string | undefined, jwksCache: JwksCacheOptions = {}) {
    issuer.onKeys = (_request, response) =>
      json(response, { keys: issuer.keys.map(({ jwk }) => jwk) }, cacheControl ? { 'cache-control': cacheControl } : {})
    let fetches = 0
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: issuer.url, jwksCache },
      fetch: (input, init) => {
        fetches++
        return fetch(input, init)
      },
    })
    const token = await issuer.sign()
    expect((await send(server, token)).status).toBe(200)
    expect(fetches).toBe(2)
    clock.advance(seconds)
    expect((await send(server, token)).status).toBe(200)
    // The request that finds a refresh due starts it, so there is nothing to wait for.
    return fetches === 3
  }

  it('default: not after 6 min, but after 8 min', async () => {
    expect(await isRefreshed(360, undefined)).toBe(false)
    expect(await isRefreshed(485, undefined)).toBe(true)
  })
  it('max-age applies', async () => {
    expect(await isRefreshed(2000, 'max-age=3600')).toBe(false)
    expect(await isRefreshed(2900, 'max-age=3600')).toBe(true)
  })
  it('no-store still means a minute', async () => {
    expect(await isRefreshed(40, 'no-store')).toBe(false)
    expect(await isRefreshed(50, 'no-store')).toBe(true)
  })
  it('a year means a day', async () => {
    expect(await isRefreshed(60_000, 'max-age=31536000')).toBe(false)
    expect(await isRefreshed(70_000, 'max-age=31536000')).toBe(true)
  })
  it('an explicit option wins, in both directions', async () => {
    expect(await isRefreshed(0.9, 'max-age=3600', { maxAge: 1 })).toBe(true)
    expect(await isRefreshed(60_000, 'no-store', { maxAge: 100_000 })).toBe(false)
  })

  it('uses the monotonic clock: a jump of the wall clock does not affect keys', async () => {
    let wall = Date.now() / 1000
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url, clock: () => wall })
    const token = await issuer.sign({ iat: 0, exp: 9e9 })
    expect((await send(server, token)).status).toBe(200)
    for (const jump of [86_400 * 365, -86_400 * 700]) {
      wall += jump
      expect((await send(server, token)).status).toBe(200)
      expect(server.state().issuers[0]?.keys.status).toBe('fresh')
    }
    expect(issuer.hits.keys).toBe(1)
    clock.advance(500)
    expect((await send(server, token)).status).toBe(200)
    await until(() => issuer.hits.keys === 2)
  })
})
