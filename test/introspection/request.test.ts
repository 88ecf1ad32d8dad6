import { createResourceServer } from 'bearward'
import { describe, expect, it } from 'vitest'
import { CLIENT, createIntrospectionEndpoint, opaqueToken } from '../support/issuer/introspection-endpoint.ts'
import { json, RESOURCE } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'
import { introspectionOf, useBench } from './kit.ts'

// I1: the introspection request, and where it goes.

const bench = useBench()

describe('the introspection request (RFC 7662 §2.1)', () => {
  it('is a form POST with token and token_type_hint, and accepts JSON', async () => {
    const token = bench.opaque()
    expect((await send(bench.server(), token)).status).toBe(200)
    const [request] = bench.endpoint.requests
    expect(bench.endpoint.calls()).toBe(1)
    expect(request?.method).toBe('POST')
    expect(request?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded(;\s*charset=utf-8)?$/i)
    expect(request?.headers.accept).toMatch(/(^|,\s*)application\/json($|[,;])/)
    expect(request?.body).toBe(`token=${token}&token_type_hint=access_token`)
  })

  it('encodes every token68 character (RFC 6749 Appendix B)', async () => {
    const token = 'AZaz09-._~+/x=='
    bench.opaque({}, token)
    expect((await send(bench.server(), token)).status).toBe(200)
    expect(bench.endpoint.requests[0]?.token).toBe(token)
    expect(bench.endpoint.requests[0]?.body).toContain('%2B%2Fx%3D%3D')
  })

  it('does not follow redirects of any kind', async () => {
    const elsewhere = await createIntrospectionEndpoint()
    try {
      elsewhere.accepts = () => true
      const token = bench.opaque()
      elsewhere.responses.set(token, bench.endpoint.responses.get(token))
      for (const code of [301, 302, 303, 307, 308]) {
        bench.endpoint.reply = (_request, response) => response.writeHead(code, { location: elsewhere.url }).end()
        expect((await send(bench.server(), token)).status, String(code)).toBe(503)
      }
      expect(elsewhere.calls()).toBe(0)
      expect(elsewhere.strays).toEqual([])
      expect(bench.endpoint.calls()).toBe(5)
    } finally {
      await elsewhere.stop()
    }
  })

  it('accepts every JSON media type, with parameters (RFC 7662 §2.2, RFC 6839 §3.1)', async () => {
    for (const type of [
      'application/json; charset=utf-8',
      'Application/JSON',
      'application/token-introspection+json',
    ]) {
      bench.endpoint.reply = (_request, response, { token }) =>
        json(response, bench.endpoint.responses.get(token), { 'content-type': type })
      expect((await send(bench.server(), bench.opaque())).status, type).toBe(200)
    }
  })
})

