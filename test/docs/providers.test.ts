import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, type Program } from '../examples/program.ts'
import { type Internet, startInternet } from './internet.ts'
import { type Block, isProgram, type Page, readPages } from './pages.ts'
import { runProgram } from './run.ts'
import { adFs } from './tokens/ad-fs.ts'
import { auth0 } from './tokens/auth0.ts'
import { authentik } from './tokens/authentik.ts'
import { b2c } from './tokens/b2c.ts'
import { clerk } from './tokens/clerk.ts'
import { cognito } from './tokens/cognito.ts'
import { dex } from './tokens/dex.ts'
import { entraId } from './tokens/entra-id.ts'
import { firebase } from './tokens/firebase.ts'
import { github } from './tokens/github.ts'
import { githubActions } from './tokens/github-actions.ts'
import { gitlab } from './tokens/gitlab.ts'
import { google } from './tokens/google.ts'
import { hydra } from './tokens/hydra.ts'
import { keycloak } from './tokens/keycloak.ts'
import { kubernetes } from './tokens/kubernetes.ts'
import { okta } from './tokens/okta.ts'
import { other } from './tokens/other.ts'
import { salesforceAtlassian } from './tokens/salesforce-atlassian.ts'
import type { Makers, Provider } from './tokens/shape.ts'
import { supabase } from './tokens/supabase.ts'
import { zitadel } from './tokens/zitadel.ts'

// The pages of docs/providers/: each program runs with the documented options, gets tokens of the shapes in its table,
// and responds as the table says. Claim names are those of the providers' documentation; the values are invented.

const PROVIDERS: Readonly<Record<string, Provider>> = {
  'docs/providers/ad-fs.md': adFs,
  'docs/providers/auth0.md': auth0,
  'docs/providers/authentik.md': authentik,
  'docs/providers/b2c.md': b2c,
  'docs/providers/clerk.md': clerk,
  'docs/providers/cognito.md': cognito,
  'docs/providers/dex.md': dex,
  'docs/providers/entra-id.md': entraId,
  'docs/providers/firebase.md': firebase,
  'docs/providers/github-actions.md': githubActions,
  'docs/providers/github.md': github,
  'docs/providers/gitlab.md': gitlab,
  'docs/providers/google.md': google,
  'docs/providers/hydra.md': hydra,
  'docs/providers/keycloak.md': keycloak,
  'docs/providers/kubernetes.md': kubernetes,
  'docs/providers/okta.md': okta,
  'docs/providers/other.md': other,
  'docs/providers/salesforce-atlassian.md': salesforceAtlassian,
  'docs/providers/supabase.md': supabase,
  'docs/providers/zitadel.md': zitadel,
}

interface Row {
  readonly token: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly reason: string | undefined
}

const pages = readPages().filter(({ path }) => path.startsWith('docs/providers/'))

/** The table rows under a heading: token, request and expected status. */
function rowsUnder({ text }: Page, heading: string): Row[] {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const [, table = ''] = section.split('| token | request | response |\n|---|---|---|\n')
  const lines = table.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('|'))
  return lines.slice(0, end).map((line) => {
    const groups =
      /^\| (?<token>.+) \| `(?<method>[A-Z]+) (?<path>\/\S*)` \| (?<status>\d{3})(?: `(?<reason>\w+)`)? \|$/.exec(
        line,
      )?.groups
    if (!groups) throw new Error(`not a row: ${line}`)
    const { token = '', method = '', path = '', status, reason } = groups
    return { token, method, path, status: Number(status), reason }
  })
}

let internet: Internet
beforeAll(async () => {
  internet = await startInternet()
})
afterAll(() => internet.stop())

it('every provider page is tested', () => {
  expect(pages.map(({ path }) => path)).toEqual(Object.keys(PROVIDERS))
})

describe.each(pages)('$path', (page) => {
  const programs = page.blocks.filter(isProgram)
  const listed = programs.flatMap((block) => rowsUnder(page, block.heading))
  let makers: Makers
  beforeAll(async () => {
    makers = (await PROVIDERS[page.path]?.(internet)) ?? {}
  })

  it('has a program, and a token of every kind in its tables', () => {
    expect(programs.length).toBeGreaterThan(0)
    expect([...new Set(listed.map(({ token }) => token))].sort()).toEqual(Object.keys(makers).sort())
  })

  describe.each(programs)('under "$heading"', (block: Block) => {
    let program: Program
    beforeAll(async () => {
      program = await runProgram(block, internet, { CLIENT_SECRET: 'secret', TOKEN_FILE: '/dev/null' })
    })
    afterAll(() => program?.stop())

    it('refuses a request without a token', async () => {
      const [{ method, path } = { method: '', path: '' }] = rowsUnder(page, block.heading)
      const { status, headers } = await ask(program, path, undefined, { method })
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toMatch(/^Bearer realm="https:\/\/api\.example\.com"(?!.*\berror=)/)
    })

    it.each(rowsUnder(page, block.heading))('$token: $method $path $status', async (row) => {
      const make = makers[row.token]
      const token = await make?.()
      const { status, body } = await ask(program, row.path, token, { method: row.method })
      const reason = typeof body === 'string' ? undefined : body.reason
      expect({ status, reason }).toEqual({ status: row.status, reason: row.reason })
    })
  })
})
