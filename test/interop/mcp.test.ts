import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createTestIssuer, type TestIssuer } from '../support/issuer/issuer.ts'
import { type OidcProvider, startOidcProvider } from '../support/oidc-provider/oidc-provider.ts'
import { CLIENTS, type McpClient } from './mcp-clients.ts'
import { HOSTS, type HostOptions, type McpHost } from './mcp-servers.ts'

// MCP authorization 2026-07-28, end to end: the clients and servers of both SDKs, unmodified, with oidc-provider as the
// authorization server. Only the URL of the MCP endpoint is configured.

let provider: OidcProvider
let issuer: TestIssuer
beforeAll(async () => {
  provider = await startOidcProvider({
    clients: [],
    scopes: ['read:orders', 'write:orders'],
    tokensOf: () => ({ format: 'jwt' }),
    registration: true,
  })
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterAll(() => Promise.all([provider.stop(), issuer.stop()]))

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

const GENERATIONS = ['1.x', '2.x'] as const
const PAIRS = GENERATIONS.flatMap((server) => GENERATIONS.map((client) => ({ server, client })))

describe.each(PAIRS)('a client of SDK $client at a server of SDK $server (N2)', ({ server, client: generation }) => {
  async function start(options: HostOptions = { issuer: provider.issuer }) {
    const host = await HOSTS[server](options)
    const client = CLIENTS[generation](host.url)
    open.push(host, client)
    return { host, client }
  }

  async function signedIn(): Promise<{ host: McpHost; client: McpClient }> {
    const { host, client } = await start()
    await expect(client.connect()).rejects.toThrow('Unauthorized')
    await client.signIn()
    await client.connect()
    return { host, client }
  }

  const metadataOf = ({ url }: McpHost) => url.replace('/mcp', '/.well-known/oauth-protected-resource/mcp')

  it('gets from a bare 401 to a tool: metadata, registration, PKCE, resource (RFC 9728 §5)', async () => {
    const { host, client } = await start()
    const before = provider.requests.length
    await expect(client.connect()).rejects.toThrow('Unauthorized')
    expect(host.responses).toEqual([
      {
        request: 'POST /mcp',
        status: 401,
        challenge: `Bearer realm="${host.url}", scope="read:orders", resource_metadata="${metadataOf(host)}"`,
      },
      { request: 'GET /.well-known/oauth-protected-resource/mcp', status: 200, challenge: undefined },
    ])
    expect(provider.requests.slice(before)).toEqual(['/.well-known/oauth-authorization-server', '/reg'])

    const goTo = await client.signIn()
    expect(Object.fromEntries(goTo.searchParams)).toMatchObject({
      client_id: client.memory.stored.client?.client_id,
      code_challenge_method: 'S256',
      resource: host.url,
      scope: 'read:orders',
    })
    await client.connect()
    expect(await client.call('who_am_i')).toBe('alice with read:orders')
    expect(host.seen).toMatchObject([
      {
        clientId: client.memory.stored.client?.client_id,
        scopes: ['read:orders'],
        resource: new URL(host.url),
        resourceMetadataUrl: metadataOf(host),
        expiresAt: expect.any(Number),
        extra: { issuer: provider.issuer, subject: 'alice', claims: { aud: host.url } },
      },
    ])
    expect(host.seen[0]?.token).toBe(client.memory.stored.tokens?.access_token)
  })

  it('is refused by a tool that requires more scope, asks the user, and calls it again (RFC 6750 §3.1)', async () => {
    const { host, client } = await signedIn()
    await expect(client.call('cancel_order')).rejects.toThrow('Unauthorized')
    const refused = host.responses.find(({ status }) => status === 403)
    expect(refused?.request).toBe('POST /mcp')
    expect(refused?.challenge).toMatch(/^Bearer .*\berror="insufficient_scope"/)
    expect(refused?.challenge).toContain('scope="read:orders write:orders"')
    expect(refused?.challenge).toContain(`resource_metadata="${metadataOf(host)}"`)
    expect(host.seen).toEqual([])

    const goTo = await client.signIn()
    expect(goTo.searchParams.get('scope')?.split(' ').sort()).toEqual(['read:orders', 'write:orders'])
    expect(await client.call('cancel_order')).toBe('alice with read:orders write:orders')
  })

  it('signs in again if its token is no longer valid', async () => {
    const { host, client } = await signedIn()
    const access_token = await issuer.sign({ aud: host.url })
    client.memory.stored.tokens = { token_type: 'Bearer', ...client.memory.stored.tokens, access_token }
    await expect(client.call('who_am_i')).rejects.toThrow('Unauthorized')
    expect(host.responses.filter(({ status }) => status === 401).at(-1)?.challenge).toContain('error="invalid_token"')
    await client.signIn()
    expect(await client.call('who_am_i')).toBe('alice with read:orders')
  })

  it('keeps its token, and does not ask the user, while we cannot decide (RFC 9110 §15.6.4)', async () => {
    const { host, client } = await start({ issuer: issuer.url })
    const token = await issuer.sign({ aud: host.url })
    client.memory.stored.tokens = { access_token: token, token_type: 'Bearer' }
    await issuer.stop()
    try {
      await expect(client.connect()).rejects.toThrow(/POSTing to endpoint/)
      expect(host.responses).toMatchObject([{ request: 'POST /mcp', status: 503, challenge: undefined }])
      expect(client.memory.stored).toMatchObject({ tokens: { access_token: token } })
      expect(client.memory.stored.goTo).toBeUndefined()
    } finally {
      await issuer.start()
    }
  })
})
