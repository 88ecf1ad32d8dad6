import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Block, moduleNameOf, ROOT, readPages } from '../docs/pages.ts'

// The tests on the pages, as a reader would run them: with Node's test runner, in separate processes.

const ON_DIST = process.env.BEARWARD_TEST_TARGET === 'dist'
const IS_NODE = !('Bun' in globalThis) && !('Deno' in globalThis)
/** The blocks of its page that it imports, by the name in the import. */
const modulesFor = ({ text }: Block, blocks: readonly Block[]): ReadonlyMap<string, string> =>
  new Map(
    blocks.flatMap((block) => {
      const name = moduleNameOf(block)
      const path = name && `./${name.replace(/mts$/, 'mjs')}`
      return path && text.includes(`from '${path}'`) ? [[path, block.text] as const] : []
    }),
  )

const programs = readPages().flatMap(({ blocks }) =>
  blocks
    .filter(({ text }) => /^import .* from 'node:test'$/m.test(text))
    .map((block) => ({ ...block, modules: modulesFor(block, blocks) })),
)
type Program = (typeof programs)[number]

/** The name of its file, or else its page. */
const nameOf = ({ text, at }: Block): string => /^\/\/ (\S+)/.exec(text)?.[1] ?? at.replace(/:\d+$/, '')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bearward-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let files = 0

const importing = (modules: ReadonlyMap<string, string>): Plugin => ({
  name: 'page',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path }) => (modules.has(path) ? { path, namespace: 'page' } : undefined))
    onLoad({ filter: /./, namespace: 'page' }, ({ path }) => ({
      contents: modules.get(path) ?? '',
      loader: 'ts',
      resolveDir: ROOT,
    }))
  },
})

/** Its outcome under `node`, with its output. */
async function run({ text: contents, modules }: Pick<Program, 'text' | 'modules'>) {
  const outfile = join(folder, `${++files}.test.mjs`)
  await build({
    stdin: { contents, loader: 'ts', resolveDir: ROOT },
    outfile,
    bundle: true,
    plugins: [importing(modules)],
    platform: 'node',
    format: 'esm',
    absWorkingDir: ROOT,
    conditions: ON_DIST ? [] : ['@bearward/source'],
    // Some frameworks are CommonJS and require Node's modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
    // What Nest loads only if it is installed.
    external: ['@nestjs/microservices', '@nestjs/websockets/socket-module', 'class-transformer', 'class-validator'],
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    logLevel: 'silent',
  })
  return new Promise<{ readonly code: number; readonly output: string }>((resolve) => {
    const env = { PATH: process.env.PATH }
    execFile(process.execPath, ['--test-reporter=tap', outfile], { env, timeout: 30_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
    )
  })
}

/** What each API could lack, and its tests must notice. */
const BROKEN: Readonly<Record<string, readonly [check: string, instead: string]>> = {
  'orders.test.ts': ["requireScope('read:orders'), ", ''],
  'payments.test.ts': [', introspected({ maxAge: 0 })', ''],
  'me.test.ts': ['protect(), ', "(c, next) => { c.set('accessToken' as never, {} as never); return next() }, "],
  'worker.test.ts': [
    "requireScope('read:orders'), (c)",
    "async (c, next) => { c.set('accessToken' as never, {} as never); await next() }, (c)",
  ],
  'coverage.test.ts': ["admin.use(requireScope('admin'))", ''],
  'openapi.test.ts': ["requireScope('read:orders'), ", ''],
  'orders.e2e-spec.ts': ["@RequireScope('read:orders')", ''],
  'app.test.mts': ["requireScope('read:orders'), ", ''],
  'docs/adapters.md': ['if (token === undefined) return', ''],
}

describe('the tests on the pages', () => {
  // test/docs/compiled.test.ts checks that they compile, as everything on all pages.
  it('are these', () => {
    expect(programs.map(nameOf).sort()).toEqual(Object.keys(BROKEN).sort())
  })

  for (const program of programs) {
    const name = nameOf(program)
    it.runIf(IS_NODE)(`${name} passes`, async () => {
      const { code, output } = await run(program)
      expect(output).toMatch(/^# pass [1-9]/m)
      expect(code, output).toBe(0)
    })

    it.runIf(IS_NODE)(`${name} fails for an API that does not check`, async () => {
      const [check = '', instead = ''] = BROKEN[name] ?? []
      const { text, modules } = program
      expect([text, ...modules.values()].join('\n')).toContain(check)
      const withoutCheck = (code: string) => code.replace(check, instead)
      const broken = new Map([...modules].map(([path, code]) => [path, withoutCheck(code)]))
      const { code, output } = await run({ text: withoutCheck(text), modules: broken })
      expect(output).toMatch(/^# fail [1-9]/m)
      expect(code).toBe(1)
    })
  }
})
