import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { ask, type Program, runProgram, startProgram } from './program.ts'

// examples/tenants.ts as users run it (M4): 1,000 tenants behind one key set.

const TENANTS = 1000

let authority: TestIssuer
let folder: string
let settings: Record<string, string>
let program: Program | undefined
beforeAll(async () => {
  authority = await createTestIssuer({ alg: 'ES256' })
  folder = await mkdtemp(join(tmpdir(), 'bearward-tenants-'))
  const file = join(folder, 'tenants.txt')
  await writeFile(file, Array.from({ length: TENANTS }, (_, index) => `tenant-${index}\n`).join(''))
  settings = { RESOURCE, AUTHORITY: authority.url, TENANTS: file }
})
afterAll(async () => {
  await authority.stop()
  await rm(folder, { recursive: true, force: true })
})
afterEach(async () => {
  await program?.stop()
  program = undefined
})

const SCOPE = 'read:orders write:orders'
const tokenOf = (tenant: string, claims = {}) =>
  authority.sign({ iss: `${authority.url}/tenants/${tenant}`, scope: SCOPE, ...claims })

/** The number of responses with each status. */
async function statusesOf(tokens: readonly string[]): Promise<Record<number, number>> {
  const counts: Record<number, number> = {}
  for (let at = 0; at < tokens.length; at += 50) {
    const batch = tokens.slice(at, at + 50).map((token) => ask(program as Program, '/orders', token))
    for (const { status } of await Promise.all(batch)) counts[status] = (counts[status] ?? 0) + 1
  }
  return counts
}

describe('examples/tenants.ts', () => {
  it('serves 1,000 tenants after one fetch of their key set, also right after a restart (M4)', async () => {
    const tokens = await Promise.all(Array.from({ length: TENANTS }, (_, index) => tokenOf(`tenant-${index}`)))
    for (const fetches of [1, 2]) {
      program = await startProgram('tenants', settings)
      expect(await statusesOf(tokens)).toEqual({ 200: TENANTS })
      expect(authority.hits).toMatchObject({ keys: fetches, metadata: 0 })
      await program.stop()
    }
  })

  it('keeps the orders of tenants apart, also of users with the same subject', async () => {
    program = await startProgram('tenants', settings)
    const [one, other] = [await tokenOf('tenant-1', { sub: 'alice' }), await tokenOf('tenant-2', { sub: 'alice' })]
    const tea = { method: 'POST', body: { item: 'green tea' } }
    expect((await ask(program, '/orders', one, tea)).status).toBe(201)
    expect((await ask(program, '/orders', one)).body).toEqual({ orders: [{ id: 1, item: 'green tea', by: 'alice' }] })
    expect((await ask(program, '/orders', other)).body).toEqual({ orders: [] })
  })

  it.each(['tenant-1000', 'tenant-1/../tenant-2', 'tenant-1/', 'TENANT-1', '', 'tenant-1?x', '%74enant-1'])(
    'refuses a token of the unknown tenant "%s" without a request',
    async (tenant) => {
      program = await startProgram('tenants', settings)
      const { keys } = authority.hits
      expect((await ask(program, '/orders', await tokenOf(tenant))).status).toBe(401)
      expect(authority.hits.keys).toBe(keys)
    },
  )

  it.each(['RESOURCE', 'AUTHORITY', 'TENANTS'])('reports that %s is missing', async (name) => {
    const { code, output } = await runProgram('tenants', { ...settings, [name]: '' })
    expect([code, output]).toEqual([2, expect.stringContaining(`${name} is not set.`)])
  })
})
