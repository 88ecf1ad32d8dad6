import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { revoke, SECRET, signIn, startProvider, tokenOf } from '../interop/oidc-provider-clients.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import type { OidcProvider } from '../support/oidc-provider/oidc-provider.ts'
import { ask, type Program, runProgram, startProgram } from './program.ts'

// examples/opaque-tokens.ts as users run it, with a real authorization server.

let provider: OidcProvider
let program: Program
let settings: Record<string, string>
beforeAll(async () => {
  provider = await startProvider()
  settings = { ISSUER: provider.issuer, RESOURCE, CLIENT_ID: 'orders-api', CLIENT_SECRET: SECRET }
})
afterAll(() => provider.stop())
beforeEach(async () => {
  program = await startProgram('opaque-tokens', settings)
})
afterEach(() => program.stop())

const TEA = { method: 'POST', body: { item: 'green tea' } }

describe('examples/opaque-tokens.ts', () => {
  it('shows orders to users who may read them, and accepts them from users who may write', async () => {
    const robot = await tokenOf(provider, 'robot')
    expect(await ask(program, '/orders', robot)).toMatchObject({ status: 200, body: { orders: [{ item: 'tea' }] } })
    expect(await ask(program, '/orders', robot, TEA)).toMatchObject({ status: 403 })

    const { accessToken } = await signIn(provider)
    const ordered = await ask(program, '/orders', accessToken, TEA)
    expect(ordered).toMatchObject({ status: 201, body: { id: 2, item: 'green tea', by: 'alice' } })
    const clerk = await tokenOf(provider, 'robot', { scope: 'write:orders' })
    expect(await ask(program, '/orders', clerk, TEA)).toMatchObject({ status: 201, body: { by: 'robot' } })
  })

  it('accepts JWTs of the same server, too', async () => {
    expect((await ask(program, '/orders', await tokenOf(provider, 'jwt-robot'))).status).toBe(200)
  })

  it('notices a revocation at once when something is ordered', async () => {
    const token = await tokenOf(provider, 'robot', { scope: 'read:orders write:orders' })
    expect((await ask(program, '/orders', token, TEA)).status).toBe(201)
    await revoke(provider, 'robot', token)
    expect((await ask(program, '/orders', token)).status).toBe(200)
    expect(await ask(program, '/orders', token, TEA)).toMatchObject({ status: 401, body: { reason: 'inactive' } })
    expect((await ask(program, '/orders', token)).status).toBe(401)
  })

  it('invalidates the tokens of a user who signs out', async () => {
    const { accessToken } = await signIn(provider)
    expect((await ask(program, '/orders', accessToken)).status).toBe(200)
    await revoke(provider, 'web', accessToken)
    expect((await ask(program, '/sessions/me', accessToken, { method: 'DELETE' })).status).toBe(204)
    expect((await ask(program, '/orders', accessToken)).status).toBe(401)
  })

  it('reports rejected client credentials to its operator, and not to the caller', async () => {
    await program.stop()
    program = await startProgram('opaque-tokens', { ...settings, CLIENT_SECRET: 'WRONG-SECRET' })
    expect(await ask(program, '/orders', await tokenOf(provider, 'robot'))).toMatchObject({ status: 503 })
    const { output } = await program.stop()
    expect(output).toContain(`introspection at ${provider.issuer} failed: client_refused 401`)
    expect(output).not.toContain('WRONG-SECRET')
  })

  it('stops on request', async () => {
    await ask(program, '/orders', await tokenOf(provider, 'robot'))
    expect((await program.stop()).code).toBe(0)
  })

  it.each(['ISSUER', 'RESOURCE', 'CLIENT_ID', 'CLIENT_SECRET'])('reports that %s is missing', async (name) => {
    const { [name]: _, ...rest } = settings
    const expected = { code: 2, output: expect.stringContaining(`${name} is not set`) }
    expect(await runProgram('opaque-tokens', rest)).toMatchObject(expected)
  })
})
