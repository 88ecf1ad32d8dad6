import { generateKeyPair, generateProof, type KeyPair } from 'dpop'
import { DPoP } from 'oauth4webapi'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startProvider, tokenOf } from '../interop/oidc-provider-clients.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import type { OidcProvider } from '../support/oidc-provider/oidc-provider.ts'
import { ask, type Program, runProgram, startProgram } from './program.ts'

// examples/dpop.ts as users run it: tokens of a real authorization server, proofs of an independent client.

const CLIENT = 'jwt-robot'
const PUBLIC_URL = 'https://orders.example/v1'

let provider: OidcProvider
let program: Program
let settings: Record<string, string>
let keys: KeyPair
beforeAll(async () => {
  provider = await startProvider()
  keys = await generateKeyPair('ES256')
  settings = { ISSUER: provider.issuer, RESOURCE, PUBLIC_URL, DPOP_SECRET: crypto.randomUUID() }
})
afterAll(() => provider.stop())
beforeEach(async () => {
  program = await startProgram('dpop', settings)
})
afterEach(() => program.stop())

const boundToken = (scope: string, pair = keys) => tokenOf(provider, CLIENT, { scope, DPoP: DPoP({}, pair) })

/** One request with a proof; the client sees the API at its public URL. */
async function prove(token: string, method: string, nonce?: string, pair = keys) {
  const proof = await generateProof(pair, `${PUBLIC_URL}/orders`, method, nonce, token)
  const response = await fetch(`${program.url}/orders`, {
    method,
    headers: { connection: 'close', authorization: `DPoP ${token}`, dpop: proof },
  })
  const body = (await response.json()) as { reason?: string; boundBy?: string }
  return { status: response.status, body, nonce: response.headers.get('dpop-nonce') ?? '' }
}

describe('examples/dpop.ts', () => {
  it('requires a nonce, and accepts the proof that contains it (RFC 9449 §9)', async () => {
    const token = await boundToken('read:orders write:orders')
    const first = await prove(token, 'GET')
    expect(first).toMatchObject({ status: 401, body: { reason: 'proof_nonce' } })
    expect(await prove(token, 'GET', first.nonce)).toMatchObject({ status: 200, body: { boundBy: 'dpop' } })
    expect(await prove(token, 'POST', first.nonce)).toMatchObject({ status: 201, body: { by: CLIENT } })
  })

  it('refuses a stolen token: as a bearer token, and with another key (RFC 9449 §7.2)', async () => {
    const token = await boundToken('read:orders')
    expect(await ask(program, '/orders', token)).toMatchObject({ status: 401, body: { reason: 'confirmation' } })
    const { nonce } = await prove(token, 'GET')
    const thief = await prove(token, 'GET', nonce, await generateKeyPair('ES256'))
    expect(thief).toMatchObject({ status: 401, body: { reason: 'confirmation' } })
  })

  it('lets bearer tokens read, and reports them to its operator; ordering requires a bound one', async () => {
    const token = await tokenOf(provider, CLIENT, { scope: 'read:orders write:orders' })
    expect(await ask(program, '/orders', token)).toMatchObject({ status: 200, body: { boundBy: null } })
    expect(await ask(program, '/orders', token, { method: 'POST' })).toMatchObject({
      status: 401,
      body: { reason: 'unbound' },
    })
    const { code, output } = await program.stop()
    expect(code).toBe(0)
    expect(output).toContain('let through, for now: unbound')
    expect(output).not.toContain(token)
  })

  it.each(['ISSUER', 'RESOURCE', 'DPOP_SECRET'])('reports that %s is missing', async (name) => {
    const { [name]: _, ...rest } = settings
    const expected = { code: 2, output: expect.stringContaining(`${name} is not set`) }
    expect(await runProgram('dpop', rest)).toMatchObject(expected)
  })
})
