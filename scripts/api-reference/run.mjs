// Writes docs/api.md from the doc comments of everything the package exports, and docs/options.md from the checks of the
// options and the doc comments of their types.
//
//   npm run docs
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const outfile = fileURLToPath(new URL('../../build/api-reference.mjs', import.meta.url))
await build({
  entryPoints: [fileURLToPath(new URL('write.ts', import.meta.url))],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  logLevel: 'warning',
})
try {
  await import(outfile)
} finally {
  rmSync(outfile)
}
