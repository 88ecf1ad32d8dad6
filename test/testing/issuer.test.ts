import { createServer } from 'node:http'
import { createResourceServer, type ResourceServerOptions } from 'bearward'
import { createTestIssuer, fetchOf, type Part, type TestIssuer, wrongResponsesFor } from 'bearward/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type SigningKey, signParts } from '../../testing/signing-key.ts'
import { until } from '../support/upstream/requests.ts'

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer()
})

const server = (options: Partial<ResourceServerOptions> = {}) =>
  createResourceServer({ ...issuer.introspectingOptions, ...options })

/** The status with which a new resource server responds to a token. */
async function statusOf(token: string, options: Partial<ResourceServerOptions> = {}): Promise<number> {
  try {
    await server(options).verify(token)
    return 200
  } catch (thrown) {
    return (thrown as { status: number }).status
  }
}

/** Short deadlines, for issuers that never respond. */
const hasty = (): Partial<ResourceServerOptions> => ({
  issuer: { issuer: issuer.issuer, deadline: 0.2, introspection: { client: issuer.client, deadline: 0.2 } },
})

it('refuses an option that it does not have', async () => {
  const options = { audience: 'https://api.example.com' }
  await expect(createTestIssuer(options as never)).rejects.toThrow('has no option "audience"; it has issuer, path, res')
})

describe('counts requests', () => {
  it('by part, and can be reset', async () => {
    await server().verify(await issuer.jwt())
    expect(issuer.requests).toMatchObject({ metadata: 1, keys: 1, introspection: 0, other: 0, introspectedTokens: [] })
    const token = issuer.opaque()
    await server().verify(token)
    expect(issuer.requests).toMatchObject({ metadata: 2, keys: 1, introspection: 1, introspectedTokens: [token] })
    expect(issuer.requests.all.at(-1)).toEqual({
      part: 'introspection',
      method: 'POST',
      url: 'https://auth.test/introspect',
    })
    await issuer.fetch('https://auth.test/elsewhere')
    expect(issuer.requests.other).toBe(1)
    issuer.requests.reset()
    expect(issuer.requests).toMatchObject({ metadata: 0, introspection: 0, other: 0, introspectedTokens: [], all: [] })
  })

  it('does not respond for other hosts', async () => {
    await expect(issuer.fetch('https://elsewhere.test/jwks')).rejects.toThrow(TypeError)
    expect(issuer.requests.all).toEqual([])
  })
})

describe('keys', () => {
  it('rotate: old tokens are refused, new ones accepted', async () => {
    const old = await issuer.jwt()
    await issuer.rotate()
    expect([await statusOf(old), await statusOf(await issuer.jwt())]).toEqual([401, 200])
  })

  it('rotate with keepOld: both are accepted', async () => {
    const old = await issuer.jwt()
    await issuer.rotate({ keepOld: true, alg: 'RS256' })
    expect([await statusOf(old), await statusOf(await issuer.jwt())]).toEqual([200, 200])
  })
})

describe('revocation', () => {
  it.each(['an opaque token', 'a JWT'])('%s is inactive from then on', async (kind) => {
    const token = kind === 'a JWT' ? await issuer.jwt() : issuer.opaque()
    const { verify } = server()
    expect((await verify(token, { maxAge: 0 })).subject).toBe('user-1')
    issuer.revoke(token)
    await expect(verify(token, { maxAge: 0 })).rejects.toMatchObject({ reason: 'inactive' })
  })

  const introspect = async (token: string) => {
    const { clientId: client_id, clientSecret: client_secret } = issuer.client
    const body = new URLSearchParams({ token, client_id, client_secret })
    const response = await issuer.fetch('https://auth.test/introspect', { method: 'POST', body })
    return [response.status, await response.json()]
  }

  it.each(['x.y.z', 'a.b.=', 'a.b.~', '....', 'a.b.c.d.e', 'AAAA.AAAA.AAAA'])(
    'a token that was never issued is inactive: 401, no outage: %s',
    async (token) => {
      expect(await statusOf(token)).toBe(401)
      expect(await introspect(token)).toEqual([200, { active: false }])
    },
  )

  it('what is signed but has no claims is inactive', async () => {
    for (const claims of ['not JSON', '[]', 'null', '"text"']) {
      const token = await signParts({ alg: 'ES256' }, claims, issuer.keys[0] as SigningKey)
      expect(await introspect(token)).toEqual([200, { active: false }])
    }
  })

  it('wrong client credentials are the fault of the API, not of its caller', async () => {
    const client = { ...issuer.client, clientSecret: 'wrong' }
    const options = { issuer: { issuer: issuer.issuer, introspection: { client } } }
    expect(await statusOf(issuer.opaque(), options)).toBe(503)
  })
})

describe('the clock', () => {
  it('expires tokens when it is advanced', async () => {
    const [jwt, opaque] = [await issuer.jwt(), issuer.opaque()]
    issuer.clock.advance(400)
    expect([await statusOf(jwt), await statusOf(opaque)]).toEqual([401, 401])
    expect(await statusOf(await issuer.jwt())).toBe(200)
    issuer.clock.advance(-400)
    expect([await statusOf(jwt), await statusOf(opaque)]).toEqual([200, 200])
  })

  it('can be stopped', async () => {
    const past = await createTestIssuer({ now: 1_000_000_000 })
    expect(past.clock.now()).toBe(1_000_000_000)
    const token = await past.jwt()
    past.clock.advance(10)
    await expect(createResourceServer(past.options).verify(token)).resolves.toMatchObject({ expiresAt: 1_000_000_300 })
    past.clock.set(2_000_000_000)
    expect(past.clock.now()).toBe(2_000_000_000)
  })
})

