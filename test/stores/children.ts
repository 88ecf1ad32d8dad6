import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const conditions = process.env.BEARWARD_TEST_TARGET === 'dist' ? [] : ['@bearward/source']
const RUN = 'Deno' in globalThis ? ['run', '-A'] : []

/** A process that answers lines of JSON with lines of JSON. */
export interface Child<Report> {
  ask(message: unknown): Promise<Report>
  stop(): Promise<void>
}

export interface Children<Start, Report> {
  /** Returns when it says that it is ready. */
  start(options: Start): Promise<Child<Report>>
  /** Ends all that were started, also where one of them did not come up and the tests never began. */
  remove(): Promise<void>
}

/** Makes a program of one of our modules, to be run in processes of its own. */
export async function createChildren<Start, Report>(entry: URL): Promise<Children<Start, Report>> {
  const folder = await mkdtemp(join(tmpdir(), 'bearward-'))
  const program = join(folder, 'program.mjs')
  const children: ChildProcess[] = []
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    absWorkingDir: root,
    conditions,
    // The clients are CommonJS, which loads the modules of Node by `require`.
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)` },
  })
  return {
    async start(options) {
      const child: ChildProcess = spawn(process.execPath, [...RUN, program, JSON.stringify(options)], {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { PATH: process.env.PATH },
      })
      children.push(child)
      const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
      const next = async () => (await lines.next()).value as string
      expect(await next()).toBe('ready')
      return {
        async ask(message) {
          child.stdin?.write(`${JSON.stringify(message)}\n`)
          return JSON.parse(await next()) as Report
        },
        async stop() {
          child.stdin?.end()
          await once(child, 'exit')
        },
      }
    },
    async remove() {
      for (const child of children) child.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
