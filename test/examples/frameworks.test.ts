import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/http/free-port.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { ask, type Program, runProgram, startProgram } from './program.ts'

// The same orders API on each framework, as users run it.

const EXAMPLES = ['express', 'fastify', 'hono', 'koa', 'fetch', 'node', 'nest', 'h3', 'elysia'] as const

let issuer: TestIssuer
let settings: Record<string, string>
let program: Program | undefined
beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  settings = { ISSUER: issuer.url, RESOURCE }
})
afterEach(() => program?.stop())
afterAll(() => issuer.stop())

const TEA = { method: 'POST', body: { item: 'green tea' } }

describe.each(EXAMPLES)('examples/%s.ts', (name) => {
  it('serves its orders to those who may read or write them', async () => {
    program = await startProgram(name, { ...settings, PORT: String(await freePort()) })
    const reader = await issuer.sign({ sub: 'alice', scope: 'read:orders' })
    const writer = await issuer.sign({ sub: 'bob', scope: 'write:orders' })
    expect((await ask(program, '/orders')).status).toBe(401)
    expect((await ask(program, '/orders', await issuer.sign({ exp: 1 }))).status).toBe(401)
    expect(await ask(program, '/orders', reader)).toMatchObject({ status: 200, body: { orders: [{ item: 'tea' }] } })
    expect((await ask(program, '/orders', reader, TEA)).status).toBe(403)
    expect(await ask(program, '/orders', writer, TEA)).toMatchObject({ status: 201, body: { id: 2, by: 'bob' } })
    expect(await ask(program, '/me')).toMatchObject({ status: 200, body: { caller: 'anonymous' } })
    expect(await ask(program, '/me', reader)).toMatchObject({ status: 200, body: { caller: 'alice' } })
    expect((await ask(program, '/me', 'a.b.c')).status).toBe(401)
    const document = await ask(program, '/.well-known/oauth-protected-resource')
    expect(document).toMatchObject({ status: 200, body: { resource: RESOURCE } })
  })

  it.each(['ISSUER', 'RESOURCE'])('reports that %s is missing', async (missing) => {
    const { [missing]: _, ...rest } = settings
    const expected = { code: 2, output: expect.stringContaining(`${missing} is not set`) }
    expect(await runProgram(name, rest)).toMatchObject(expected)
  })
})
