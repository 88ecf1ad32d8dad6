import { afterAll, beforeAll, expect, it } from 'vitest'
import { GAUGES, METRICS } from '../../adapters/internal/metrics.ts'
import type { Program } from '../examples/program.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { until } from '../support/upstream/requests.ts'
import { type Authority, type Internet, startInternet } from './internet.ts'
import { isProgram, readPage } from './pages.ts'
import { runProgram } from './run.ts'

// The programs and the table of docs/metrics.md (N5).

const page = readPage('docs/metrics.md')
const programs = page.blocks.filter(isProgram)

let internet: Internet
let issuer: Authority
beforeAll(async () => {
  internet = await startInternet()
  issuer = await internet.authority({ issuer: 'https://auth.example.com' })
})
afterAll(() => internet.stop())

it('the page names every metric, and no other', () => {
  const rows = [...page.text.matchAll(/^\| `(bearward[.a-z_]+)` \| `(bearward[a-z_]+)` \|/gm)]
  const names = [...Object.values(METRICS), ...Object.values(GAUGES)].map(({ name }) => name)
  expect(rows.map(([, name]) => name).sort()).toEqual([...names].sort())
  for (const [, name = '', underscored = ''] of rows) {
    const [start, suffix] = [name.replaceAll('.', '_'), underscored.slice(name.length)]
    expect(underscored.startsWith(start), underscored).toBe(true)
    expect(['', '_seconds', '_total'], underscored).toContain(suffix)
  }
})

async function order(program: Program, scope: string): Promise<number> {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer.issuer, aud: RESOURCE, sub: 'alice', iat: now, exp: now + 300, scope }
  const headers = { authorization: `Bearer ${await issuer.sign(claims)}`, connection: 'close' }
  return (await fetch(`${program.url}/orders`, { headers })).status
}

it('the program for Prometheus serves its metrics on a port of their own', async () => {
  const [block] = programs
  if (!block) throw new Error('there is no program')
  const port = `.listen(0, '127.0.0.1', function () { console.log('metrics: ' + this.address().port + '.') })`
  const text = block.text.replace(".listen(9464, '127.0.0.1')", port)
  expect(text).toContain(port)
  const program = await runProgram({ ...block, text }, internet)
  try {
    expect(await order(program, 'read:orders')).toBe(200)
    expect(await order(program, 'other')).toBe(403)
    const listening = () => /metrics: (\d+)\./.exec(program.output())?.[1]
    await until(() => listening() !== undefined, 'the second port')
    const response = await fetch(`http://127.0.0.1:${listening()}/`, { headers: { connection: 'close' } })
    const metrics = await response.text()
    for (const [outcome, reason] of [
      ['allowed', 'none'],
      ['refused', 'scope'],
    ]) {
      const labels = `outcome="${outcome}",reason="${reason}",issuer="${issuer.issuer}",format="jwt"`
      expect(metrics).toContain(`bearward_decisions_total{${labels}} 1`)
    }
  } finally {
    await program.stop()
  }
})

it('the program for OpenTelemetry runs without an SDK', async () => {
  const [, block] = programs
  if (!block) throw new Error('there is no program')
  const program = await runProgram(block, internet)
  try {
    expect(await order(program, 'read:orders')).toBe(200)
  } finally {
    await program.stop()
  }
})
