// What callers see while an introspection endpoint misbehaves, as a Markdown table; exits with 1 if a row is out of
// bounds. Uses the built package with its default options.
//
//   npm run outage
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

// Inside of the package, so that it finds the package by its own name.
const outfile = fileURLToPath(new URL('../../build/outage-table.mjs', import.meta.url))
await build({
  entryPoints: [fileURLToPath(new URL('table.ts', import.meta.url))],
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
