// Writes docs/providers.md: starts an API with the options for each provider, and sends it tokens of that provider.
//
//   npm run docs:providers
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const outfile = fileURLToPath(new URL('../../build/provider-table.mjs', import.meta.url))
await build({
  entryPoints: [fileURLToPath(new URL('write.ts', import.meta.url))],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  conditions: ['@bearward/source'],
  external: ['typescript', 'vitest'],
  logLevel: 'warning',
})
try {
  await import(outfile)
} finally {
  rmSync(outfile)
}
