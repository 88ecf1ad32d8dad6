// A long run: an API under steady load while keys rotate, its issuer and its store fail, and clients disconnect. It prints
// what was wrong, and how the heap grew. Exits with 1 after a wrong response.
//
//   npm run soak -- --minutes 60 --rate 100
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

// Inside of the package, so that it finds the package by its own name.
const outfile = fileURLToPath(new URL('../../build/soak.mjs', import.meta.url))
await build({
  entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
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
