import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { until } from '../support/upstream/requests.ts'

// The commands of the README, as typed in a new clone: they need no build.

const root = fileURLToPath(new URL('../..', import.meta.url))

function npm(...args: readonly string[]) {
  const child: ChildProcess = spawn('npm', args, { cwd: root, env: { ...process.env, CI: 'true' } })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  return { child, output, ended: once(child, 'close').then(([code]) => code as number | null) }
}

it.each([
  ['start', 'Shows in your browser'],
  ['run demo', 'Shows how an API'],
])('npm %s -- --help prints its help and nothing else', async (command, text) => {
  const { output, ended } = npm('--silent', ...command.split(' '), '--', '--help')
  expect(await ended).toBe(0)
  expect(output.stdout.startsWith(text)).toBe(true)
  expect(output.stdout).toContain(`npm ${command} -- --help`)
  expect(output.stderr).toBe('')
})

it.each(['start', 'run demo'])('npm %s refuses an unknown option, with status 2', async (command) => {
  const { output, ended } = npm('--silent', ...command.split(' '), '--', '--colour')
  expect(await ended).toBe(2)
  expect(output.stderr).toMatch(/--colour.*\n?.*--help/)
})

it('npm start reports progress first, then its URL, and ends with status 0 on Ctrl-C', async () => {
  const { child, output, ended } = npm('--silent', 'start', '--', '--port', '0')
  await until(() => output.stderr !== '' || child.exitCode !== null, 'progress')
  expect(output.stderr).toBe('Preparing playground …\n')
  await until(() => output.stdout.includes('Ctrl-C') || child.exitCode !== null, 'the URL')
  expect(output.stdout).toMatch(/^ {2}http:\/\/127\.0\.0\.1:\d+$/m)
  // npm forwards it; a second one could come when Node has already removed the listeners. After `child.kill()`, Deno reports
  // the signal instead of the status.
  process.kill(child.pid ?? Number.NaN, 'SIGINT')
  expect(await ended).toBe(0)
})

it('every dependency supports this version of Node: npm ci has nothing to warn about', async () => {
  const { output, ended } = npm('ci', '--dry-run', '--engine-strict', '--offline', '--no-audit')
  expect(await ended, output.stderr).toBe(0)
})
