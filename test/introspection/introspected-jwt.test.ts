import { allOf, anyOf, ConfigurationError, createResourceServer, introspected, scope } from 'bearward'
import { describe, expect, it } from 'vitest'
import { activeResponse, CLIENT } from '../support/issuer/introspection-endpoint.ts'
import { createSigningKey, RESOURCE } from '../support/issuer/issuer.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { requestWith, send, tally, until } from '../support/upstream/requests.ts'
import { together, useBench } from './kit.ts'

// I9, M3: a JWT is verified locally first, then introspected where a route requires it.

const bench = useBench()
const clock = useMonotonicClock()
const strict = introspected({ maxAge: 5 })

const NO_LISTS = { entries: 0, stale: 0, lastError: undefined }
const ALWAYS_VALID = {
  attach: () => ({ isValid: () => true, check: async () => undefined, state: () => NO_LISTS }),
}

/** A signed token for which the endpoint has a response. */
/** A new token each time, even where the signature of ES256 does not contain a random number, as on Deno. */
async function jwtWith(claims: Record<string, unknown> = {}, response: Record<string, unknown> | false = {}) {
  const token = await bench.issuer.sign({ serial: crypto.randomUUID(), ...claims })
  bench.endpoint.responses.set(token, response === false ? { active: false } : activeResponse(response))
  return token
}

describe('a JWT on a route with introspected() (RFC 7662 §4)', () => {
  it('is introspected, and on other routes it is not', async () => {
    const server = bench.server()
    const token = await jwtWith()
    expect((await send(server, token, scope('read:orders'))).status).toBe(200)
    expect(bench.endpoint.calls()).toBe(0)
    expect((await send(server, token, scope('read:orders'), strict)).status).toBe(200)
    expect((await send(server, token, strict)).status).toBe(200)
    expect(bench.endpoint.calls(token)).toBe(1)
    clock.advance(5.1)
    expect((await send(server, token, strict)).status).toBe(200)
    expect(bench.endpoint.calls(token)).toBe(2)
    expect((await send(server, token)).status).toBe(200)
    expect(bench.endpoint.calls(token)).toBe(2)
  })

  it('that was revoked is 401 there, and valid elsewhere until it expires', async () => {
    const server = bench.server()
    const token = await jwtWith({}, false)
    expect(await send(server, token, strict)).toMatchObject({ status: 401, reason: 'inactive' })
    expect((await send(server, token)).status).toBe(200)
  })

  it('stays a JWT for the handler', async () => {
    const token = await jwtWith({ custom: 'from the token' })
    const seen = await bench.server().verify(token, { maxAge: 5 })
    expect(seen).toMatchObject({ format: 'jwt', issuer: bench.issuer.url, subject: 'user-1' })
  })

  it.each([
    ['within the clock tolerance', () => ({ exp: Math.floor(Date.now() / 1000) - 5 }), {}],
    ['of an issuer with status lists', () => ({}), { statusList: ALWAYS_VALID }],
  ])('%s keeps only what the response leaves it, for later guards of the request too', async (_, claims, options) => {
    const server = bench.server({}, options)
    const token = await jwtWith({ ...claims(), scope: 'read:orders admin' }, { scope: 'read:orders', exp: undefined })
    const request = requestWith(token)
    await server.authenticate(request, [strict])
    await server.authenticate(request, [scope('read:orders')])
    await expect(server.authenticate(request, [scope('admin')])).rejects.toMatchObject({ reason: 'scope' })
    expect((await send(server, token, scope('admin'))).status).toBe(200)
    expect(bench.endpoint.calls()).toBe(1)
  })

  it('1,000 at once: one introspection request', async () => {
    const server = bench.server()
    const token = await jwtWith()
    expect(tally(await together(1000, () => send(server, token, strict)))).toEqual({ 200: 1000 })
    expect(bench.endpoint.calls()).toBe(1)
  })

  it('is refused if the response is about another token: audience, issuer, binding, type', async () => {
    const server = bench.server()
    for (const [response, reason] of [
      [{ aud: 'https://other.example' }, 'audience'],
      [{ iss: 'https://other.example' }, 'issuer'],
      [{ cnf: { jkt: 'x' } }, 'confirmation'],
      [{ token_type: 'refresh_token' }, 'token_type'],
      [{ exp: 1 }, 'expired'],
    ] as const) {
      expect(await send(server, await jwtWith({}, response), strict)).toMatchObject({ status: 401, reason })
    }
  })

  it('is refused if the response names another subject, client or ID; it need not name them (RFC 7662 §2.2)', async () => {
    const server = bench.server()
    const jwt = { sub: 'user-1', client_id: 'client-1', jti: 'id-1' }
    const silent = { sub: undefined, client_id: undefined, jti: undefined }
    for (const response of [jwt, silent, { ...silent, azp: 'client-1' }]) {
      expect((await send(server, await jwtWith(jwt, response), strict)).status).toBe(200)
    }
    for (const [response, claim] of [
      [{ sub: 'user-2' }, 'sub'],
      [{ sub: '' }, 'sub'],
      [{ client_id: 'client-2' }, 'client_id'],
      [{ client_id: undefined, azp: 'client-2' }, 'azp'],
      [{ jti: 'id-2' }, 'jti'],
    ] as const) {
      const outcome = await send(server, await jwtWith(jwt, response), strict)
      expect(outcome).toMatchObject({ status: 401, reason: 'claims' })
      expect(bench.log.of('decision').at(-1)).toMatchObject({ claim })
    }
    // Not contradicted: the token has none of its own.
    const bare = await jwtWith({ sub: undefined, client_id: undefined, jti: undefined }, { jti: 'id-2' })
    expect((await send(server, bare, strict)).status).toBe(200)
  })

  it('whose client is in azp is compared with either claim', async () => {
    const server = bench.server()
    const jwt = { client_id: undefined, azp: 'client-1' }
    expect((await send(server, await jwtWith(jwt, { client_id: 'client-1' }), strict)).status).toBe(200)
    expect(await send(server, await jwtWith(jwt, { client_id: 'client-2' }), strict)).toMatchObject({ status: 401 })
  })

  it('is refused if the response names a client that is not listed (J13)', async () => {
    const server = bench.server({}, { clients: ['client-1'] })
    const jwt = { client_id: 'client-1' }
    expect((await send(server, await jwtWith(jwt, { client_id: undefined }), strict)).status).toBe(200)
    for (const response of [{ client_id: 'client-2' }, { client_id: undefined, azp: 'client-2' }]) {
      const outcome = await send(server, await jwtWith(jwt, response), strict)
      expect(outcome).toMatchObject({ status: 401, reason: 'client' })
    }
  })

  it('with an endpoint that is down: 503 there, and other routes are not affected', async () => {
    bench.endpoint.reply = (_request, response) => response.writeHead(400).end()
    const server = bench.server()
    const token = await jwtWith()
    expect(await send(server, token, strict)).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
    expect((await send(server, token)).status).toBe(200)
  })

  it('that fails a local check is 401 and not introspected (RFC 9068 §4)', async () => {
    const server = bench.server()
    const stranger = await createSigningKey('ES256', bench.issuer.keys[0]?.kid)
    const bad: Readonly<Record<string, Promise<string>>> = {
      signature: bench.issuer.sign({}, {}, stranger),
      expired: jwtWith({ exp: 1 }),
      audience: jwtWith({ aud: 'x' }),
      issuer: jwtWith({ iss: 'https://stranger.example' }),
      confirmation: jwtWith({ cnf: {} }),
      token_type: jwtWith({}).then(() => bench.issuer.sign({}, { typ: 'logout+jwt' })),
    }
    for (const [reason, token] of Object.entries(bad)) {
      expect(await send(server, await token, strict), reason).toMatchObject({ status: 401, reason })
    }
    expect(bench.endpoint.calls()).toBe(0)
  })
})

