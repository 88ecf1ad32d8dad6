import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import type { Report, Task } from './program.ts'

// K10: bearward never keeps a process alive. These programs must end without process.exit().

const root = fileURLToPath(new URL('../..', import.meta.url))
const conditions = process.env.BEARWARD_TEST_TARGET === 'dist' ? [] : ['@bearward/source']
let folder: string
let program: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bearward-'))
  program = join(folder, 'program.mjs')
  const entryPoint = fileURLToPath(new URL('./program.ts', import.meta.url))
  await build({
    entryPoints: [entryPoint],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    absWorkingDir: root,
    conditions,
  })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterEach(() => issuer.stop())

// Milliseconds. Measured: about 100. A connection or a timer that is left over would take more than 4,000.
const SOON = 2500

const execute = promisify(execFile)
const RUN = 'Deno' in globalThis ? ['run', '-A'] : []

async function run(work: Task['work']): Promise<Report> {
  const task: Task = { work, issuer: issuer.url, resource: RESOURCE, token: await issuer.sign() }
  const { stdout, stderr } = await execute(process.execPath, [...RUN, program, JSON.stringify(task)], {
    timeout: 20_000,
    env: { PATH: process.env.PATH },
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout) as Report
}

const hang: TestIssuer['onKeys'] = (_request, response) =>
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"keys":[')

describe('a program that has finished its work exits', () => {
  it('after it verified a token, even if the issuer keeps the connection open', async () => {
    const report = await run('verify')
    expect(report.status).toBe(200)
    expect(report.lingered).toBeLessThan(SOON)
    expect(issuer.hits.keys).toBe(1)
  })

  it('after a refusal, even if the response of the issuer was never read to its end', async () => {
    issuer.onKeys = (_request, response) => response.writeHead(500).write('{')
    const report = await run('verify')
    expect(report.status).toBe(503)
    expect(report.lingered).toBeLessThan(SOON)
  })

  it('after a refresh in the background', async () => {
    const report = await run('refresh')
    expect(report.status).toBe(200)
    expect(report.lingered).toBeLessThan(SOON)
    expect(issuer.hits.keys).toBe(2)
  })

  it('after a fetch that never settled', async () => {
    const report = await run('silent')
    expect(report.status).toBe(503)
    expect(report.lingered).toBeLessThan(SOON)
  })
})

describe('close() aborts pending work', () => {
  it('a key set that stops in the middle', async () => {
    issuer.onKeys = hang
    const report = await run('close')
    expect(report.status).toBe(503)
    expect(report.lingered).toBeLessThan(SOON)
  })

  it('metadata that never arrive', async () => {
    issuer.onMetadata = () => undefined
    const report = await run('close')
    expect(report.status).toBe(503)
    expect(report.lingered).toBeLessThan(SOON)
  })

  for (const work of ['closeLookup', 'closeResolve'] as const) {
    it(`a lookup of the application (${work})`, async () => {
      const report = await run(work)
      expect(report.status).toBe(503)
      expect(report.lingered).toBeLessThan(SOON)
    })
  }
})
