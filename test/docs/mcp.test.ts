import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Program } from '../examples/program.ts'
import { type Authority, type Internet, startInternet } from './internet.ts'
import { isProgram, readPage } from './pages.ts'
import { runProgram } from './run.ts'

// The programs of docs/mcp.md, as a reader would call them: without a token, with one, and with more scope.

const RESOURCE = 'https://mcp.example.com/mcp'
const METADATA = '/.well-known/oauth-protected-resource/mcp'

let internet: Internet
let issuer: Authority
beforeAll(async () => {
  internet = await startInternet()
  issuer = await internet.authority({ issuer: 'https://auth.example.com' })
})
afterAll(() => internet.stop())

async function call(program: Program, name: string, scope?: string) {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer.issuer, aud: RESOURCE, sub: 'alice', client_id: 'app', iat: now, exp: now + 300, scope }
  const response = await fetch(`${program.url}/mcp`, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      connection: 'close',
      'content-type': 'application/json',
      ...(scope !== undefined && { authorization: `Bearer ${await issuer.sign(claims)}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } }),
  })
  return { status: response.status, challenge: response.headers.get('www-authenticate'), body: await response.text() }
}

const programs = readPage('docs/mcp.md').blocks.filter(isProgram)

it('docs/mcp.md has a program for Express and one for Hono', () => {
  expect(programs.map(({ heading }) => heading)).toEqual([
    'A server on Express',
    'On Hono, or where there is only `fetch`',
  ])
})

describe.each(programs)('the program at $at', (block) => {
  let program: Program
  beforeAll(async () => {
    program = await runProgram(block, internet)
  })
  afterAll(() => program.stop())

  it('serves its metadata, and links to it in the challenge', async () => {
    const { status, challenge } = await call(program, 'who_am_i')
    expect([status, challenge]).toEqual([401, expect.stringContaining(`"https://mcp.example.com${METADATA}"`)])
    const metadata = await fetch(`${program.url}${METADATA}`, { headers: { connection: 'close' } })
    expect(await metadata.json()).toMatchObject({ resource: RESOURCE, authorization_servers: [issuer.issuer] })
  })

  it('accepts a valid token', async () => {
    expect((await call(program, 'who_am_i', 'read:orders')).status).toBe(200)
    expect((await call(program, 'who_am_i', 'write:orders')).status).toBe(403)
  })

  if (block.text.includes('cancel_all')) {
    it('passes the caller to tools, and requires more scope where a tool does', async () => {
      expect((await call(program, 'who_am_i', 'read:orders')).body).toContain('"alice"')
      const { status, challenge } = await call(program, 'cancel_all', 'read:orders')
      expect([status, challenge]).toEqual([403, expect.stringContaining('scope="read:orders write:orders"')])
      expect((await call(program, 'cancel_all', 'read:orders write:orders')).body).toContain('"cancelled"')
    })
  }
})
