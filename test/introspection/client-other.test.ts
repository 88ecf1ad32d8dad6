import { describe, expect, it } from 'vitest'
import { json } from '../support/issuer/issuer.ts'
import { send, tally } from '../support/upstream/requests.ts'
import { introspectionOf, together, useBench } from './kit.ts'

// I1: a client that authenticates with its own token or a certificate.

const bench = useBench()
const sent = () => bench.endpoint.requests.map(({ headers }) => headers.authorization)

describe('bearer (RFC 7662 §2.1)', () => {
  it('the token is in the Authorization header, and the body has only the introspection parameters', async () => {
    bench.endpoint.accepts = ({ headers }) => headers.authorization === 'Bearer our-own-token'
    const token = bench.opaque()
    expect((await send(bench.server({ client: { method: 'bearer', token: 'our-own-token' } }), token)).status).toBe(200)
    expect(Object.fromEntries(bench.endpoint.requests[0]?.form ?? [])).toEqual({
      token,
      token_type_hint: 'access_token',
    })
  })

  it('a function is called for each request and may return a promise', async () => {
    bench.endpoint.accepts = () => true
    let created = 0
    const plain = bench.server({ client: { method: 'bearer', token: () => `own-${++created}` } })
    const later = bench.server({ client: { method: 'bearer', token: async () => `own-${++created}` } })
    for (const server of [plain, plain, later, later]) expect((await send(server, bench.opaque())).status).toBe(200)
    expect(sent()).toEqual(['Bearer own-1', 'Bearer own-2', 'Bearer own-3', 'Bearer own-4'])
  })

  it('the state has the reason if there is no token', async () => {
    const cause = new Error('no token today')
    const failing = bench.server({ client: { method: 'bearer', token: () => Promise.reject(cause) } })
    await send(failing, bench.opaque())
    const message = 'the access token for introspection could not be obtained'
    expect(introspectionOf(failing)?.lastError).toMatchObject({ code: 'network', message, cause })
    const empty = bench.server({ client: { method: 'bearer', token: () => '' } })
    await send(empty, bench.opaque())
    const invalid = 'the access token for introspection is not a valid token'
    expect(introspectionOf(empty)?.lastError).toMatchObject({ code: 'shape', message: invalid })
  })

  const OUT_OF_ORDER: Readonly<Record<string, () => string | Promise<string>>> = {
    throws: () => {
      throw new Error('no token today')
    },
    rejects: () => Promise.reject(new Error('no token today')),
    'returns nothing': () => undefined as unknown as string,
    'returns an empty text': () => '',
    'returns what no header can carry': () => 'a\r\nX-More: 1',
    'returns characters a token68 does not have': () => 'ä b',
  }
  for (const [what, token] of Object.entries(OUT_OF_ORDER)) {
    it(`a function that ${what}: 503, nothing is sent, and nothing is cached (RFC 6750 §2.1)`, async () => {
      let broken = true
      const client = { method: 'bearer', token: () => (broken ? token() : 'good') } as const
      bench.endpoint.accepts = () => true
      const server = bench.server({ client })
      const opaque = bench.opaque()
      expect(await send(server, opaque)).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
      expect(bench.endpoint.calls()).toBe(0)
      broken = false
      expect((await send(server, opaque)).status).toBe(200)
    })
  }

  it('a function that never resolves takes the deadline and no longer', async () => {
    const client = { method: 'bearer', token: () => new Promise<string>(() => undefined) } as const
    const outcome = await send(bench.server({ client, deadline: 0.3 }), bench.opaque())
    expect(outcome).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
    expect(outcome.milliseconds).toBeLessThan(5000)
  })
})

describe('none: a certificate on the connection (RFC 8705 §2)', () => {
  it('client_id is in the body, and no header authenticates the client', async () => {
    bench.endpoint.accepts = () => true
    const token = bench.opaque()
    const server = bench.server({ client: { method: 'none', clientId: 'orders api' } })
    expect((await send(server, token)).status).toBe(200)
    expect(sent()).toEqual([undefined])
    expect(Object.fromEntries(bench.endpoint.requests[0]?.form ?? [])).toEqual({
      token,
      token_type_hint: 'access_token',
      client_id: 'orders api',
    })
  })

  it('uses the fetch of the application, which has the certificate', async () => {
    bench.endpoint.accepts = ({ headers }) => headers['x-certificate'] === 'ours'
    const own: typeof fetch = (input, init) => {
      const headers = new Headers(init?.headers)
      headers.set('x-certificate', 'ours')
      return fetch(input, { ...init, headers })
    }
    const server = bench.server({ client: { method: 'none', clientId: 'orders api' } }, {}, { fetch: own })
    expect((await send(server, bench.opaque())).status).toBe(200)
  })

  /** Metadata with an endpoint alias for mutual TLS, and another endpoint for other clients. */
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

  it('the mTLS endpoint alias takes precedence (RFC 8705 §5)', async () => {
    bench.endpoint.accepts = () => true
    publishAlias({ introspection_endpoint: bench.endpoint.url })
    expect((await send(discovering(), bench.opaque())).status).toBe(200)
    expect(bench.endpoint.strays).toEqual([])
  })

  it('a client with a secret does not use it', async () => {
    publishAlias({ introspection_endpoint: bench.endpoint.url })
    const { status } = await send(discovering({ client: { method: 'bearer', token: 't' } }), bench.opaque())
    expect(status).toBe(503)
    expect(bench.endpoint.calls()).toBe(0)
    expect(bench.endpoint.strays).not.toEqual([])
  })

  it('without an alias for introspection, the regular endpoint is used', async () => {
    bench.endpoint.accepts = () => true
    publishAlias({ token_endpoint: `${bench.endpoint.origin}/token` })
    await send(discovering(), bench.opaque())
    expect(new Set(bench.endpoint.strays)).toEqual(new Set(['/elsewhere']))
  })
})

it('every authentication method serves many tokens at once', async () => {
  bench.endpoint.accepts = () => true
  for (const client of [
    { method: 'client_secret_post', clientId: 'a', clientSecret: 'b' },
    { method: 'bearer', token: async () => 'own' },
    { method: 'none', clientId: 'a' },
  ] as const) {
    const server = bench.server({ client })
    expect(tally(await together(50, () => send(server, bench.opaque())))).toEqual({ 200: 50 })
  }
  expect(bench.endpoint.calls()).toBe(150)
})
