import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll } from 'vitest'
import type { CommandInput, Outcome } from './command.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const ON_DIST = process.env.BEARWARD_TEST_TARGET === 'dist'
const RUN = 'Deno' in globalThis ? ['run', '-A'] : []

let folder: string | undefined
let file: Promise<string> | undefined
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

/** The build, or the sources as one file inside the repository, where the package resolves by its own name. */
async function built(): Promise<string> {
  if (ON_DIST) return join(root, 'dist/cli/main.js')
  await mkdir(join(root, 'build'), { recursive: true })
  folder = await mkdtemp(join(root, 'build/cli-'))
  const outfile = join(folder, 'main.mjs')
  await build({
    entryPoints: [join(root, 'cli/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    absWorkingDir: root,
    conditions: ['@bearward/source'],
    logLevel: 'silent',
  })
  return outfile
}

/** Runs the real command, in its own process. */
export async function bearwardProcess(
  args: readonly string[],
  {
    input = '',
    env = {},
    isRead = true,
    isStopped = false,
  }: CommandInput & { readonly isRead?: boolean; readonly isStopped?: boolean } = {},
): Promise<Outcome> {
  file ??= built()
  const child = spawn(process.execPath, [...RUN, await file, ...args], {
    env: { PATH: process.env.PATH, TZ: 'UTC', NO_COLOR: '1', ...env },
  })
  const outcome = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      outcome[name] += text
    })
  }
  if (!isRead) child.stdout.destroy() // as `head` does
  if (isStopped) child.stdout.once('data', () => child.kill('SIGINT')) // as Ctrl+C does
  child.stdin.on('error', () => undefined).end(input) // it may exit without reading stdin
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, ...outcome }
}
