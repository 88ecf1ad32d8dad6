import { createResourceServer, type IssuerResolver } from 'bearward'
import { keycloak } from 'bearward/providers'
import { createTestIssuer as testIssuerAt } from 'bearward/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { createLog, requestWith, send, tally } from '../support/upstream/requests.ts'

// M2: issuers known only at run time.

let tenants: TestIssuer[]
beforeEach(async () => {
  tenants = await Promise.all([1, 2, 3].map(() => createTestIssuer({ alg: 'ES256' })))
})
afterEach(() => Promise.all(tenants.map((tenant) => tenant.stop())))

type Resolve = IssuerResolver['resolve']
const nth = (index: number): TestIssuer => tenants[index] as TestIssuer
const urls = () => tenants.map(({ url }) => url)

function serverWith(
  resolve: Resolve,
  allow: IssuerResolver['allow'] = urls(),
  options: Omit<IssuerResolver, 'allow' | 'resolve'> = {},
) {
  const spy = vi.fn(resolve)
  const server = createResourceServer({ resource: RESOURCE, issuer: { allow, resolve: spy, ...options } })
  return { server, resolve: spy }
}

describe('the options of a preset (M5)', () => {
  const realm = 'https://sso.example.com/realms/shop'
  const serverFor = async (resolve: Resolve) => {
    const issuer = await testIssuerAt({ issuer: realm, resource: RESOURCE })
    const log = createLog()
    const { fetch } = issuer
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { allow: [realm], resolve },
      fetch,
      onEvent: log.onEvent,
    })
    return { log, outcome: await send(server, await issuer.jwt()) }
  }

  it('may be returned whole, issuer included', async () => {
    const { outcome } = await serverFor((iss) =>
      keycloak({ url: 'https://sso.example.com', realm: iss.split('/')[4] ?? '' }),
    )
    expect(outcome.status).toBe(200)
  })

  it('are refused if they are those of another issuer: 503, and an event names it', async () => {
    const { outcome, log } = await serverFor(() => keycloak({ url: 'https://sso.example.com', realm: 'other' }))
    expect(outcome).toMatchObject({ status: 503, reason: 'issuer_unavailable' })
    expect(log.of('configuration')).toMatchObject([
      { issuer: realm, option: 'issuer.resolve().issuer', problem: 'is another issuer than the one to resolve' },
    ])
  })
})

