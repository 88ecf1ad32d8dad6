import { networkInterfaces } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CLIENTS } from '../interop/mcp-clients.ts'
import { exchange } from '../support/http/raw-client.ts'
import { ask, type Program, runProgram, startProgram } from './program.ts'

// examples/mcp.ts as users run it: with its own authorization server, and with MCP clients of both SDKs.

let program: Program
beforeEach(async () => {
  program = await startProgram('mcp', {})
})
afterEach(() => program.stop())

describe('examples/mcp.ts', () => {
  it.each(['1.x', '2.x'] as const)(
    'takes orders of a user who signs in and agrees, with a client of SDK %s',
    async (sdk) => {
      const client = CLIENTS[sdk](`${program.url}/mcp`)
      try {
        await expect(client.connect()).rejects.toThrow('Unauthorized')
        const reading = await client.signIn({ login: 'alice', password: 'any' })
        expect(reading.searchParams.get('scope')).toBe('read:orders')
        await client.connect()
        expect(JSON.parse(await client.call('list_orders'))).toEqual([{ id: 1, item: 'tea', by: 'somebody' }])

        await expect(client.call('order', { item: 'cake' })).rejects.toThrow('Unauthorized')
        const writing = await client.signIn({ login: 'alice', password: 'any' })
        expect(writing.searchParams.get('scope')?.split(' ').sort()).toEqual(['read:orders', 'write:orders'])
        expect(JSON.parse(await client.call('order', { item: 'cake' }))).toEqual({ id: 2, item: 'cake', by: 'alice' })
      } finally {
        await client.close()
      }
    },
  )

  it('publishes its identifier and its authorization server', async () => {
    const { status, body } = await ask(program, '/.well-known/oauth-protected-resource/mcp')
    expect([status, body]).toMatchObject([200, { resource: `${program.url}/mcp`, resource_name: 'Orders' }])
    expect(program.output()).toContain((body as { authorization_servers: string[] }).authorization_servers[0])
  })

  it('has no streams and no sessions', async () => {
    for (const method of ['GET', 'DELETE']) {
      expect((await ask(program, '/mcp', undefined, { method })).status).toBe(405)
    }
  })

  it('refuses other host names, as does its authorization server: no page gets in by DNS rebinding', async () => {
    const issuer = new URL(/tokens from (\S+)/.exec(program.output())?.[1] ?? '')
    const here = new URL(program.url)
    const statusOf = async ({ port }: URL, path: string, host: string) =>
      (await exchange(Number(port), `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).status
    for (const host of ['rebound.example', `rebound.example:${here.port}`, 'localhost.rebound.example']) {
      expect(await statusOf(here, '/.well-known/oauth-protected-resource/mcp', host), host).toBe(403)
      expect(await statusOf(issuer, '/.well-known/openid-configuration', host), host).toBe(421)
    }
    expect(await statusOf(here, '/.well-known/oauth-protected-resource/mcp', here.host)).toBe(200)
    expect(await statusOf(issuer, '/.well-known/openid-configuration', issuer.host)).toBe(200)
  })

  it('listens on loopback only', async () => {
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((address) => address?.family === 'IPv4' && !address.internal)
    if (outside === undefined) return // a machine without a network
    await expect(fetch(`http://${outside.address}:${new URL(program.url).port}/mcp`)).rejects.toThrow()
  })

  it('stops on request', async () => {
    await ask(program, '/mcp', undefined, { method: 'POST' })
    expect((await program.stop()).code).toBe(0)
  })

  it('requires a port', async () => {
    const expected = { code: 2, output: expect.stringContaining('PORT is not a port number') }
    expect(await runProgram('mcp', { PORT: 'x' })).toMatchObject(expected)
  })
})
