import { existsSync } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultClientConditions, defaultServerConditions, type Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

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

// A file to which the counts go as JSON, beside what is printed.
const report = process.env.BEARWARD_TEST_REPORT

// Prepended, never in place of the defaults: without them other packages would resolve differently than in production.
const own = target === 'source' ? ['@bearward/source'] : []

/** Tests of inner modules name them by their source file. On the dist target those imports go to the build as well. */
const builtModules: Plugin = {
  name: 'bearward:built-modules',
  enforce: 'pre',
  resolveId(source, importer) {
    if (importer === undefined || !source.startsWith('.') || !source.endsWith('.ts')) return undefined
    const file = resolve(dirname(importer), source)
    const inside = ['src', 'adapters', 'cli', 'testing'].some((folder) => file.startsWith(resolve(root, folder) + sep))
    if (!inside) return undefined
    return resolve(root, 'dist', file.slice(root.length).replace(/\.ts$/, '.js'))
  },
}

export default defineConfig({
  plugins: target === 'dist' ? [builtModules] : [],
  resolve: { conditions: [...own, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [...own, ...defaultServerConditions] } },
  test: {
    include: ['test/**/*.test.ts'],
    // Needs the registry and a packed tarball: `npm run test:package` runs it with its own configuration.
    exclude: ['test/package/**', '**/node_modules/**'],
    pool: 'forks',
    // Generous on purpose: a limit here finds what hangs. No test measures time.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    unstubGlobals: true,
    unstubEnvs: true,
    // The build is loaded by the runtime itself, as in an application, and not transformed on the way.
    server: { deps: { external: target === 'dist' ? [/\/dist\/(src|adapters|testing)\//] : [] } },
    reporters: report === undefined ? ['default'] : ['default', 'json'],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'adapters/**/*.ts', 'testing/**/*.ts'],
      reporter: ['text', 'html'],
    },
  },
})
