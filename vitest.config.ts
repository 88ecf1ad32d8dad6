import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultClientConditions, defaultServerConditions, type Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { failureReporter } from './test/support/tiers/failure-reporter.ts'
import { filesOf, TIERS, type Tier, testFiles } from './test/support/tiers/tiers.ts'

const root = fileURLToPath(new URL('.', import.meta.url))

// `source` (default): the suite runs on the TypeScript sources, nothing has to be built first.
// `dist`: the same suite runs on the build output, which is what the published package holds.
const target = process.env.BEARWARD_TEST_TARGET ?? 'source'
if (target !== 'source' && target !== 'dist') {
  throw new TypeError(`BEARWARD_TEST_TARGET is ${JSON.stringify(target)}, expected "source" or "dist"`)
}
if (target === 'dist' && !existsSync(resolve(root, 'dist/src/index.js'))) {
  throw new Error('BEARWARD_TEST_TARGET=dist needs a build: run "npm run test:dist", which builds first')
}

// A folder with another version of Nest in its node_modules, where its packages find each other: scripts/runtimes.sh.
const otherNest = process.env.BEARWARD_TEST_NEST
const alias =
  otherNest === undefined ? [] : [{ find: /^@nestjs\//, replacement: `${resolve(otherNest, 'node_modules/@nestjs')}/` }]

// A file to which the counts go as JSON, beside what is printed.
const report = process.env.BEARWARD_TEST_REPORT

// Prepended, never in place of the defaults: without them other packages would resolve differently than in production.
const own = target === 'source' ? ['@bearward/source'] : []
// Without the one for bundlers: Node does not have it, and the builds behind it are not always for Node.
const serverConditions = defaultServerConditions.filter((condition) => condition !== 'module')

/** Tests of inner modules name them by their source file. On the dist target those imports go to the build as well. */
const builtModules: Plugin = {
  name: 'bearward:built-modules',
  enforce: 'pre',
  resolveId(source, importer) {
    if (importer === undefined || !source.startsWith('.') || !source.endsWith('.ts')) return undefined
    const file = resolve(dirname(importer), source)
    const inside = ['src', 'adapters', 'cli', 'providers', 'testing'].some((folder) =>
      file.startsWith(resolve(root, folder) + sep),
    )
    if (!inside) return undefined
    return resolve(root, 'dist', file.slice(root.length).replace(/\.ts$/, '.js'))
  },
}

/** `npm test` is the quick tier; `--mode exhaustive` and `--mode e2e` choose the others. */
function tierOf(mode: string): Tier {
  // The default modes of Vitest, and of tools that read this file.
  if (['test', 'development', 'production'].includes(mode)) return 'quick'
  const tier = TIERS.find((name) => name === mode)
  if (tier === undefined) throw new TypeError(`--mode is ${JSON.stringify(mode)}, expected one of ${TIERS.join(', ')}`)
  return tier
}

// Of the build, the gate runs what an application meets: the contract suite and the corpus. The package has its own run.
const ON_DIST = /^test\/(contract|corpus)\//

export default defineConfig(({ mode }) => {
  const tier = tierOf(mode)
  const files = filesOf(tier, testFiles(resolve(root, 'test'))).filter(
    ({ path }) => target === 'source' || ON_DIST.test(path),
  )
  const project = (name: string, isolate: boolean) => ({
    extends: true as const,
    test: {
      name,
      isolate,
      include: files.filter(({ shares }) => shares !== isolate).map(({ path }) => path),
      // Here and not below: what a project extends is evaluated again, in the default mode.
      env: { BEARWARD_TEST_TIER: tier },
    },
  })
  return {
    plugins: target === 'dist' ? [builtModules] : [],
    resolve: { alias, conditions: [...own, ...defaultClientConditions] },
    ssr: { resolve: { conditions: [...own, ...serverConditions] } },
    test: {
      projects: [project('own process', true), project('shared process', false)].filter(
        ({ test }) => test.include.length > 0,
      ),
      pool: 'forks',
      // Vitest's own default is one worker fewer than there are cores, so one on two.
      maxWorkers: Math.max(2, availableParallelism() - 1),
      // Generous on purpose: a limit here finds what hangs. No test measures time.
      testTimeout: tier === 'exhaustive' ? 120_000 : 30_000,
      hookTimeout: 30_000,
      restoreMocks: true,
      unstubGlobals: true,
      unstubEnvs: true,
      setupFiles: process.env.BEARWARD_SEED === undefined ? [] : ['test/support/tiers/fixed-seed.ts'],
      // The build is loaded by the runtime itself, as in an application, and not transformed on the way.
      server: { deps: { external: target === 'dist' ? [/\/dist\/(src|adapters|providers|testing)\//] : [] } },
      reporters: ['default', failureReporter(tier), ...(report === undefined ? [] : ['json'])],
      ...(report === undefined ? {} : { outputFile: { json: report } }),
      coverage: {
        provider: 'v8',
        include: ['src/**/*.ts', 'adapters/**/*.ts', 'providers/**/*.ts', 'testing/**/*.ts'],
        reporter: ['text', 'html'],
      },
    },
  }
})
