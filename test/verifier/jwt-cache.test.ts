import crypto from 'node:crypto'
import { createResourceServer, type ResourceServerOptions } from 'bearward'
import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { until } from '../support/upstream/requests.ts'

let issuer: TestIssuer

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterEach(async () => {
  vi.useRealTimers()
  await issuer.stop()
})

/** Records each full verification: it validates the schema exactly once. */
function counting(options: Partial<ResourceServerOptions> = {}) {
  const verified: unknown[] = []
  const claims = {
    '~standard': {
      version: 1 as const,
      vendor: 'test',
      validate(value: unknown) {
        verified.push((value as { jti: unknown }).jti)
        return { value: value as Record<string, unknown> }
      },
    },
  }
  const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url, ...options, claims })
  return { server, verified }
}

const reasonOf = async (attempt: () => unknown): Promise<unknown> => {
  try {
    await attempt()
    return 'accepted'
  } catch (thrown) {
    return (thrown as { reason?: unknown }).reason ?? thrown
  }
}

describe('a token seen before', () => {
  it('is not verified again', async () => {
    const { server, verified } = counting()
    const token = await issuer.sign({ jti: 'one' })
    await server.verify(token)
    expect((await server.verify(token)).raw).toBe(token)
    expect(verified).toEqual(['one'])
  })

  it('is verified each time with cacheSize.jwt at 0', async () => {
    const { server, verified } = counting({ cacheSize: { jwt: 0 } })
    const token = await issuer.sign({ jti: 'one' })
    for (let round = 0; round < 3; round++) await server.verify(token)
    expect(verified).toEqual(['one', 'one', 'one'])
  })

  it('is evicted when others need its place', async () => {
    const { server, verified } = counting({ cacheSize: { jwt: 2 } })
    const tokens = await Promise.all(['one', 'two', 'three'].map((jti) => issuer.sign({ jti })))
    for (const token of [...tokens, ...tokens]) await server.verify(token)
    expect(verified).toEqual(['one', 'two', 'three', 'one', 'two', 'three'])
  })

  it('with another last character is a different token, and refused', async () => {
    const { server } = counting()
    const token = await issuer.sign()
    await server.verify(token)
    // ES256 signatures are 64 bytes: the last character has two significant bits and four that must be zero.
    const forged = token.slice(0, -1) + (token.endsWith('A') ? 'Q' : 'A')
    expect(await reasonOf(() => server.verify(forged))).toBe('signature')
    expect(await reasonOf(() => server.verify(`${token}A`))).toBe('signature')
    expect(await reasonOf(() => server.verify(`${token.slice(0, -1)}B`))).toBe('malformed')
    expect(await reasonOf(() => server.verify(`${token}=`))).toBe('malformed')
  })
})

describe('a cached token expires', () => {
  it('with exp and the tolerance, to the second (RFC 7519 §4.1.4)', async () => {
    let now = 1_000_000
    const { server } = counting({ clock: () => now })
    const token = await issuer.sign({ iat: now, exp: now + 100 })
    expect(await reasonOf(() => server.verify(token))).toBe('accepted')
    now += 129.999
    expect(await reasonOf(() => server.verify(token))).toBe('accepted')
    now += 0.001
    expect(await reasonOf(() => server.verify(token))).toBe('expired')
  })

  it('while the clock is before nbf (RFC 7519 §4.1.5)', async () => {
    let now = 1_000_000
    const { server } = counting({ clock: () => now })
    const token = await issuer.sign({ iat: now - 100, nbf: now, exp: now + 100 })
    expect(await reasonOf(() => server.verify(token))).toBe('accepted')
    now -= 31
    expect(await reasonOf(() => server.verify(token))).toBe('not_yet_valid')
    now += 31
    expect(await reasonOf(() => server.verify(token))).toBe('accepted')
  })

  it('with maxAge', async () => {
    let now = 1_000_000
    const { server } = counting({ clock: () => now, issuer: { issuer: issuer.url, maxAge: 60, clockTolerance: 0 } })
    const token = await issuer.sign({ iat: now, exp: now + 1000 })
    expect(await reasonOf(() => server.verify(token))).toBe('accepted')
    now += 61
    expect(await reasonOf(() => server.verify(token))).toBe('too_old')
  })

  it('with its key, at the refresh that withdraws the key (K8)', async () => {
    const { server } = counting()
    const token = await issuer.sign()
    await server.verify(token)
    await issuer.rotate()
    vi.advanceTimersByTime(590_000)
    expect(await reasonOf(() => server.verify(token))).toBe('accepted') // the refresh continues in the background
    await until(() => server.state().issuers[0]?.keys.age === 0)
    expect(await reasonOf(() => server.verify(token))).toBe('unknown_key')
  })

  it('with the key material of its kid (K8)', async () => {
    const { server, verified } = counting()
    const token = await issuer.sign({ jti: 'one' })
    await server.verify(token)
    const { kid } = issuer.keys[0] as { kid: string }
    const next = await issuer.rotate()
    issuer.keys = [{ ...next, kid, jwk: { ...next.jwk, kid } }]
    vi.advanceTimersByTime(590_000)
    await server.verify(token)
    await until(() => server.state().issuers[0]?.keys.age === 0)
    expect(await reasonOf(() => server.verify(token))).toBe('signature')
    expect(verified).toEqual(['one'])
  })

  it('but not with a refresh that leaves its key alone', async () => {
    const { server, verified } = counting()
    const token = await issuer.sign({ jti: 'one', exp: Math.floor(Date.now() / 1000) + 86_400 })
    await server.verify(token)
    await issuer.rotate({ keepOld: true })
    vi.advanceTimersByTime(590_000)
    await server.verify(token)
    await until(() => server.state().issuers[0]?.keys.age === 0)
    await server.verify(token)
    expect(verified).toEqual(['one'])
  })

  it('when stale keys are no longer usable: an outage is a 503 for it, too (K3)', async () => {
    const { server } = counting({ issuer: { issuer: issuer.url, jwksCache: { maxAge: 10, staleIfError: 20 } } })
    const token = await issuer.sign()
    await server.verify(token)
    await issuer.stop()
    vi.advanceTimersByTime(15_000)
    expect(await reasonOf(() => server.verify(token))).toBe('accepted')
    vi.advanceTimersByTime(16_000)
    expect(await reasonOf(() => server.verify(token))).toBe('keys_unavailable')
    await issuer.start()
  })

  it('when its issuer is removed from the list (M2)', async () => {
    const allow = new Set([issuer.url])
    const { server } = counting({ issuer: { allow, resolve: () => ({}) } })
    const token = await issuer.sign()
    await server.verify(token)
    expect(await reasonOf(() => server.verify(token))).toBe('accepted')
    allow.clear()
    expect(await reasonOf(() => server.verify(token))).toBe('issuer')
  })
})

