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

function tokenFor(scope: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return issuer.sign({
    iss: issuer.issuer,
    aud: RESOURCE,
    sub: 'alice',
    client_id: 'app',
    iat: now,
    exp: now + 300,
    scope,
  })
}

async function call(program: Program, name: string, scope?: string) {
  const response = await fetch(`${program.url}/mcp`, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(scope !== undefined && { authorization: `Bearer ${await tokenFor(scope)}` }),
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

  it('has no stream to open: 405, as the transport requires', async () => {
    for (const method of ['GET', 'DELETE']) {
      const headers = { authorization: `Bearer ${await tokenFor('read:orders')}`, connection: 'close' }
      expect((await fetch(`${program.url}/mcp`, { method, headers })).status, method).toBe(405)
    }
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

describe('the guard for tools of SDK 1.x', () => {
  const block = readPage('docs/mcp.md').blocks.find(({ text }) => text.includes('const toolScopes'))
  let program: Program
  beforeAll(async () => {
    if (block === undefined) throw new Error('docs/mcp.md has no such guard')
    // What the excerpt leaves to the reader: the options, the application, and a handler that shows what got through.
    const before = `const options = { resource: '${RESOURCE}', issuer: '${issuer.issuer}' }\nconst app = express()`
    const after = 'app.use((req, res) => { res.json({ passed: req.body }) })\napp.listen(3000)'
    program = await runProgram({ ...block, text: [before, block.text, after].join('\n') }, internet)
  })
  afterAll(() => program.stop())

  const GOOD = { method: 'tools/call', params: { name: 'who_am_i' } }
  const BAD = { method: 'tools/call', params: { name: 'cancel_all' } }

  it.each([
    ['a message', GOOD, 200],
    ['a message without parameters', { method: 'tools/list' }, 200],
    ['parameters that are null', { params: null }, 200],
    ['a batch', [GOOD, GOOD], 200],
    ['a call that needs more', BAD, 403],
    ['the same in a batch', [GOOD, BAD], 403],
    ['the same in a nested list', [[BAD]], 400],
    ['the same beside a nested list', [BAD, [GOOD]], 400],
    ['null in a list', [null], 400],
    ['text in a list', ['cancel_all'], 400],
    ['an empty list', [], 400],
    ['null', null, 400],
    ['text', 'cancel_all', 400],
    ['no body, which the parser makes an empty message', undefined, 200],
  ])('responds to %s with the right status', async (_, message, status) => {
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: issuer.issuer, aud: RESOURCE, sub: 'alice', client_id: 'app', iat: now, exp: now + 300 }
    const response = await fetch(`${program.url}/mcp`, {
      method: 'POST',
      headers: {
        connection: 'close',
        'content-type': 'application/json',
        authorization: `Bearer ${await issuer.sign({ ...claims, scope: 'read:orders' })}`,
      },
      ...(message !== undefined && { body: JSON.stringify(message) }),
    })
    expect(response.status, await response.text()).toBe(status)
  })
})
