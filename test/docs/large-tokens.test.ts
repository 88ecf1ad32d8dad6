import { createResourceServer } from 'bearward'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ask, type Program } from '../examples/program.ts'
import { type Authority, type Internet, startInternet } from './internet.ts'
import { isProgram, readPage } from './pages.ts'
import { runProgram } from './run.ts'
import { times } from './tokens/shape.ts'

// docs/large-tokens.md: a token with many groups is refused by default, and accepted with the limit of the page.

const RESOURCE = 'https://api.example.com'

let internet: Internet
let authority: Authority
let program: Program
beforeAll(async () => {
  internet = await startInternet()
  authority = await internet.authority({ issuer: 'https://auth.example.com' })
  const [block] = readPage('docs/large-tokens.md').blocks.filter(isProgram)
  if (!block) throw new Error('the page has no program')
  program = await runProgram(block, internet)
})
afterAll(async () => {
  await program?.stop()
  await internet.stop()
})

const tokenWith = (groups: number): Promise<string> => {
  const claims = { iss: authority.issuer, aud: RESOURCE, sub: 'alice', scope: 'read:orders', ...times() }
  return authority.sign({ ...claims, groups: Array.from({ length: groups }, () => crypto.randomUUID()) })
}

it('a token with 157 groups is larger than 8 KiB, and refused without the option', async () => {
  const token = await tokenWith(157)
  expect(token.length).toBeGreaterThan(8192)
  const server = createResourceServer({ resource: RESOURCE, issuer: authority.issuer, fetch: internet.fetch })
  await expect(server.verify(token)).rejects.toMatchObject({ status: 401, reason: 'token_too_large' })
  server.close()
  expect((await ask(program, '/orders', token)).status).toBe(200)
})

it('the option limits tokens as well', async () => {
  const { status, body } = await ask(program, '/orders', await tokenWith(240))
  expect({ status, body }).toMatchObject({ status: 401, body: { reason: 'token_too_large' } })
})
