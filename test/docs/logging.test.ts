import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EVENT_TYPES } from '../../src/events/emitter.ts'
import type { Program } from '../examples/program.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { until } from '../support/upstream/requests.ts'
import { type Authority, type Internet, startInternet } from './internet.ts'
import { isProgram, readPage } from './pages.ts'
import { runProgram } from './run.ts'

// The programs of docs/logging.md: what they log, and what they never log (N5).

const page = readPage('docs/logging.md')
const programs = page.blocks.filter(isProgram)
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

it('the page names every event', () => {
  const [, table = ''] = page.text.split('## The events')
  for (const type of EVENT_TYPES) expect(table).toContain(`\`${type}\``)
})

it('the page has a program for pino and one for the console', () => {
  expect(programs.map(({ heading }) => heading)).toEqual(['pino', 'The console'])
})

describe.each(programs)('the program at $at', (block) => {
  let internet: Internet
  let issuer: Authority
  let program: Program
  beforeAll(async () => {
    internet = await startInternet()
    issuer = await internet.authority({ issuer: 'https://auth.example.com' })
    program = await runProgram(block, internet)
  })
  afterAll(async () => {
    await program.stop()
    await internet.stop()
  })

  function tokenFor(claims: Record<string, unknown>): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    return issuer.sign({
      iss: issuer.issuer,
      aud: RESOURCE,
      sub: 'alice',
      client_id: 'app',
      iat: now,
      exp: now + 300,
      ...claims,
    })
  }

  const lines = (): Record<string, unknown>[] =>
    program
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  const audited = () => lines().filter(({ outcome, method }) => outcome !== undefined && method !== undefined)

  it('logs one line per decision: who, for which client, route, outcome, reason, trace', async () => {
    const good = await tokenFor({ scope: 'read:orders' })
    const sent: [string, string | undefined, string][] = [
      [good, `00-${TRACE}-00f067aa0ba902b7-01`, '/orders?secret=CANARY'],
      [await tokenFor({ scope: 'CANARY' }), 'CANARY\r\n', '/orders'],
      [await tokenFor({ exp: 1, nonce: undefined, email: 'CANARY' }), undefined, '/orders?access_token=CANARY'],
    ]
    for (const [token, trace, path] of sent) {
      const headers = {
        authorization: `Bearer ${token}`,
        connection: 'close',
        ...(trace !== undefined && { traceparent: trace.trim() }),
      }
      await fetch(program.url + path, { headers })
    }
    await until(() => audited().length >= sent.length, 'the lines')
    const about = { method: 'GET', path: '/orders' }
    expect(audited()).toEqual([
      expect.objectContaining({ ...about, outcome: 'allowed', subject: 'alice', client: 'app', trace: TRACE }),
      expect.objectContaining({ ...about, outcome: 'refused', reason: 'scope', issuer: issuer.issuer }),
      expect.objectContaining({ ...about, outcome: 'refused', reason: 'query_token' }),
    ])
    for (const line of audited().slice(1)) {
      for (const member of ['subject', 'client', 'trace']) expect(line).not.toHaveProperty(member)
    }
    expect(program.output()).not.toContain('CANARY')
    for (const [token] of sent) expect(program.output()).not.toContain(token.slice(-20))
  })

  it('logs why it cannot decide, without what the server sent', async () => {
    internet.on('https://auth.example.com/jwks', () => ({ status: 500, json: { secret: 'CANARY' } }))
    const token = await tokenFor({ scope: 'read:orders' })
    const unknown = await issuer.sign({ iss: issuer.issuer, aud: RESOURCE, exp: 4e9 }, { kid: 'unknown' })
    for (const each of [token, unknown]) {
      await fetch(`${program.url}/orders`, { headers: { authorization: `Bearer ${each}`, connection: 'close' } })
    }
    await until(() => lines().some(({ outcome }) => outcome === 'unavailable'), 'the line')
    expect(lines().find(({ type }) => type === 'fetch')).toMatchObject({ target: 'keys', code: 'status', status: 500 })
    const line = JSON.stringify(lines().find(({ outcome }) => outcome === 'unavailable'))
    expect(line).toContain('https://auth.example.com/jwks')
    expect(line).not.toContain('CANARY')
  })
})
