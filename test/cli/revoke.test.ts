import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bearward } from './command.ts'

// `bearward revoke` as far as it needs no store; the rest is in test/stores/revoke-command.test.ts.

const CANARY = 'hunter2-canary'
const env = { REDIS_URL: `redis://:${CANARY}@127.0.0.1:1`, STORE_SECRET: `${CANARY}-0123456789-0123456789-0123456789` }

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'bearward-revoke-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

describe('an invalid command line', () => {
  it.each([
    [[], 'use one of'],
    [['--sub', 'alice', '--list'], 'use one of'],
    [['--list', '--restore', 'x'], 'use one of'],
    [['--sub', 'alice', '--jti', 'x'], 'exactly one of'],
    [['--sub', ''], 'revoke.sub'],
    [['--all'], 'all requires an issuer'],
    [['--sub', 'alice', '--max-lifetime', 'a day'], '--max-lifetime must be a number'],
    [['--sub', 'alice', '--max-lifetime', '0'], 'maxLifetime'],
    [['alice'], 'takes only options'],
    [['--subject', 'alice'], 'unknown option --subject'],
    [['--secret', CANARY, '--list'], 'unknown option --secret'],
    [['--sub', 'alice', '--store-env', 'NOT_SET'], '--store-env names an environment variable that is not set'],
    [['--sub', 'alice', '--secret-env', 'NOT_SET'], '--secret-env names an environment variable that is not set'],
  ])('%j', async (args, message) => {
    const outcome = await bearward(['revoke', ...args], { env })
    expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) })
    expect(outcome.stderr).not.toContain(CANARY)
  })
})

it('names the variables that it reads by default', async () => {
  const names = ({ stderr }: { readonly stderr: string }) => /^bearward: (\w+) is not set; --/.exec(stderr)?.[1]
  expect(names(await bearward(['revoke', '--list'], { env: {} }))).toBe('REDIS_URL')
  const REDIS_URL = 'redis://127.0.0.1:1'
  expect(names(await bearward(['revoke', '--list'], { env: { REDIS_URL } }))).toBe('STORE_SECRET')
})

// Bun installs the client by itself where there is no node_modules.
it.skipIf('Bun' in globalThis)('without a Redis client in the folder, it says how to install one', async () => {
  const outcome = await bearward(['revoke', '--list'], { env, cwd: await folder() })
  expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('npm install redis') })
})

it.each(['redis', 'ioredis'])(
  'uses %s from the folder; of an error it prints the code, never the URL',
  async (name) => {
    const cwd = await folder()
    const module = join(cwd, 'node_modules', name)
    await mkdir(module, { recursive: true })
    const client = `{ on() {}, disconnect() {}, connect: async () => {
    throw Object.assign(new Error('cannot reach ' + url), { code: '${name}_refused' }) } }`
    await writeFile(
      join(module, 'index.js'),
      `exports.${name === 'redis' ? 'createClient = ({ url }) => (' : 'Redis = function (url) { return ('}${client})${name === 'redis' ? '' : ' }'}`,
    )
    const outcome = await bearward(['revoke', '--list'], { env, cwd })
    expect(outcome).toEqual({
      code: 3,
      stdout: '',
      stderr: `bearward: the store cannot be reached (${name}_refused)\n`,
    })
  },
)

it.skipIf('Bun' in globalThis)(
  'a store that accepts the connection and says nothing is exit status 3',
  async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const REDIS_URL = `redis://:${CANARY}@127.0.0.1:${port}`
    const runs = ['redis', 'ioredis'].map(async (name) => {
      const cwd = await folder()
      await mkdir(join(cwd, 'node_modules'))
      await symlink(
        fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url)),
        join(cwd, 'node_modules', name),
      )
      return bearward(['revoke', '--list'], { env: { ...env, REDIS_URL }, cwd })
    })
    const outcome = { code: 3, stdout: '', stderr: 'bearward: the store cannot be reached (ETIMEDOUT)\n' }
    expect(await Promise.all(runs)).toEqual([outcome, outcome])
  },
  30_000,
)

it.each([
  ['refuses connections', 'redis://:hunter2-canary@127.0.0.1:1'],
  ['has no valid URL', 'hunter2-canary'],
])('a store that %s is exit status 3, without its URL', async (_, REDIS_URL) => {
  const outcome = await bearward(['revoke', '--sub', 'alice'], { env: { ...env, REDIS_URL } })
  expect(outcome).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('cannot be reached (') })
  expect(outcome.stderr).not.toContain(CANARY)
})
