import { inspect } from 'node:util'
import { requireBearerAuth as requireBearerAuth2 } from '@modelcontextprotocol/express'
import * as errors from '@modelcontextprotocol/sdk/server/auth/errors.js'
import { requireBearerAuth as requireBearerAuth1 } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import { OAuthError, requireBearerAuth as requireBearerAuthFetch } from '@modelcontextprotocol/server'
import { ConfigurationError, createResourceServer } from 'bearward'
import { type McpErrors, mcpVerifier } from 'bearward/mcp'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { HOSTS, type HostOptions, type McpHost } from './mcp-servers.ts'

// The SDKs' own middleware, unmodified, with our verifier.

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterAll(() => issuer.stop())

let host: McpHost
const open: McpHost[] = []
afterEach(() => Promise.all(open.splice(0).map((one) => one.close())))

/** The middleware of each SDK, as its documentation mounts it. */
const GUARDS: Readonly<Record<'1.x' | '2.x', NonNullable<HostOptions['guard']>>> = {
  '1.x': ({ server }, url) => [
    requireBearerAuth1({
      verifier: mcpVerifier(server, errors),
      requiredScopes: ['read:orders'],
      resourceMetadataUrl: server.metadata.url,
      expectedResource: new URL(url),
    }),
  ],
  '2.x': ({ server }, url) => [
    requireBearerAuth2({
      verifier: mcpVerifier(server, { OAuthError }),
      requiredScopes: ['read:orders'],
      resourceMetadataUrl: server.metadata.url,
      expectedResource: new URL(url),
    }),
  ],
}

async function callTool(token?: string, tool = 'who_am_i') {
  const response = await fetch(host.url, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: {} } }),
  })
  return { status: response.status, challenge: response.headers.get('WWW-Authenticate'), body: await response.text() }
}

