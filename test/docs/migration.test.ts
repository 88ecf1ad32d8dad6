import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Program } from '../examples/program.ts'
import { type Authority, type Internet, startInternet } from './internet.ts'
import { isProgram, type Page, readPages } from './pages.ts'
import { runProgram } from './run.ts'
import { kind } from './tokens/shape.ts'

// The pages of docs/migration/: where bearward's responses differ from others, the migrated program on the page must
// respond as the page says.

const pages = readPages().filter(({ path }) => path.startsWith('docs/migration/'))

interface Sent {
  readonly authorization?: string
  readonly query?: string
}

let internet: Internet
let issuer: Authority
beforeAll(async () => {
  internet = await startInternet()
  issuer = await internet.authority({ issuer: 'https://auth.example.com' })
})
afterAll(() => internet.stop())

const sign = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> =>
  kind(issuer, { aud: 'https://api.example.com', sub: 'alice', scope: 'read:orders' })(claims, header)

const bearer = async (...args: Parameters<typeof sign>): Promise<Sent> => ({
  authorization: `Bearer ${await sign(...args)}`,
})

const REQUESTS: Readonly<Record<string, () => Promise<Sent>>> = {
  'no token': async () => ({}),
  'words after `Bearer` that are no token': async () => ({ authorization: 'Bearer not a token' }),
  'another scheme, such as `Basic`': async () => ({ authorization: 'Basic YTpi' }),
  'a good token in the query string': async () => ({ query: await sign() }),
  'a good token, and one in the query string as well': async () => ({ ...(await bearer()), query: await sign() }),
  'two ways of sending a token at once': async () => ({ ...(await bearer()), query: await sign() }),
  'a token without `exp`': () => bearer({ exp: undefined }),
  'claims that mark an ID token, such as `nonce`': () => bearer({ nonce: 'n-1' }),
  '`typ: logout+jwt` and other kinds of JWT': () => bearer({}, { typ: 'logout+jwt' }),
  'a token that is bound to a key (`cnf`), as a bearer token': () => bearer({ cnf: { jkt: 'k'.repeat(43) } }),
  'a `kid` that the issuer does not have': () => bearer({}, { kid: 'another' }),
  'scopes in `scp` instead of `scope`': () => bearer({ scope: undefined, scp: ['read:orders'] }),
}

/** This one needs a program that has never loaded keys. */
const OUTAGE = 'a token while the issuer is down and no keys are known'

function rowsOf({ text }: Page): { readonly request: string; readonly status: number }[] {
  const [, table = ''] = text.split('| a request with | before | after |\n|---|---|---|\n')
  const lines = table.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('|'))
  return lines.slice(0, end).map((line) => {
    const groups = /^\| (?<request>.+) \| (?<before>.+) \| (?<status>\d{3}).* \|$/.exec(line)?.groups
    if (!groups) throw new Error(`not a row: ${line}`)
    return { request: groups.request ?? '', status: Number(groups.status) }
  })
}

async function send(program: Program, { authorization, query }: Sent): Promise<Response> {
  const search = query === undefined ? '' : `?${new URLSearchParams({ access_token: query })}`
  return fetch(`${program.url}/orders${search}`, {
    headers: { connection: 'close', ...(authorization !== undefined && { authorization }) },
  })
}

it('there are three', () => {
  expect(pages).toHaveLength(3)
})

describe.each(pages)('$path', (page) => {
  const programs = page.blocks.filter(isProgram)
  const [after] = programs
  let program: Program
  beforeAll(async () => {
    if (after) program = await runProgram(after, internet)
  })
  afterAll(() => program?.stop())

  it('has one program after the migration, which accepts a valid token', async () => {
    expect(programs).toHaveLength(1)
    expect((await send(program, await bearer())).status).toBe(200)
    expect((await send(program, await bearer({ scope: 'write:orders' }))).status).toBe(403)
    expect((await send(program, {})).headers.get('www-authenticate')).toMatch(/^Bearer /)
  })

  it('responds as its table says', async () => {
    const rows = rowsOf(page).filter(({ request }) => request !== OUTAGE)
    expect(rows.length).toBeGreaterThan(5)
    for (const { request, status } of rows) {
      const make = REQUESTS[request]
      expect(make, request).toBeDefined()
      expect((await send(program, (await make?.()) ?? {})).status, request).toBe(status)
    }
  })

  it('responds to an outage as its table says', async () => {
    const row = rowsOf(page).find(({ request }) => request === OUTAGE)
    const nowhere = await startInternet()
    const alone = after && (await runProgram(after, nowhere))
    await nowhere.stop()
    try {
      const status = alone && (await send(alone, await bearer())).status
      expect(status).toBe(503)
      expect(row?.status).toBe(503)
    } finally {
      await alone?.stop()
    }
  })
})