describe('more tokens than the cache can hold', () => {
  it('leave the cache at its limit', async () => {
    const { server, verified } = counting({ cacheSize: { jwt: 50 } })
    const tokens = await Promise.all(Array.from({ length: 200 }, (_, index) => issuer.sign({ jti: `t${index}` })))
    for (const token of tokens) await server.verify(token)
    verified.length = 0
    for (const token of tokens.slice(-50)) await server.verify(token)
    expect(verified).toEqual([])
    for (const token of tokens.slice(0, 150)) await server.verify(token)
    expect(verified).toHaveLength(150)
  })
})

describe('a token that was seen once', () => {
  it('comes back as the same verified token, deeply frozen', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    const token = await issuer.sign({ jti: 'one', groups: [{ name: 'a' }], scope: 'read:orders write:orders' })
    const first = await server.verify(token)
    const second = await server.verify(token)
    const third = await server.verify(token)
    expect(second).toEqual(first)
    expect(second.claims).toBe(third.claims)
    expect(Object.isFrozen((second.claims.groups as unknown[])[0])).toBe(true)
  })

  it('does not restore a removed __proto__ (J8)', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    const token = await issuer.sign(JSON.parse('{"__proto__":{"admin":true}}') as Record<string, unknown>)
    for (let round = 0; round < 3; round++) {
      const { claims } = await server.verify(token)
      expect(Object.hasOwn(claims, '__proto__')).toBe(false)
      expect(Object.assign({}, claims)).not.toHaveProperty('admin')
    }
  })

  it('skips only the signature check (RFC 7519 §7.2)', async () => {
    let now = 1_000_000
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url, clock: () => now })
    const checked = vi.spyOn(crypto, 'verify')
    const token = await issuer.sign({ iat: now, exp: now + 100 })
    const again = () => reasonOf(() => server.verify(token))
    for (let round = 0; round < 4; round++) expect(await again()).toBe('accepted')
    expect(checked).toHaveBeenCalledTimes(1)
    const other = await issuer.sign({ iat: now, exp: now + 100, jti: 'other' })
    await server.verify(other)
    now += 130
    expect(await reasonOf(() => server.verify(other))).toBe('expired')
    expect(checked).toHaveBeenCalledTimes(2)
  })

  it('does not skip it once its key has been withdrawn (K8)', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    const [token, other] = [await issuer.sign(), await issuer.sign()]
    await server.verify(token)
    await issuer.rotate()
    vi.advanceTimersByTime(590_000)
    await server.verify(other) // and its keys are refreshed in the background
    await until(() => server.state().issuers[0]?.keys.age === 0)
    expect(await reasonOf(() => server.verify(token))).toBe('unknown_key')
  })

  it('has its signature checked again after forget()', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    const checked = vi.spyOn(crypto, 'verify')
    const token = await issuer.sign()
    await server.verify(token)
    await server.forget(token)
    await server.verify(token)
    expect(checked).toHaveBeenCalledTimes(2)
    await server.forget(() => false)
    await server.verify(token)
    expect(checked).toHaveBeenCalledTimes(3)
  })

  it('does not share its signature check with a token that differs anywhere', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    const token = await issuer.sign({ sub: 'alice' })
    await server.verify(token)
    const [header, , signature] = token.split('.')
    const claims = Buffer.from(JSON.stringify({ ...decodeJwt(token), sub: 'mallory' })).toString('base64url')
    expect(await reasonOf(() => server.verify(`${header}.${claims}.${signature}`))).toBe('signature')
  })
})

describe('a token that was seen twice', () => {
  it('is passed to the predicate of forget()', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    const tokens = [await issuer.sign({ sub: 'alice', jti: 'one' }), await issuer.sign({ sub: 'bob', jti: 'two' })]
    for (const token of [...tokens, ...tokens]) await server.verify(token)
    const output: unknown[] = []
    await server.forget(({ subject, claims }) => {
      output.push([subject, claims.jti])
      return false
    })
    expect(output).toEqual(
      expect.arrayContaining([
        ['alice', 'one'],
        ['bob', 'two'],
      ]),
    )
    expect(output).toHaveLength(2)
  })
})

describe('a token that expires while its keys are being loaded', () => {
  it('is refused: its times are checked again afterwards (J4, RFC 7519 §4.1.4)', async () => {
    const token = await issuer.sign()
    const { exp = 0 } = decodeJwt(token)
    let now = exp - 1
    const slow: typeof fetch = async (...request) => {
      const response = await fetch(...request)
      now = exp + 60
      return response
    }
    const { server } = counting({ clock: () => now, fetch: slow })
    expect(await reasonOf(() => server.verify(token))).toBe('expired')
  })
})
