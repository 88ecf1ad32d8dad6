import { describe, expect, it } from 'vitest'
import { json } from '../support/issuer/issuer.ts'
import { ask, tally } from '../support/upstream/requests.ts'
import { together, useBench } from './kit.ts'

// SPEC I1: a client that brings a token of its own, or a certificate.

const bench = useBench()
const sent = () => bench.endpoint.questions.map(({ headers }) => headers.authorization)

describe('bearer (RFC 7662 §2.1)', () => {
  it('a token is in the field, and nothing but the question in the body', async () => {
    bench.endpoint.accepts = ({ headers }) => headers.authorization === 'Bearer our-own-token'
    const token = bench.opaque()
    expect((await ask(bench.server({ client: { method: 'bearer', token: 'our-own-token' } }), token)).status).toBe(200)
    expect(Object.fromEntries(bench.endpoint.questions[0]?.form ?? [])).toEqual({
      token,
      token_type_hint: 'access_token',
    })
  })

  it('a function is asked for each question, plain or with a promise', async () => {
    bench.endpoint.accepts = () => true
    let made = 0
    const plain = bench.server({ client: { method: 'bearer', token: () => `own-${++made}` } })
    const later = bench.server({ client: { method: 'bearer', token: async () => `own-${++made}` } })
    for (const server of [plain, plain, later, later]) expect((await ask(server, bench.opaque())).status).toBe(200)
    expect(sent()).toEqual(['Bearer own-1', 'Bearer own-2', 'Bearer own-3', 'Bearer own-4'])
  })

  const OUT_OF_ORDER: Readonly<Record<string, () => string | Promise<string>>> = {
    throws: () => {
      throw new Error('no token today')
    },
    rejects: () => Promise.reject(new Error('no token today')),
    'returns nothing': () => undefined as unknown as string,
    'returns an empty text': () => '',
    'returns what no field can carry': () => 'a\r\nX-More: 1',
    'returns characters a token68 does not have': () => 'ä b',
  }
  for (const [what, token] of Object.entries(OUT_OF_ORDER)) {
    it(`a function that ${what}: 503, nothing goes out, and nothing is remembered (RFC 6750 §2.1)`, async () => {
      let broken = true
      const client = { method: 'bearer', token: () => (broken ? token() : 'good') } as const
      bench.endpoint.accepts = () => true
      const server = bench.server({ client })
      const opaque = bench.opaque()
      expect(await ask(server, opaque)).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
      expect(bench.endpoint.calls()).toBe(0)
      broken = false
      expect((await ask(server, opaque)).status).toBe(200)
    })
  }

  it('a function that never answers costs the deadline and no more', async () => {
    const client = { method: 'bearer', token: () => new Promise<string>(() => undefined) } as const
    const outcome = await ask(bench.server({ client, deadline: 0.3 }), bench.opaque())
    expect(outcome).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
    expect(outcome.milliseconds).toBeLessThan(5000)
  })
})

describe('none: a certificate on the connection (RFC 8705 §2)', () => {
  it('client_id is in the body, and no field speaks for the client', async () => {
    bench.endpoint.accepts = () => true
    const token = bench.opaque()
    const server = bench.server({ client: { method: 'none', clientId: 'orders api' } })
    expect((await ask(server, token)).status).toBe(200)
    expect(sent()).toEqual([undefined])
    expect(Object.fromEntries(bench.endpoint.questions[0]?.form ?? [])).toEqual({
      token,
      token_type_hint: 'access_token',
      client_id: 'orders api',
    })
  })

  it('goes through the fetch of the application, which has the certificate', async () => {
    bench.endpoint.accepts = ({ headers }) => headers['x-certificate'] === 'ours'
    const own: typeof fetch = (input, init) => {
      const headers = new Headers(init?.headers)
      headers.set('x-certificate', 'ours')
      return fetch(input, { ...init, headers })
    }
    const server = bench.server({ client: { method: 'none', clientId: 'orders api' } }, {}, { fetch: own })
    expect((await ask(server, bench.opaque())).status).toBe(200)
  })

  /** Metadata that names the endpoint as an alias for mutual TLS, and another one for everybody else. */
  const publishAlias = (alias: unknown) => {
    const { issuer, endpoint } = bench
    issuer.onMetadata = (_request, response) =>
      json(response, {
        issuer: issuer.url,
        jwks_uri: `${issuer.url}/jwks`,
        introspection_endpoint: `${endpoint.origin}/elsewhere`,
        mtls_endpoint_aliases: alias,
      })
  }
  const discovering = (client: Parameters<typeof bench.server>[0] = {}) =>
    bench.server({}, { introspection: { deadline: 5, client: { method: 'none', clientId: 'orders api' }, ...client } })

  it('the alias for mutual TLS comes first (RFC 8705 §5)', async () => {
    bench.endpoint.accepts = () => true
    publishAlias({ introspection_endpoint: bench.endpoint.url })
    expect((await ask(discovering(), bench.opaque())).status).toBe(200)
    expect(bench.endpoint.strays).toEqual([])
  })

  it('a client with a secret does not go there', async () => {
    publishAlias({ introspection_endpoint: bench.endpoint.url })
    const { status } = await ask(discovering({ client: { method: 'bearer', token: 't' } }), bench.opaque())
    expect(status).toBe(503)
    expect(bench.endpoint.calls()).toBe(0)
    expect(bench.endpoint.strays).not.toEqual([])
  })

  it('without an alias for introspection the endpoint itself is asked', async () => {
    bench.endpoint.accepts = () => true
    publishAlias({ token_endpoint: `${bench.endpoint.origin}/token` })
    await ask(discovering(), bench.opaque())
    expect(new Set(bench.endpoint.strays)).toEqual(new Set(['/elsewhere']))
  })
})

it('every way of authenticating serves many tokens at once', async () => {
  bench.endpoint.accepts = () => true
  for (const client of [
    { method: 'client_secret_post', clientId: 'a', clientSecret: 'b' },
    { method: 'bearer', token: async () => 'own' },
    { method: 'none', clientId: 'a' },
  ] as const) {
    const server = bench.server({ client })
    expect(tally(await together(50, () => ask(server, bench.opaque())))).toEqual({ 200: 50 })
  }
  expect(bench.endpoint.calls()).toBe(150)
})
