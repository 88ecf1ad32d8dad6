import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// The packed tarball, as users install it. Separate from the other tests because it fetches compilers and frameworks from
// the registry, and because its steps take seconds, not milliseconds.
const report = process.env.BEARWARD_TEST_REPORT

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/package/**/*.test.ts'],
    pool: 'forks',
    // Compilers take seconds: those of one consumer run side by side.
    maxConcurrency: 2,
    testTimeout: 300_000,
    hookTimeout: 600_000,
    reporters: report === undefined ? ['verbose'] : ['verbose', 'json'],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
  },
})
