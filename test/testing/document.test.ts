import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { programsOfReadme } from '../package/readme-programs.ts'

// The tests of docs/testing.md, as a reader would run them: with Node's test runner, in separate processes.

const root = fileURLToPath(new URL('../..', import.meta.url))
const ON_DIST = process.env.BEARWARD_TEST_TARGET === 'dist'
const IS_NODE = !('Bun' in globalThis) && !('Deno' in globalThis)
const programs = programsOfReadme(await readFile(join(root, 'docs/testing.md'), 'utf8')).map(({ text }) => text)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bearward-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let files = 0

/** Its outcome under `node`, with its output. */
async function run(contents: string): Promise<{ readonly code: number; readonly output: string }> {
  const outfile = join(folder, `${++files}.test.mjs`)
  await build({
    stdin: { contents, loader: 'ts', resolveDir: root },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    absWorkingDir: root,
    conditions: ON_DIST ? [] : ['@bearward/source'],
    // Some frameworks are CommonJS and require Node's modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
    logLevel: 'silent',
  })
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH }
    execFile(process.execPath, ['--test-reporter=tap', outfile], { env, timeout: 30_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
    )
  })
}

/** A check that each API could lack, and that its tests must notice. */
const BROKEN = [
  ["requireScope('read:orders'), ", ''],
  [', fresh({ maxAge: 0 })', ''],
  ['protect(), ', "(c, next) => { c.set('accessToken' as never, {} as never); return next() }, "],
] as const

describe('the tests of docs/testing.md', () => {
  // test/docs/compiled.test.ts checks that they compile, as on all pages.
  it('exist for each framework', () => {
    const frameworks = programs.map((text) => /'bearward\/(express|fastify|hono)'/.exec(text)?.[1])
    expect(frameworks).toEqual(['express', 'fastify', 'hono'])
  })

  for (const [index, text] of programs.entries()) {
    const [, name] = /^\/\/ (\S+)/.exec(text) ?? []
    it.runIf(IS_NODE)(`${name} passes`, async () => {
      const { code, output } = await run(text)
      expect(output).toMatch(/^# pass [1-9]/m)
      expect(code, output).toBe(0)
    })

    it.runIf(IS_NODE)(`${name} fails for an API that does not check`, async () => {
      const [check, instead] = BROKEN[index] ?? ['', '']
      expect(text).toContain(check)
      const { code, output } = await run(text.replace(check, instead))
      expect(output).toMatch(/^# fail [1-9]/m)
      expect(code).toBe(1)
    })
  }
})
