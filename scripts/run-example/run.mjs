// Runs a program of examples/ from its TypeScript sources: `node scripts/run-example/run.mjs playground --port 0`.
// Bundling takes about a second; the compiler would take half a minute before the program could print its help.
// With BEARWARD_TEST_TARGET=dist it runs the build output, as the gate does.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const [example = '', ...options] = process.argv.slice(2)
// `npm start -- --operate` is a program of its own, beside the playground.
const name = options.includes('--operate') ? 'operate' : example
const rest = options.filter((option) => option !== '--operate')
const inFolder = existsSync(join(root, `examples/${name}/main.ts`))
const source = inFolder ? `examples/${name}/main` : `examples/${name}`

async function bundled() {
  const { build, stop } = await import('esbuild').catch((thrown) => {
    if (thrown.code !== 'ERR_MODULE_NOT_FOUND') throw thrown
    console.error('The dependencies are not installed yet. Run this first: npm ci')
    process.exit(1)
  })
  const wantsHelp = rest.includes('--help') || rest.includes('-h')
  if (!wantsHelp) console.error(`Preparing ${name} …`)
  const outfile = join(root, 'build/bundles', `${name}.js`)
  await build({
    entryPoints: [join(root, `${source}.ts`)],
    outfile,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    sourcemap: 'inline',
    conditions: ['@bearward/source'],
    plugins: [{ name: 'dependencies', setup: leaveDependencies }],
    logLevel: 'error',
  })
  await stop() // its own process would receive Ctrl-C as well
  return outfile
}

/** Packages other than our own are loaded from node_modules, as they are. */
function leaveDependencies({ onResolve }) {
  onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
    kind === 'entry-point' || /^bearward(\/|$)/.test(path) ? undefined : { path, external: true },
  )
}

const file = process.env.BEARWARD_TEST_TARGET === 'dist' ? join(root, 'build', `${source}.js`) : await bundled()
process.argv = [process.argv[0], file, ...rest]
await import(pathToFileURL(file).href)
