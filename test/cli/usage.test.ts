import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bearward } from './command.ts'
import { bearwardProcess } from './command-process.ts'

const SECRET = 'hunter2-canary'

describe('the process', () => {
  it('exits with 0, and writes the output of the command', async () => {
    const outcome = await bearwardProcess(['--help'])
    expect(outcome.code).toBe(0)
    expect(outcome).toEqual(await bearward(['--help']))
  })

  it('exits with 2 for an invalid command line, including standard input', async () => {
    const input = 'x'.repeat(1_000_001)
    const outcome = await bearwardProcess(['inspect'], { input })
    expect(outcome.code).toBe(2)
    expect(outcome).toEqual(await bearward(['inspect'], { input }))
  })

  it('has the same result if no one reads its output to the end', async () => {
    expect(await bearwardProcess(['inspect', 'opaque'], { isRead: false })).toMatchObject({ code: 0, stderr: '' })
    expect(await bearwardProcess(['doctor', '--issuer=x', '--resource=y'], { isRead: false })).toMatchObject({
      code: 1,
      stderr: '',
    })
  })

  it('exits with 0 if an issuer is stopped', async () => {
    expect((await bearwardProcess(['issuer', '--port', '0'], { isStopped: true })).code).toBe(0)
  })

  it('ends, whatever a configuration keeps open', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bearward-open-'))
    try {
      const file = join(folder, 'options.mjs')
      await writeFile(
        file,
        "setInterval(() => 1, 1000)\nexport default { resource: 'orders', issuer: 'https://a.test' }",
      )
      const { code, stdout } = await bearwardProcess(['doctor', '--config', file])
      expect(code).toBe(1)
      expect(stdout).toMatch(/option resource .*\n1 problem\.\n$/s)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('help', () => {
  it.each([
    [['--help'], 'bearward doctor'],
    [['inspect', '--help'], '--profile NAME'],
    [['doctor', '--help'], '--client-secret-env NAME'],
    [['revoke', '--help'], '--secret-env NAME'],
    [['issuer', '--help'], '--port N'],
  ])('%j', async (args, part) => {
    expect(await bearward(args)).toMatchObject({ code: 0, stdout: expect.stringContaining(part), stderr: '' })
  })

  it('without a command it is shown as well, and the command line counts as invalid', async () => {
    expect(await bearward([])).toMatchObject({ code: 2, stdout: expect.stringContaining('bearward doctor') })
  })

  it('--version', async () => {
    const manifest = readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8')
    const { version } = JSON.parse(manifest) as { version: string }
    expect(await bearward(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('every option of the help is in docs/command-line.md, and vice versa', async () => {
    const page = readFileSync(fileURLToPath(new URL('../../docs/command-line.md', import.meta.url)), 'utf8')
    const optionsIn = (text: string) => [...new Set(text.match(/--[a-z][a-z-]+/g))].sort()
    const output = await Promise.all(
      ['inspect', 'doctor', 'revoke', 'issuer'].map((command) => bearward([command, '--help'])),
    )
    expect(optionsIn(output.map(({ stdout }) => stdout).join())).toEqual(optionsIn(page))
  })
})

describe('an invalid command line exits with 2 and one line, which repeats no value', () => {
  const DOCTOR = ['doctor', '--issuer', 'https://a.test', '--resource', 'https://b.test']
  it.each<[string, readonly string[], string?]>([
    ['another command', [SECRET]],
    ['an unknown option', ['inspect', `--tokn=${SECRET}`]],
    ['an unknown option of one letter', ['inspect', `-x${SECRET}`]],
    ['an option without its value', ['inspect', '--issuer']],
    ['an unexpected value', ['inspect', `--json=${SECRET}`]],
    ['two tokens', ['inspect', SECRET, SECRET]],
    ['another profile', ['inspect', SECRET, '--profile', SECRET]],
    [
      'an invalid issuer',
      ['inspect', 'garbage.garbage.garbage', '--issuer', 'https://a.test/.well-known/openid-configuration'],
    ],
    ['no token', ['inspect']],
    ['standard input without end', ['inspect'], 'x'.repeat(1_000_001)],
    ['a secret on the command line', [...DOCTOR, '--client-secret', SECRET]],
    ['a secret on the command line, with =', [...DOCTOR, `--client-secret=${SECRET}`]],
    ['a token on the command line', [...DOCTOR, `--token=${SECRET}`]],
    ['a token as an argument of doctor', [...DOCTOR, SECRET]],
    ['doctor without an issuer', ['doctor', '--resource', 'https://b.test']],
    ['doctor without a resource', ['doctor', '--issuer', 'https://a.test']],
    ['a client without a secret', [...DOCTOR, '--client-id', 'api']],
    ['a secret without a client', [...DOCTOR, '--client-secret-env', 'NAME']],
    ['a variable that is not set', [...DOCTOR, '--client-id', 'api', '--client-secret-env', 'NOT_SET']],
    ['a token variable that is not set', [...DOCTOR, '--token-env', 'NOT_SET']],
    ['a token that is empty', [...DOCTOR, '--token-stdin'], ' '],
    ['two sources of a token', [...DOCTOR, '--token-stdin', '--token-env', 'TOKEN'], SECRET],
    ['a variable with the name of a member of every object', [...DOCTOR, '--token-env', 'toString']],
    ['another way to authenticate', [...DOCTOR, '--client-auth', SECRET]],
  ])('%s', async (_name, args, input = '') => {
    const { code, stdout, stderr } = await bearward(args, { input })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^bearward: [^\n]+\n$/)
    expect(stderr).not.toContain(SECRET)
  })

  it('--token is refused by inspect in favor of what inspect has', async () => {
    const { stderr } = await bearward(['inspect', '--token', SECRET])
    expect(stderr).toBe('bearward: others can see a token on the command line; pass it on standard input\n')
  })

  it.each([
    ['--client-secret', '--client-secret-env'],
    ['--token', '--token-env'],
  ])('%s is refused in favor of the hidden alternative', async (option, better) => {
    expect((await bearward([...DOCTOR, option, SECRET])).stderr).toContain(`on the command line; use ${better}`)
  })
})
