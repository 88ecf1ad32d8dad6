import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)

export const root = fileURLToPath(new URL('../..', import.meta.url))
const here = fileURLToPath(new URL('.', import.meta.url))

interface PackageJson {
  readonly version: string
  readonly exports: Readonly<Record<string, unknown>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson

/** The exact version that our own tests use, so consumers get the same framework. */
export const pinned = (name: string): string => {
  const version = manifest.devDependencies[name]
  if (version === undefined) throw new Error(`${name} is not among the devDependencies`)
  return version.startsWith('npm:') ? version.slice('npm:'.length) : `${name}@${version}`
}

export interface Outcome {
  readonly code: number
  readonly output: string
  /** The command ran into its deadline. */
  readonly stopped?: true
}

// The environment of `npm run` describes this project; npm in another folder must not read it.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^npm_(?:package_|lifecycle_|config_local_prefix|command|execpath)/.test(name) && name !== 'NODE_ENV',
  ),
)

// npm waits five minutes for a registry that has accepted the connection and sends nothing. Packages that `npm ci` has
// already loaded come from npm's own cache.
const registry = {
  npm_config_fetch_timeout: '20000',
  npm_config_fetch_retries: '4',
  npm_config_fetch_retry_mintimeout: '1000',
  npm_config_prefer_offline: 'true',
}

const DEADLINE = 170_000

/** @param deadline in milliseconds */
export async function run(
  command: string,
  args: readonly string[],
  folder: string,
  deadline = DEADLINE,
): Promise<Outcome> {
  try {
    const { stdout, stderr } = await execute(command, args, {
      cwd: folder,
      env: { ...environment, ...registry, NO_COLOR: '1', FORCE_COLOR: '0' },
      maxBuffer: 64 * 1024 * 1024,
      timeout: deadline,
    })
    return { code: 0, output: stdout + stderr }
  } catch (thrown) {
    const failure = thrown as {
      code?: number | string
      killed?: boolean
      stdout?: string
      stderr?: string
      message: string
    }
    const output = `${failure.stdout ?? ''}${failure.stderr ?? ''}` || failure.message
    if (failure.killed) return { code: 1, output: `${output}\nstopped after ${deadline / 1000} s`, stopped: true }
    return { code: typeof failure.code === 'number' ? failure.code : 1, output }
  }
}

/** As `run`, but the command has to succeed. */
export async function must(command: string, args: readonly string[], folder: string): Promise<string> {
  const { code, output } = await run(command, args, folder)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`)
  return output
}

/** A folder outside of the tree, so that nothing resolves from our own node_modules by accident. */
export function openWorkshop(): { readonly folder: string; close(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'bearward-package-'))
  return { folder, close: () => rmSync(folder, { recursive: true, force: true }) }
}

export interface Packed {
  readonly tarball: string
  readonly files: readonly string[]
  readonly size: number
}

/** Packs dist as `npm run build` left it; the scripts of the package do not run again. */
export async function pack(folder: string): Promise<Packed> {
  const output = await must(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--loglevel', 'error', '--pack-destination', folder],
    root,
  )
  const report = JSON.parse(output.slice(output.indexOf('['))) as [
    { filename: string; size: number; files: { path: string }[] },
  ]
  const [{ filename, size, files }] = report
  return { tarball: join(folder, filename), size, files: files.map(({ path }) => path).sort() }
}

export async function install(folder: string, packages: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--save-exact', ...packages]
  // npm 11 sometimes stops for good, without load, where it reads a local tarball: "fetch manifest bearward@file:" is then
  // the last line of its log. Another attempt succeeds.
  let outcome = await run('npm', args, folder, 90_000)
  if (outcome.stopped) outcome = await run('npm', args, folder)
  if (outcome.code !== 0) throw new Error(`npm ${args.join(' ')} ended with ${outcome.code}:\n${outcome.output}`)
}

export function copyInto(folder: string, ...files: readonly string[]): void {
  for (const file of files) cpSync(join(here, file), join(folder, file.slice(file.lastIndexOf('/') + 1)))
}