describe('switched by a method', () => {
  /** A token whose verification needs a part. */
  const tokenFor = (part: Part) => (part === 'introspection' ? issuer.opaque() : issuer.jwt())

  for (const part of ['metadata', 'keys', 'introspection'] as const) {
    it(`${part} goes down and recovers`, async () => {
      issuer.goDown(part)
      expect(await statusOf(await tokenFor(part))).toBe(503)
      issuer.recover(part)
      expect(await statusOf(await tokenFor(part))).toBe(200)
    })

    it(`${part} responds too slowly, or slowly`, async () => {
      issuer.respondSlowly('never', part)
      expect(await statusOf(await tokenFor(part), hasty())).toBe(503)
      issuer.respondSlowly(20, part)
      expect(await statusOf(await tokenFor(part))).toBe(200)
    })

    it(`${part} is held, and released`, async () => {
      const held = issuer.holdResponses(part)
      const statuses = [statusOf(await tokenFor(part)), statusOf(await tokenFor(part))]
      await until(() => held.waiting() === 2, 'both wait')
      held.releaseOne()
      expect(await Promise.race(statuses)).toBe(200)
      held.release()
      expect(await Promise.all(statuses)).toEqual([200, 200])
      expect(await statusOf(await tokenFor(part))).toBe(200)
    })

    it.each(wrongResponsesFor(part))(`${part} responds with %s`, async (wrong) => {
      issuer.respondWith(wrong, part)
      expect(await statusOf(await tokenFor(part))).toBe(503)
    })

    it(`${part} responds as a function says`, async () => {
      issuer.respondWith(() => new Response('{}', { headers: { 'content-type': 'application/json' } }), part)
      expect(await statusOf(await tokenFor(part))).toBe(503)
    })
  }

  it('all parts go down', async () => {
    const token = await issuer.jwt()
    issuer.goDown()
    expect(await statusOf(token)).toBe(503)
    issuer.recover()
    expect(await statusOf(token)).toBe(200)
  })

  it('a wrong response that fits only another part is a mistake in the test', () => {
    expect(() => issuer.respondWith('client_refused', 'keys')).toThrow(
      'there is no wrong response "client_refused" for keys',
    )
  })
})

describe('several issuers', () => {
  it('share one fetch', async () => {
    const other = await createTestIssuer({ issuer: 'https://other.test/tenant', resource: issuer.resource })
    const both = createResourceServer({
      resource: issuer.resource,
      issuer: [issuer.issuer, other.issuer],
      fetch: fetchOf(issuer, other),
    })
    expect((await both.verify(await issuer.jwt())).issuer).toBe('https://auth.test')
    expect((await both.verify(await other.jwt())).issuer).toBe('https://other.test/tenant')
    await expect(fetchOf(issuer)('https://other.test/tenant/jwks')).rejects.toThrow(TypeError)
  })

  it.each([[['', '/a', '/a/b']], [['/a/b', '/a', '']]])(
    'serves several on one origin, by path (RFC 8414 §3.1): %j',
    async (paths) => {
      const all = await Promise.all(paths.map((path) => createTestIssuer({ path })))
      const server = createResourceServer({
        resource: 'https://api.test',
        issuer: all.map(({ issuer }) => issuer),
        fetch: fetchOf(...all),
      })
      const tokens = await Promise.all(all.map((one) => one.jwt()))
      const issuers = await Promise.all(tokens.map(async (token) => (await server.verify(token)).issuer))
      expect(issuers).toEqual(all.map(({ issuer }) => issuer))
      expect(all.map(({ requests }) => requests.other)).toEqual([0, 0, 0])
    },
  )
})

describe('on a socket', () => {
  let listening: TestIssuer | undefined
  afterEach(() => listening?.stop())

  it('serves an API that fetches over the network', async () => {
    listening = await createTestIssuer({ server: createServer(), path: '/tenant' })
    expect(listening.issuer).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/tenant$/)
    const { introspectingOptions } = listening
    const real = createResourceServer({ ...introspectingOptions, fetch: globalThis.fetch })
    expect((await real.verify(await listening.jwt())).subject).toBe('user-1')
    expect((await real.verify(listening.opaque())).subject).toBe('user-1')
    expect(listening.requests).toMatchObject({ metadata: 1, keys: 1, introspection: 1 })
  })

  it('breaks connections while it is down, and refuses them while it is stopped', async () => {
    listening = await createTestIssuer({ server: createServer() })
    const url = `${listening.issuer}/jwks`
    const ask = async () => (await fetch(url)).status
    expect(await ask()).toBe(200)
    listening.goDown()
    await expect(ask()).rejects.toThrow()
    listening.recover()
    await listening.stop()
    await expect(ask()).rejects.toThrow()
    await listening.start()
    expect(await ask()).toBe(200)
  })
})