describe('the allow-list', () => {
  const ALLOW: Readonly<Record<string, () => IssuerResolver['allow']>> = {
    'an array': () => [nth(0).url],
    'a Set': () => new Set([nth(0).url]),
    'a Map': () => new Map([[nth(0).url, {}]]),
    'an object with has()': () => ({ has: (issuer) => issuer === nth(0).url }),
    'an object with an async has()': () => ({ has: async (issuer) => issuer === nth(0).url }),
    'a class with state': () =>
      new (class {
        readonly #allowed = nth(0).url
        has(issuer: string) {
          return issuer === this.#allowed
        }
      })(),
    'a promise of another library': () => ({
      // For example a query builder: it has only then().
      has: (issuer) =>
        ({
          // biome-ignore lint/suspicious/noThenProperty: the subject of this test
          then: (done: (isKnown: boolean) => unknown) => done(issuer === nth(0).url),
        }) as Promise<boolean>,
    }),
  }
  for (const [what, allow] of Object.entries(ALLOW)) {
    it(what, async () => {
      const { server, resolve } = serverWith(() => ({}), allow())
      expect((await send(server, await nth(0).sign())).status).toBe(200)
      expect(await send(server, await nth(1).sign())).toMatchObject({ status: 401, reason: 'issuer' })
      expect(resolve.mock.calls).toEqual([[nth(0).url]])
      expect(nth(1).hits).toEqual({ metadata: 0, keys: 0, other: 0 })
    })
  }

  it('allows only if the result is true', async () => {
    for (const result of [1, 'yes', {}, [], undefined, null, false]) {
      const { server, resolve } = serverWith(() => ({}), { has: () => result as boolean })
      expect(await send(server, await nth(0).sign())).toMatchObject({ status: 401, reason: 'issuer' })
      expect(resolve).not.toHaveBeenCalled()
    }
  })

  it('is called with strings only', async () => {
    const has = vi.fn(() => true)
    const { server, resolve } = serverWith(() => ({}), { has })
    expect(await send(server, await nth(0).sign({ iss: undefined }))).toMatchObject({ reason: 'missing_claim' })
    for (const iss of [null, 7, true, {}, [nth(0).url]]) {
      expect(await send(server, await nth(0).sign({ iss }))).toMatchObject({ status: 401, reason: 'issuer' })
    }
    expect(has).not.toHaveBeenCalled()
    expect(resolve).not.toHaveBeenCalled()
  })

  it('ignores names inherited from a prototype', async () => {
    const { server, resolve } = serverWith(() => ({}))
    for (const iss of ['__proto__', 'constructor', 'has', '']) {
      expect(await send(server, await nth(0).sign({ iss }))).toMatchObject({ status: 401, reason: 'issuer' })
    }
    expect(resolve).not.toHaveBeenCalled()
  })

  it('is consulted for each token: removing or adding an issuer takes effect at once', async () => {
    const allow = new Set([nth(0).url])
    const { server, resolve } = serverWith(() => ({}), allow)
    expect((await send(server, await nth(0).sign())).status).toBe(200)
    allow.delete(nth(0).url)
    expect(await send(server, await nth(0).sign())).toMatchObject({ status: 401, reason: 'issuer' })
    allow.add(nth(0).url)
    expect((await send(server, await nth(0).sign())).status).toBe(200)
    // Its options may be others now.
    expect(resolve).toHaveBeenCalledTimes(2)
  })

  it('is copied if it is an array', async () => {
    const allow = [nth(0).url]
    const { server } = serverWith(() => ({}), allow)
    allow.push(nth(1).url)
    expect((await send(server, await nth(1).sign())).status).toBe(401)
  })

  const OUT_OF_ORDER: Readonly<Record<string, () => boolean | Promise<boolean>>> = {
    throws: () => {
      throw new Error('no database')
    },
    rejects: () => Promise.reject(new Error('no database')),
  }
  for (const [what, has] of Object.entries(OUT_OF_ORDER)) {
    it(`that ${what} is our outage: 503`, async () => {
      const { server, resolve } = serverWith(() => ({}), { has })
      const outcome = await send(server, await nth(0).sign())
      expect(outcome).toMatchObject({ status: 503, reason: 'issuer_unavailable' })
      expect(outcome.retryAfter).toBeGreaterThanOrEqual(1)
      expect(outcome.headers).not.toHaveProperty('WWW-Authenticate')
      expect(resolve).not.toHaveBeenCalled()
    })
  }

  it('many slow lookups at once cause no listener warning', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    try {
      const { server } = serverWith(() => ({}), {
        has: (issuer) => new Promise((resolve) => setTimeout(() => resolve(issuer === nth(0).url), 20)),
      })
      const token = await nth(0).sign()
      expect(tally(await Promise.all(Array.from({ length: 100 }, () => send(server, token))))).toEqual({ 200: 100 })
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(warnings).toEqual([])
    } finally {
      process.off('warning', note)
    }
  })
})

