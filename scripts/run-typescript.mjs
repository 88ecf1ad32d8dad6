// Runs a program in TypeScript, after bundling it into a temporary file inside of the package, so that it finds the package
// by its own name.
//
//   node scripts/run-typescript.mjs [--source] <program> [arguments]
//
// The program meets the package as it is built, or with `--source` its sources.
import { rmSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const fromSource = process.argv[2] === '--source'
if (fromSource) process.argv.splice(2, 1)
const [program] = process.argv.splice(2, 1)
if (program === undefined)
  throw new TypeError('expected a program: node scripts/run-typescript.mjs scripts/soak/main.ts')

const name = `${basename(dirname(program))}-${process.pid}.mjs`
const outfile = fileURLToPath(new URL(`../build/${name}`, import.meta.url))
await build({
  entryPoints: [resolve(program)],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  logLevel: 'warning',
  ...(fromSource ? { conditions: ['@bearward/source'] } : {}),
  plugins: [{ name: 'dependencies', setup: leaveDependencies }],
})
/** Packages are loaded from node_modules, as they are; our own only if it is built. */
function leaveDependencies({ onResolve }) {
  onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
    kind === 'entry-point' || (fromSource && /^bearward(\/|$)/.test(path)) ? undefined : { path, external: true },
  )
}

process.once('exit', () => rmSync(outfile))
await import(outfile)
