import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'
import { afterAll } from 'vitest'
import { until } from '../support/upstream/requests.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const ON_DIST = process.env.BEARWARD_TEST_TARGET === 'dist'
const RUN = 'Deno' in globalThis ? ['run', '-A'] : []

/** An example as a user runs it: a separate process configured by its environment. */
export interface Program {
  /** Its URL. */
  readonly url: string
  /** Its output so far. */
  output(): string
  /** Stops it, and waits until it has exited. */
  stop(): Promise<{ readonly code: number | null; readonly output: string }>
}

let folder: Promise<string> | undefined
const bundles = new Map<string, Promise<string>>()
afterAll(async () => {
  if (folder) await rm(await folder, { recursive: true, force: true })
})

/** The program as one file: the build output, or the bundled sources, which need no build. */
function fileOf(name: string): Promise<string> {
  if (ON_DIST) return Promise.resolve(join(root, `build/examples/${name}.js`))
  const bundle = bundles.get(name) ?? bundled(name, { entryPoints: [join(root, `examples/${name}.ts`)] })
  bundles.set(name, bundle)
  return bundle
}

async function bundled(name: string, source: Pick<BuildOptions, 'entryPoints' | 'stdin'>): Promise<string> {
  folder ??= mkdtemp(join(tmpdir(), 'bearward-'))
  const outfile = join(await folder, `${name}.mjs`)
  await build({
    ...source,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    absWorkingDir: root,
    conditions: [...(ON_DIST ? [] : ['@bearward/source']), ...('Bun' in globalThis ? ['bun'] : [])],
    // Some frameworks are CommonJS and require Node's modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
    // What Nest loads only if it is installed.
    external: ['@nestjs/microservices', '@nestjs/platform-socket.io', 'class-transformer', 'class-validator'],
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    logLevel: 'silent',
  })
  return outfile
}

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<unknown>
  output(): string
}

/** A runtime, and the arguments before the file. */
type Runtime = readonly [command: string, ...args: string[]]

function run(
  file: string,
  settings: Readonly<Record<string, string>>,
  [command, ...args]: Runtime = [process.execPath, ...RUN],
): Running {
  const child = spawn(command, [...args, file], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...settings },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  return { child, ended: once(child, 'close'), output: () => output }
}

/** Starts an example on a free port. */
export async function startProgram(
  name: string,
  settings: Readonly<Record<string, string>>,
  runtime?: Runtime,
): Promise<Program> {
  return listening(name, run(await fileOf(name), { PORT: '0', ...settings }, runtime))
}

/** Starts a program from its text, such as one in a document; it prints its own URL. */
export async function startText(
  name: string,
  contents: string,
  settings: Readonly<Record<string, string>>,
): Promise<Program> {
  const file = await bundled(name, { stdin: { contents, loader: 'ts', resolveDir: root } })
  return listening(name, run(file, settings))
}

async function listening(name: string, { child, ended, output }: Running): Promise<Program> {
  const address = () => /(https?:\/\/localhost:\d+)\//.exec(output())
  await until(() => address() !== null || child.exitCode !== null, `${name} listening`)
  const [, url] = address() ?? []
  if (url === undefined) throw new Error(`${name} ended: ${output()}`)
  return {
    url,
    output,
    async stop() {
      // Not child.kill(): Deno then reports the signal as the cause of the exit, whatever the cause was.
      const runs = child.exitCode === null && child.signalCode === null
      if (runs && child.pid !== undefined) process.kill(child.pid, 'SIGTERM')
      const deadline = setTimeout(() => child.kill('SIGKILL'), 30_000)
      await ended
      clearTimeout(deadline)
      if (child.signalCode === 'SIGKILL') throw new Error(`${name} did not end within 30 s: ${output()}`)
      return { code: child.exitCode, output: output() }
    },
  }
}

/** Runs an example that is expected to exit by itself. */
export async function runProgram(name: string, settings: Readonly<Record<string, string>>) {
  const { child, ended, output } = run(await fileOf(name), settings)
  await ended
  return { code: child.exitCode, output: output() }
}

/** The same for a program from its text. */
export async function runText(name: string, contents: string, settings: Readonly<Record<string, string>>) {
  const file = await bundled(name, { stdin: { contents, loader: 'ts', resolveDir: root } })
  const { child, ended, output } = run(file, settings)
  await ended
  return { code: child.exitCode, output: output() }
}

/** One request to a program. */
export async function ask(
  { url }: Program,
  path: string,
  token?: string,
  init: { readonly method?: string; readonly body?: unknown } = {},
) {
  const { method = 'GET', body } = init
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      connection: 'close',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : text,
  }
}