describe('how an issuer is resolved', () => {
  it('once for 1,000 concurrent tokens, with one discovery and one key set', async () => {
    const { server, resolve } = serverWith(async () => ({}))
    const token = await nth(0).sign()
    expect(tally(await Promise.all(Array.from({ length: 1000 }, () => send(server, token))))).toEqual({ 200: 1000 })
    expect(resolve).toHaveBeenCalledTimes(1)
    expect(nth(0).hits).toEqual({ metadata: 1, keys: 1, other: 0 })
  })

  it('its options apply: audience, algorithms, keys …', async () => {
    const { server } = serverWith((issuer) =>
      issuer === nth(0).url ? { audience: 'tenant-0' } : { algorithms: ['RS256'] },
    )
    expect((await send(server, await nth(0).sign({ aud: 'tenant-0' }))).status).toBe(200)
    expect(await send(server, await nth(0).sign())).toMatchObject({ status: 401, reason: 'audience' })
    expect(await send(server, await nth(1).sign())).toMatchObject({ status: 401, reason: 'algorithm' })
  })

  it('then its tokens are decided without resolving it again', async () => {
    let resolved = 0
    const { server } = serverWith(() => {
      resolved++
      return {}
    })
    const token = await nth(0).sign()
    await send(server, token)
    await server.authenticate(requestWith(token))
    expect(resolved).toBe(1)
  })

  it('keys of tenants are never mixed', async () => {
    const { server } = serverWith(() => ({}))
    expect((await send(server, await nth(1).sign())).status).toBe(200)
    expect((await send(server, await nth(0).sign({}, {}, nth(1).keys[0]))).status).toBe(401)
  })

  const WRONG: Readonly<Record<string, Resolve>> = {
    throws: () => {
      throw new Error('no database')
    },
    rejects: () => Promise.reject(new Error('no database')),
    'rejects with undefined': () => Promise.reject(undefined),
    'returns undefined': () => undefined as unknown as object,
    'returns a string': () => 'x' as unknown as object,
    'returns another issuer': () => ({ issuer: 'https://evil.example' }) as object,
    'returns an unknown option': () => ({ audiences: 'x' }) as object,
    'returns an option that is undefined': () => ({ audience: undefined }) as object,
    'returns a symmetric algorithm': () => ({ algorithms: ['HS256'] }) as unknown as object,
    'returns a key set over plain http': () => ({ keys: 'http://keys.example/jwks' }),
  }
  for (const [what, resolve] of Object.entries(WRONG)) {
    it(`a function that ${what}: 503, and the cause in the error`, async () => {
      const { server } = serverWith(resolve)
      const token = await nth(0).sign()
      const outcome = await send(server, token)
      expect(outcome).toMatchObject({ status: 503, reason: 'issuer_unavailable' })
      expect(outcome.retryAfter).toBeGreaterThanOrEqual(1)
      expect(outcome.headers).not.toHaveProperty('WWW-Authenticate')
      expect(server.state().issuers).toEqual([])
    })
  }

  it('a function that fails is not called again at once, and then recovers', async () => {
    let broken = true
    const { server, resolve } = serverWith(() => {
      if (broken) throw new Error('no database')
      return {}
    })
    const token = await nth(0).sign()
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => send(server, token)))
    expect(tally(outcomes)).toEqual({ '503 issuer_unavailable': 200 })
    expect((await send(server, token)).status).toBe(503)
    expect(resolve).toHaveBeenCalledTimes(1)
    broken = false
    await new Promise((done) => setTimeout(done, 1100))
    expect((await send(server, token)).status).toBe(200)
  })
})

describe('the number of resolved issuers', () => {
  it('stays within the limit; the least recently used is evicted, and resolved again when needed', async () => {
    const { server, resolve } = serverWith(() => ({}), new Set(urls()), { alive: 2 })
    const tokens = await Promise.all(tenants.map((tenant) => tenant.sign()))
    const askFor = async (index: number) => (await send(server, tokens[index] as string)).status
    expect([await askFor(0), await askFor(1), await askFor(0), await askFor(2)]).toEqual([200, 200, 200, 200])
    expect(new Set(server.state().issuers.map(({ issuer }) => issuer))).toEqual(new Set([nth(0).url, nth(2).url]))
    expect(resolve).toHaveBeenCalledTimes(3)
    expect(await askFor(0)).toBe(200)
    expect(resolve).toHaveBeenCalledTimes(3)
    expect(await askFor(1)).toBe(200)
    expect(resolve).toHaveBeenCalledTimes(4)
    // Its key set is still there.
    expect(nth(1).hits).toEqual({ metadata: 1, keys: 1, other: 0 })
  })

  it('evicting a tenant does not fail its pending requests', async () => {
    const { server } = serverWith(() => ({}), new Set(urls()), { alive: 1 })
    const { onKeys } = nth(0)
    const requested = new Promise<() => void>((resolve) => {
      nth(0).onKeys = (request, response) => resolve(() => onKeys(request, response))
    })
    const token = await nth(0).sign()
    const waiting = Promise.all(Array.from({ length: 20 }, () => send(server, token)))
    const release = await requested
    expect((await send(server, await nth(1).sign())).status).toBe(200)
    expect(server.state().issuers.map(({ issuer }) => issuer)).toEqual([nth(1).url])
    release()
    expect(tally(await waiting)).toEqual({ 200: 20 })
  })
})
