import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { revoke, SECRET, signIn, startProvider, tokenOf } from '../interop/oidc-provider-clients.ts'
import { programsOfReadme } from '../package/readme-programs.ts'
import type { OidcProvider } from '../support/oidc-provider/oidc-provider.ts'
import { ask, type Program, startText } from './program.ts'

// The programs of docs/caching.md, as a reader would run them, except for the address of the authorization server.

const root = fileURLToPath(new URL('../..', import.meta.url))
const programs = programsOfReadme(readFileSync(join(root, 'docs/caching.md'), 'utf8')).map(({ text }) => text)
const [settings = '', forgetting = ''] = programs

let provider: OidcProvider
let program: Program | undefined
beforeAll(async () => {
  provider = await startProvider()
})
afterEach(() => program?.stop())
afterAll(() => provider.stop())

const LISTEN = "listen(0, function () { console.log('http://localhost:' + this.address().port + '/') })"

function start(name: string, text: string): Promise<Program> {
  const here = text.replace("'https://auth.example.com'", `'${provider.issuer}'`).replace('listen(3000)', LISTEN)
  return startText(name, here, { CLIENT_SECRET: SECRET })
}

describe('the programs of docs/caching.md', () => {
  it('are two', () => {
    expect(programs).toHaveLength(2)
  })

  it('read orders with a recently revoked token, and no longer pay with it', async () => {
    program = await start('settings', settings)
    const token = await tokenOf(provider, 'robot', { scope: 'read:orders write:orders' })
    expect((await ask(program, '/orders', token)).status).toBe(200)
    expect((await ask(program, '/payments', token, { method: 'POST' })).status).toBe(201)
    await revoke(provider, 'robot', token)
    expect((await ask(program, '/orders', token)).status).toBe(200)
    expect((await ask(program, '/payments', token, { method: 'POST' })).status).toBe(401)
    expect((await ask(program, '/orders', token)).status, 'the response of one route serves the others').toBe(401)
  })

  it('respond with 503 to a JWT if its introspection is required of a server that has none', async () => {
    program = await start('settings', settings)
    const jwt = await tokenOf(provider, 'jwt-robot', { scope: 'read:orders write:orders' })
    expect((await ask(program, '/orders', jwt)).status).toBe(200)
    expect((await ask(program, '/payments', jwt, { method: 'POST' })).status).toBe(503)
  })

  it('invalidate the tokens of a user on request', async () => {
    program = await start('forgetting', forgetting)
    const { accessToken } = await signIn(provider)
    expect(await ask(program, '/me', accessToken)).toMatchObject({ status: 200, body: { subject: 'alice' } })
    await revoke(provider, 'web', accessToken)
    expect((await ask(program, '/me', accessToken)).status).toBe(200)
    expect((await ask(program, '/sessions/mine', accessToken, { method: 'DELETE' })).status).toBe(204)
    expect((await ask(program, '/me', accessToken)).status).toBe(401)
  })
})
