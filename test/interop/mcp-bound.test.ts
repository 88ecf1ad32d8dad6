import { DpopSession } from '@modelcontextprotocol/client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type OidcProvider, startOidcProvider } from '../support/oidc-provider/oidc-provider.ts'
import { CLIENTS } from './mcp-clients.ts'
import { HOSTS, type McpHost } from './mcp-servers.ts'

// Sender-constrained tokens (RFC 9449), with the client of SDK 2.x, which supports DPoP.

let provider: OidcProvider
let host: McpHost
beforeAll(async () => {
  provider = await startOidcProvider({
    clients: [],
    scopes: ['read:orders', 'write:orders'],
    tokensOf: () => ({ format: 'jwt' }),
    registration: true,
  })
})
afterEach(() => host.close())
afterAll(() => provider.stop())

const nonce = { secret: 'one secret of at least thirty-two bytes' }

describe.each(['1.x', '2.x'] as const)('an MCP server of SDK %s that requires DPoP', (server) => {
  it.each([
    ['without nonces', { mode: 'require' } as const],
    ['with nonces of its own (RFC 9449 §9)', { mode: 'require', nonce } as const],
  ])('supports discovery, sign-in and calls with proofs, %s', async (_, dpop) => {
    host = await HOSTS[server]({ issuer: provider.issuer, dpop })
    const client = CLIENTS['2.x'](host.url, await DpopSession.create())
    await expect(client.connect()).rejects.toThrow('Unauthorized')
    expect(host.responses[0]?.challenge).toMatch(/^DPoP .*algs="[^"]*ES256/)
    await client.signIn()
    expect(client.memory.stored.tokens?.token_type).toBe('DPoP')
    await client.connect()
    expect(await client.call('who_am_i')).toBe('alice with read:orders')

    await expect(client.call('cancel_order')).rejects.toThrow('Unauthorized')
    await client.signIn()
    expect(await client.call('cancel_order')).toBe('alice with read:orders write:orders')
    await client.close()
  })

  it('refuses a stolen token without its key (RFC 9449 §7.2)', async () => {
    host = await HOSTS[server]({ issuer: provider.issuer, dpop: 'accept' })
    const owner = CLIENTS['2.x'](host.url, await DpopSession.create())
    await expect(owner.connect()).rejects.toThrow('Unauthorized')
    await owner.signIn()
    const thief = CLIENTS['2.x'](host.url)
    Object.assign(thief.memory.stored, structuredClone({ ...owner.memory.stored, goTo: undefined }))
    await expect(thief.connect()).rejects.toThrow('Unauthorized')
    expect(host.responses.at(-1)?.status).toBe(401)
    expect(host.seen).toEqual([])
    await thief.close()
    await owner.close()
  })
})