describe('introspected() that cannot be satisfied (A6)', () => {
  const problem = (mount: () => unknown): ConfigurationError => {
    try {
      mount()
    } catch (thrown) {
      if (thrown instanceof ConfigurationError) return thrown
    }
    throw new Error('no ConfigurationError')
  }

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '5', null, undefined])('a maxAge of %s', (maxAge) => {
    expect(problem(() => introspected({ maxAge: maxAge as number })).option).toMatch(/^introspected/)
  })

  it('missing options and unknown options', () => {
    expect(problem(() => (introspected as (options?: unknown) => unknown)()).option).toMatch(/^introspected/)
    expect(problem(() => introspected({ maxAge: 1, age: 2 } as never)).option).toMatch(/^introspected/)
  })

  it('an issuer without introspection: at mount, naming what is missing', () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: bench.issuer.url })
    expect(problem(() => server.guards(strict)).message).toMatch(/introspection/)
  })

  it('one such issuer among others is enough', () => {
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: [
        { issuer: bench.issuer.url, introspection: { endpoint: bench.endpoint.url, client: CLIENT } },
        'https://other.example',
      ],
    })
    expect(problem(() => server.guards(strict)).message).toMatch(/introspection/)
  })

  it('under allOf it is found', () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: bench.issuer.url })
    problem(() => server.guards(allOf(scope('a'), strict)))
  })

  it('an issuer with introspect can be used', () => {
    const server = bench.verifying(() => ({ active: false }))
    expect(() => server.guards(strict)).not.toThrow()
  })

  it('inside anyOf, at any depth: whether it applies would depend on the others', () => {
    for (const make of [
      () => anyOf(scope('a'), strict),
      () => anyOf(strict),
      () => anyOf(scope('a'), allOf(scope('b'), strict)),
      () => allOf(anyOf(anyOf(strict))),
    ]) {
      expect(problem(() => bench.server().guards(make())).message).toMatch(/fresh|anyOf/)
    }
  })
})

it('a JWT counts as seen: unseen tokens leave it half of the requests (I14)', async () => {
  const server = bench.server({ maxConcurrent: 2 })
  const responses: (() => void)[] = []
  bench.endpoint.reply = (_request, response) => {
    responses.push(() =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(activeResponse())),
    )
  }
  const jwt = await bench.issuer.sign()
  await server.verify(jwt)
  const unseen = [bench.opaque(), bench.opaque()].map((token) => send(server, token))
  const seen = send(server, jwt, introspected({ maxAge: 0 }))
  await until(() => responses.length === 2)
  expect(bench.endpoint.calls(jwt)).toBe(1)
  for (const respond of responses.splice(0)) respond()
  expect((await seen).status).toBe(200)
  await until(() => responses.length === 1)
  for (const respond of responses) respond()
  expect((await Promise.all(unseen)).map(({ status }) => status)).toEqual([200, 200])
})