describe('the endpoint', () => {
  const discovering = { introspection: { client: CLIENT, deadline: 5 } }

  it('is discovered (RFC 8414 §2)', async () => {
    expect((await send(bench.server({}, discovering), bench.opaque())).status).toBe(200)
    expect(bench.issuer.hits.metadata).toBe(1)
    expect(bench.issuer.hits.keys).toBe(0)
  })

  it('is discovered once for many introspection requests', async () => {
    const server = bench.server({}, discovering)
    for (let round = 0; round < 5; round++) expect((await send(server, bench.opaque())).status).toBe(200)
    expect(bench.issuer.hits.metadata).toBe(1)
    expect(bench.endpoint.calls()).toBe(5)
  })

  it('given as a URL needs no discovery', async () => {
    bench.issuer.onMetadata = (_request, response) => response.writeHead(500).end()
    expect((await send(bench.server(), bench.opaque())).status).toBe(200)
    expect(bench.issuer.hits).toEqual({ metadata: 0, keys: 0, other: 0 })
  })

  it('given as a URL says nothing about the metadata if it fails: the keys do not need it again', async () => {
    const server = bench.server({}, { jwksCache: { cooldown: 1 } })
    expect((await send(server, await bench.issuer.sign())).status).toBe(200)
    bench.endpoint.reply = (_request, response) => response.writeHead(404).end()
    expect((await send(server, bench.opaque())).status).toBe(503)
    const next = await bench.issuer.rotate()
    expect((await send(server, await bench.issuer.sign({}, {}, next))).status).toBe(200)
    expect(bench.issuer.hits).toMatchObject({ metadata: 1, keys: 2 })
  })

  const BAD_METADATA: Readonly<Record<string, (issuer: string, endpoint: string) => object>> = {
    'no endpoint': (issuer) => ({ issuer }),
    'an endpoint that is not a URL': (issuer) => ({ issuer, introspection_endpoint: '/introspect' }),
    'an endpoint that is not a string': (issuer, endpoint) => ({ issuer, introspection_endpoint: [endpoint] }),
    'an endpoint in plain http elsewhere': (issuer) => ({ issuer, introspection_endpoint: 'http://as.invalid/i' }),
    'an endpoint with a password': (issuer, endpoint) => ({
      issuer,
      introspection_endpoint: endpoint.replace('//', '//a:b@'),
    }),
    'the name of another issuer': (issuer, endpoint) => ({ issuer: `${issuer}/`, introspection_endpoint: endpoint }),
  }
  for (const [what, metadata] of Object.entries(BAD_METADATA)) {
    it(`metadata with ${what}: 503 and no introspection request (RFC 8414 §3.3)`, async () => {
      const { issuer, endpoint } = bench
      issuer.onMetadata = (_request, response) =>
        json(response, { jwks_uri: `${issuer.url}/jwks`, ...metadata(issuer.url, endpoint.url) })
      const server = bench.server({}, discovering)
      expect(await send(server, bench.opaque())).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
      expect(endpoint.calls()).toBe(0)
      expect(introspectionOf(server)?.lastError).toMatchObject({
        code: 'discovery',
        message: 'no introspection endpoint was discovered',
        cause: { name: 'UpstreamError' },
      })
    })
  }

  it.each([
    ['bearer', 'the introspection_endpoint is not https'],
    ['none', 'the mtls_introspection_endpoint is not https'],
  ] as const)('the problem names the member of the metadata, for the client method %s', async (method, problem) => {
    const { issuer } = bench
    const plain = { issuer: issuer.url, introspection_endpoint: 'http://as.invalid/i' }
    issuer.onMetadata = (_request, response) => json(response, { jwks_uri: `${issuer.url}/jwks`, ...plain })
    const client = method === 'none' ? { method, clientId: 'orders' } : { method, token: 't' }
    const server = bench.server({}, { introspection: { ...discovering.introspection, client } })
    expect((await send(server, bench.opaque())).status).toBe(503)
    expect(introspectionOf(server)?.lastError?.cause).toMatchObject({ message: expect.stringContaining(problem) })
  })

  it.each([
    [404, 2],
    [405, 2],
    [410, 2],
    [403, 1],
    [501, 1],
  ])('that responds with status %i: discovered %i times, because it may have moved', async (status, times) => {
    const server = bench.server({}, discovering)
    expect((await send(server, bench.opaque())).status).toBe(200)
    const { endpoint } = bench
    endpoint.reply = (_request, response) => response.writeHead(status).end()
    expect((await send(server, bench.opaque())).status).toBe(503)
    endpoint.reply = endpoint.respondByToken
    expect((await send(server, bench.opaque())).status).toBe(200)
    expect(bench.issuer.hits.metadata).toBe(times)
  })

  it.each([429, 503])('is not discovered before the end of a Retry-After, with status %i (SPEC 11)', async (status) => {
    bench.issuer.onMetadata = (_request, response) => response.writeHead(status, { 'retry-after': '30' }).end()
    const server = bench.server({}, discovering)
    for (let round = 0; round < 4; round++) {
      const { status: own, retryAfter = 0 } = await send(server, bench.opaque())
      expect([own, retryAfter > 25]).toEqual([503, true])
    }
    expect(bench.issuer.hits.metadata).toBe(1)
  })

  it('is found once the metadata is corrected', async () => {
    const { onMetadata } = bench.issuer
    bench.issuer.onMetadata = (_request, response) => response.writeHead(500).end()
    const server = bench.server({ breaker: { delay: 0.05 } }, discovering)
    const token = bench.opaque()
    expect((await send(server, token)).status).toBe(503)
    bench.issuer.onMetadata = onMetadata
    await expect.poll(async () => (await send(server, token)).status, { timeout: 10_000 }).toBe(200)
  })

  it('at the issuer is reached where the issuer is reached (internalUrl)', async () => {
    const name = 'https://auth.example.com'
    const { endpoint } = bench
    const inside = await createIntrospectionEndpoint('/realm/introspect')
    try {
      inside.responses.set('a-token', { ...(endpoint.responses.get(bench.opaque()) as object) })
      bench.issuer.onMetadata = (_request, response) =>
        json(response, { issuer: name, jwks_uri: `${name}/jwks`, introspection_endpoint: `${name}/introspect` })
      const hosts: string[] = []
      const server = createResourceServer({
        resource: RESOURCE,
        issuer: { issuer: name, internalUrl: bench.issuer.url, introspection: { client: CLIENT, deadline: 5 } },
        fetch: (input, init) => {
          hosts.push(new URL(String(input)).origin)
          const url = String(input).replace(`${bench.issuer.url}/introspect`, inside.url)
          return fetch(url, init)
        },
      })
      expect((await send(server, 'a-token')).status).toBe(200)
      expect(new Set(hosts)).toEqual(new Set([bench.issuer.url]))
      expect(inside.calls()).toBe(1)
    } finally {
      await inside.stop()
    }
  })

  it('asks a fetch that caches, such as that of Next.js, for a fresh response (I4, RFC 7662 §4)', async () => {
    const caching: unknown[] = []
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: bench.issuer.url, introspection: { endpoint: bench.endpoint.url, client: CLIENT } },
      fetch: (input, init) => {
        caching.push((init as { next?: unknown }).next)
        return fetch(input, init)
      },
    })
    expect((await send(server, bench.opaque())).status).toBe(200)
    expect(caching.length).toBeGreaterThan(0)
    expect(new Set(caching.map((one) => JSON.stringify(one)))).toEqual(new Set(['{"revalidate":0}']))
  })

  it('of one issuer never receives tokens of others: a foreign JWT is not sent', async () => {
    const stranger = await bench.issuer.sign({ iss: 'https://stranger.example' })
    expect(await send(bench.server(), stranger)).toMatchObject({ status: 401, reason: 'issuer' })
    expect((await send(bench.server(), opaqueToken())).reason).toBe('inactive')
    expect(bench.endpoint.calls()).toBe(1)
  })
})