describe.each(['1.x', '2.x'] as const)('the bearer middleware of SDK %s', (generation) => {
  const start = async (options: Partial<HostOptions> = {}) => {
    host = await HOSTS[generation]({ issuer: issuer.url, guard: GUARDS[generation], ...options })
    open.push(host)
  }
  const sign = (claims: object = {}) => issuer.sign({ aud: host.url, ...claims })
  const metadata = () => `resource_metadata="${host.url.replace('/mcp', '/.well-known/oauth-protected-resource/mcp')}"`

  it('accepts a valid token, and tools see its user', async () => {
    await start()
    const token = await sign()
    const { status, body } = await callTool(token)
    expect([status, body]).toEqual([200, expect.stringContaining('user-1 with read:orders')])
    expect(host.seen[0]).toMatchObject({
      clientId: 'client-1',
      scopes: ['read:orders'],
      resource: new URL(host.url),
      extra: { issuer: issuer.url, subject: 'user-1', claims: { sub: 'user-1' } },
    })
    expect(host.seen[0]?.token).toBe(token)
    for (const output of [JSON.stringify(host.seen), inspect(host.seen, { depth: 9, showHidden: true })]) {
      expect(output).not.toContain(token)
    }
  })

  it.each<[string, object, string]>([
    ['has expired', { exp: 1 }, 'The access token has expired'],
    ['is for another resource', { aud: RESOURCE }, 'The access token is meant for another resource'],
    [
      'is from an untrusted issuer',
      { iss: 'https://stranger.example' },
      'The issuer of the access token is not trusted',
    ],
    [
      'is bound to a DPoP key, which the middleware cannot check (RFC 9449 §7.2)',
      { cnf: { jkt: 'A'.repeat(43) } },
      'The request does not prove possession of the key that the access token is bound to',
    ],
    [
      'is bound to a certificate (RFC 8705 §3)',
      { cnf: { 'x5t#S256': 'A'.repeat(43) } },
      'The request does not prove possession of the key that the access token is bound to',
    ],
  ])('refuses a token that %s with 401', async (_, claims, description) => {
    await start({ dpop: 'accept', mtls: 'accept' })
    const { status, challenge } = await callTool(await sign(claims))
    expect(status).toBe(401)
    expect(challenge).toBe(
      `Bearer error="invalid_token", error_description="${description}", scope="read:orders", ${metadata()}`,
    )
    expect(host.seen).toEqual([])
  })

  it('refuses a token with insufficient scope with 403', async () => {
    await start()
    const { status, challenge } = await callTool(await sign({ scope: 'write:orders' }))
    expect([status, challenge]).toEqual([403, expect.stringContaining('error="insufficient_scope"')])
    expect(challenge).toContain(`scope="read:orders", ${metadata()}`)
  })

  it('includes implied scopes', async () => {
    await start({ scopes: { 'write:orders': ['read:orders'] } })
    expect((await callTool(await sign({ scope: 'write:orders' }))).status).toBe(200)
    expect(host.seen).toMatchObject([{ scopes: ['write:orders', 'read:orders'] }])
  })

  it('does not blame the caller if we cannot decide: 500, since the SDK has no 503', async () => {
    await start()
    const token = await sign()
    await issuer.stop()
    try {
      const { status, challenge, body } = await callTool(token)
      expect([status, challenge]).toEqual([500, null])
      expect(JSON.parse(body)).toEqual({
        error: 'server_error',
        error_description: 'The keys of the authorization server cannot be loaded',
      })
    } finally {
      await issuer.start()
    }
  })

  it('reports our own error as ours, without details', async () => {
    await start({
      issuer: {
        issuer: issuer.url,
        audience: null,
        introspect: () => ({ active: true, sub: 'user-1', scope: 'read:orders', exp: 9e9 }),
      },
      clock: () => Number.NaN,
    })
    const { status, challenge, body } = await callTool('opaque')
    expect([status, challenge, body.includes('clock')]).toEqual([500, null, false])
  })

  it('refuses a token without expiry, as the SDK requires, and one with another audience', async () => {
    const verify = (token: string) => ({
      active: true,
      sub: 'user-1',
      scope: 'read:orders',
      ...JSON.parse(atob(token)),
    })
    await start({ issuer: { issuer: issuer.url, audience: null, introspect: verify } })
    const opaque = (claims: object) => callTool(btoa(JSON.stringify(claims)).replaceAll('=', ''))
    expect(await opaque({ aud: host.url })).toMatchObject({
      status: 401,
      challenge: expect.stringContaining('Token has no expiration time'),
    })
    expect(await opaque({ exp: 9_999_999_999 })).toMatchObject({
      status: 401,
      challenge: expect.stringContaining('Token was not issued for this resource'),
    })
    expect(await opaque({ exp: 9_999_999_999, aud: host.url })).toMatchObject({ status: 200 })
    expect(host.seen).toMatchObject([{ clientId: '', extra: { subject: 'user-1' } }])
  })
})

describe('a standalone verifier', () => {
  it('works with the fetch middleware of SDK 2.x, and exposes its resource server', async () => {
    const verifier = mcpVerifier({ resource: RESOURCE, issuer: issuer.url }, { OAuthError })
    const gate = requireBearerAuthFetch({ verifier })
    const ask = (token: string) => gate(new Request(RESOURCE, { headers: { authorization: `Bearer ${token}` } }))
    expect(await ask(await issuer.sign())).toMatchObject({ scopes: ['read:orders'] })
    expect(await ask(await issuer.sign({ exp: 1 }))).toMatchObject({ status: 401 })
    expect(verifier.server.state().ready).toBe(true)
    verifier.server.close()
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['only one of them', { InvalidTokenError: errors.InvalidTokenError }],
    ['an unrelated namespace', { default: class {} }],
  ])('rejects %s as the errors of the SDK', (_, value) => {
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    expect(() => mcpVerifier(server, value as McpErrors)).toThrow(ConfigurationError)
  })
})
