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

/** A process that responds to lines of JSON with lines of JSON. */
export interface Child<Report> {
  ask(message: unknown): Promise<Report>
  /** The next line that it writes by itself. */
  next(): Promise<Report>
  stop(): Promise<void>
  /** Its exit code, when it has exited. */
  readonly exited: Promise<number | null>
}

export interface Children<Start, Report> {
  /** Resolves once the process is ready. */
  start(options: Start): Promise<Child<Report>>
  /** Ends all started processes, also if one failed to start and no test ran. */
  remove(): Promise<void>
}

/** Bundles one of our modules as a program to run in child processes. */
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
    // The clients are CommonJS and load Node's modules with `require`.
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
      const nextReport = async () => JSON.parse(await next()) as Report
      const exited = once(child, 'exit').then(([code]) => code as number | null)
      expect(await next()).toBe('ready')
      return {
        ask(message) {
          child.stdin?.write(`${JSON.stringify(message)}\n`)
          return nextReport()
        },
        next: nextReport,
        async stop() {
          child.stdin?.end()
          await exited
        },
        exited,
      }
    },
    async remove() {
      for (const child of children) child.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
