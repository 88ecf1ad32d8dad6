import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestIssuer, type TestIssuer } from 'bearward/testing'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { bearward } from './command.ts'
import type { Finding } from './doctor-findings.ts'

const SECRET = 'hunter2-canary'

let issuer: TestIssuer
let folder: string
beforeAll(async () => {
  issuer = await createTestIssuer({ server: createServer(), resource: RESOURCE })
  folder = await mkdtemp(join(tmpdir(), 'bearward-doctor-'))
})
afterAll(async () => {
  await issuer.stop()
  await rm(folder, { recursive: true })
})

async function doctor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await bearward(['doctor', '--json', ...args], { env })
  expect(stderr).toBe('')
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] }
  return { code, findings, problems: findings.filter(({ level }) => level === 'problem') }
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

/** Lets time pass until the work is done. */
async function passing<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  let isDone = false
  try {
    const end = work().finally(() => {
      isDone = true
    })
    for (; !isDone; await new Promise(setImmediate)) await vi.advanceTimersByTimeAsync(1)
    return await end
  } finally {
    vi.useRealTimers()
  }
}

const json = (value: unknown) => JSON.stringify(value)

describe('--config (N7)', () => {
  it.each([
    ['clock: Date.now', 'clock() must return a number of seconds'],
    [`clock() { throw new Error('${SECRET}') }`, 'a function of the options throws'],
    ["claims: { '~standard': { version: 1, vendor: 'x', validate: () => false } }", 'the claims schema must return'],
  ])('reports that each token would be an error of the application: %s (A7)', async (option, message) => {
    const options = `{ resource: ${json(RESOURCE)}, issuer: ${json(issuer.issuer)}, ${option} }`
    const path = await file(`broken-${message.length}.mjs`, `export default ${options}`)
    const { code, problems } = await doctor(['--config', path, '--token-env', 'TOKEN'], { TOKEN: await issuer.jwt() })
    expect(code).toBe(1)
    expect(problems).toMatchObject([{ area: 'token', message: expect.stringContaining(`500: ${message}`) }])
    expect(json(problems)).not.toContain(SECRET)
  })

  it('takes a scope that another one implies for granted (G3, RFC 6750 §3.1)', async () => {
    const scopes = { admin: ['read:orders'], 'read:orders': [] }
    const path = await file('graph.json', json({ resource: RESOURCE, issuer: issuer.issuer, scopes }))
    const TOKEN = await issuer.jwt({ scope: 'admin' })
    const { code, problems } = await doctor(['--config', path, '--scope', 'read:orders', '--token-env', 'TOKEN'], {
      TOKEN,
    })
    expect([code, problems]).toEqual([0, []])
  })

  it('reports a scope that the options do not declare, as a guard does (G2)', async () => {
    const path = await file('scopes.json', json({ resource: RESOURCE, issuer: issuer.issuer, scopes: ['read:orders'] }))
    const { code, problems } = await doctor(['--config', path, '--scope', 'write:orders'])
    expect([code, problems]).toEqual([
      1,
      [
        expect.objectContaining({
          area: 'options',
          message: expect.stringContaining('does not declare "write:orders"'),
        }),
      ],
    ])
  })

  it('reads JSON, and checks a token with it', async () => {
    const options = { resource: RESOURCE, issuer: { issuer: issuer.issuer, audience: 'orders-api' } }
    const path = await file('options.json', json(options))
    const TOKEN = await issuer.jwt({ aud: 'orders-api' })
    const { code, findings } = await doctor(['--config', path, '--token-env', 'TOKEN'], { TOKEN })
    expect(findings.filter(({ area }) => area === 'token')).toMatchObject([{ level: 'ok' }])
    expect(code).toBe(0)
  })

  it('reads a module with a function, and uses its fetch and its own key set', async () => {
    const { jwk } = issuer.keys.at(-1) ?? {}
    const path = await file(
      'options.mjs',
      `export const options = async () => ({
        resource: ${json(RESOURCE)},
        issuer: { issuer: 'https://auth.example.com', keys: { load: async () => ({ keys: [${json(jwk)}] }) } },
        fetch: () => { throw new Error('no request is needed') },
      })`,
    )
    const { code, findings } = await doctor(['--config', path])
    expect(findings).toContainEqual({ level: 'ok', area: 'keys', message: 'the option keys loads 1 usable keys' })
    expect(code).toBe(0)
  })

  it('tells which keys of a set for many tenants are for others (M4)', async () => {
    const { jwk } = issuer.keys.at(-1) ?? {}
    const keysOf = async (keys: readonly object[]) => {
      const options = { resource: RESOURCE, issuer: { issuer: 'https://a.example', keys: { keys } } }
      const { findings } = await doctor(['--config', await file(`tenants-${keys.length}.json`, json(options))])
      return findings.filter(({ area }) => area === 'keys').map(({ level, message }) => [level, message])
    }
    const [other, own] = ['https://b.example', 'https://a.example'].map((one) => ({ ...jwk, kid: one, issuer: one }))
    expect(await keysOf([other as object, own as object])).toEqual([
      ['note', 'key "https://b.example" (EC, P-256, ES256) is for the tokens of another issuer'],
      ['ok', 'key "https://a.example" (EC, P-256, ES256) is used'],
    ])
    expect(await keysOf([other as object])).toEqual([
      ['problem', 'a server cannot load the keys: the key set holds no usable key'],
      ['note', 'key "https://b.example" (EC, P-256, ES256) is for the tokens of another issuer'],
    ])
  })

  it('compares the sizes with the limits in the options', async () => {
    const limits = { keys: 7, keySet: 100_000 }
    const path = await file('limits.json', json({ resource: RESOURCE, issuer: issuer.issuer, limits }))
    const { findings } = await doctor(['--config', path])
    expect(findings.find(({ area }) => area === 'sizes')?.message).toMatch(/ of 100000 bytes and 1 of 7 keys$/)
    const small = await file('small.json', json({ resource: RESOURCE, issuer: issuer.issuer, limits: { keySet: 99 } }))
    expect((await doctor(['--config', small])).problems).not.toEqual([])
  })

  it('checks a token although another issuer cannot be reached (M1)', async () => {
    const down = 'http://127.0.0.1:9'
    const path = await file('one-down.json', json({ resource: RESOURCE, issuer: [issuer.issuer, down] }))
    const resultOf = async (TOKEN: string) => {
      const { findings } = await doctor(['--config', path, '--token-env', 'TOKEN'], { TOKEN })
      return findings.filter(({ area }) => area === 'token')
    }
    expect(await resultOf(await issuer.jwt())).toMatchObject([{ level: 'ok' }])
    expect(await resultOf(await issuer.jwt({ aud: 'other' }))).toMatchObject([{ level: 'problem' }])
    expect(await resultOf(await issuer.jwt({ iss: down }))).toMatchObject([
      { level: 'note', message: 'not checked: the keys cannot be loaded' },
    ])
  })

  it('checks several issuers, or the one that --issuer names', async () => {
    const { jwk } = issuer.keys.at(-1) ?? {}
    const fixed = { issuer: 'https://other.example.com', keys: { keys: [jwk] } }
    const path = await file('several.json', json({ resource: RESOURCE, issuer: [issuer.issuer, fixed] }))
    const both = await doctor(['--config', path])
    expect(both.problems).toEqual([])
    expect(both.findings.filter(({ area }) => area === 'issuer').map(({ message }) => message)).toEqual([
      issuer.issuer,
      fixed.issuer,
    ])
    const one = await doctor(['--config', path, '--issuer', fixed.issuer])
    expect(one.findings.some(({ message }) => message.includes(issuer.issuer))).toBe(false)
  })

  it('names the preset of a provider for options that it would not take', async () => {
    const { jwk } = issuer.keys.at(-1) ?? {}
    const pool = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI'
    const options = { resource: RESOURCE, issuer: { issuer: pool, audience: 'one', keys: { keys: [jwk] } } }
    const { code, findings } = await doctor(['--config', await file('pool.json', json(options))])
    expect(findings.find(({ area }) => area === 'provider')?.message).toContain('clients')
    expect(code).toBe(0)
  })

  it('resolves one issuer of a resolver', async () => {
    const text = `export default {
      resource: ${json(RESOURCE)},
      issuer: { allow: { has: (name) => name === ${json(issuer.issuer)} }, resolve: () => ({ audience: 'tenant' }) },
    }`
    const path = await file('resolver.mjs', text)
    const TOKEN = await issuer.jwt({ aud: 'tenant' })
    const args = ['--config', path, '--token-env', 'TOKEN']
    expect((await doctor([...args, '--issuer', issuer.issuer], { TOKEN })).problems).toEqual([])
    const without = await bearward(['doctor', ...args], { env: { TOKEN } })
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('--issuer') })
    const unknown = await bearward(['doctor', ...args, '--issuer', 'https://unknown.test'], { env: { TOKEN } })
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('not allowed') })
  })

  const WRONG_RESOLVERS: readonly (readonly [problem: string, issuer: string, ...args: string[]])[] = [
    [
      'issuer.resolve().issuer is another issuer than the one to resolve',
      `{ allow: ['https://a.example'], resolve: () => ({ issuer: 'https://b.example' }) }`,
    ],
    ['issuer.allow.has() failed (Error)', `{ allow: { has() { throw new Error('${SECRET}') } }, resolve: () => ({}) }`],
    [
      'issuer.resolve() failed (TypeError)',
      `{ allow: ['https://a.example'], resolve: () => Promise.reject(new TypeError('${SECRET}')) }`,
    ],
    ['issuer.resolve() must return an object', `{ allow: ['https://a.example'], resolve() {} }`],
    ['issuer.resolve must be', `{ allow: ['https://a.example'], resolve: 7 }`],
    ['issuer.allow must be', `{ allow: null, resolve: () => ({}) }`],
    ['issuer is missing', 'undefined'],
    ['issuer must be', 'null'],
    ['issuer[0] must be', `[null, 'https://a.example']`],
  ]
  it.each(WRONG_RESOLVERS)('one finding: %s', async (problem, text) => {
    const value = text === 'undefined' ? '' : `, issuer: ${text}`
    const path = await file(
      `wrong-${WRONG_RESOLVERS.findIndex(([one]) => one === problem)}.mjs`,
      `export default { resource: ${json(RESOURCE)}${value} }`,
    )
    const { code, problems } = await doctor(['--config', path, '--issuer', 'https://a.example'])
    expect(problems).toMatchObject([{ area: 'options', message: expect.stringContaining(problem) }])
    expect(problems[0]?.message).not.toContain(SECRET)
    expect(code).toBe(1)
  })

  it.each([
    ['issuer.allow.has()', '{ allow: { has: () => never }, resolve: () => ({}) }'],
    ['issuer.resolve()', `{ allow: ['https://a.example'], resolve: () => never }`],
  ])('does not wait for a pending %s', async (option, text) => {
    const path = await file(
      `pending-${option.length}.mjs`,
      `const never = new Promise(() => {})\nexport default { resource: ${json(RESOURCE)}, issuer: ${text} }`,
    )
    const { code, problems } = await passing(() => doctor(['--config', path, '--issuer', 'https://a.example']))
    expect(problems).toMatchObject([{ area: 'options', message: `bearward: option ${option} has no result after 3 s` }])
    expect(code).toBe(1)
  })

  it.each([
    ['a function', 'export default () => new Promise(() => {})'],
    ['a module', 'await new Promise(() => {})\nexport default {}'],
  ])('does not wait for %s without a result', async (name, text) => {
    const path = await file(`pending-${name.length}.mjs`, text)
    const outcome = await passing(() => bearward(['doctor', '--config', path]))
    expect(outcome).toEqual({ code: 2, stdout: '', stderr: 'bearward: --config has no result after 20 s\n' })
  })

  it('reports an option that is wrong, and one that has no effect', async () => {
    const wrong = await file('wrong.json', json({ resource: RESOURCE, issuer: issuer.issuer, audiance: 'x' }))
    expect((await doctor(['--config', wrong])).problems).toMatchObject([
      { area: 'options', message: expect.stringContaining('audiance') },
    ])
    const useless = { resource: RESOURCE, issuer: { issuer: issuer.issuer, scopeClaims: ['realm_access.roles'] } }
    const path = await file('useless.json', json(useless))
    expect((await doctor(['--config', path])).problems).toMatchObject([
      { area: 'options', message: expect.stringContaining('scopeClaims') },
    ])
  })

  it.each([
    ['a missing file', undefined],
    ['a module that throws', `throw new Error(${json(SECRET)})`],
    ['a module without options', `export const secret = ${json(SECRET)}`],
    ['invalid JSON', undefined, `{ "secret": "${SECRET}"`],
  ])('%s is an invalid command line, which repeats nothing', async (name, module, data?: string) => {
    const base = name.replaceAll(' ', '-')
    const path =
      data === undefined
        ? module
          ? await file(`${base}.mjs`, module)
          : `${folder}/none.mjs`
        : await file(`${base}.json`, data)
    const { code, stdout, stderr } = await bearward(['doctor', '--config', path])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^bearward: --config [^\n]+\n$/)
    expect(stderr).not.toContain(SECRET)
  })
})

describe('the options of an issuer on the command line (N7)', () => {
  const base = () => ['--issuer', issuer.issuer, '--resource', RESOURCE, '--token-env', 'TOKEN']

  it.each<[string, readonly string[], Record<string, unknown>]>([
    ['--audience', ['--audience', 'a', '--audience', 'b'], { aud: 'b' }],
    ['--any-audience and --client', ['--any-audience', '--client', 'web'], { aud: undefined, client_id: 'web' }],
    ['--sole-audience', ['--sole-audience'], {}],
    ['--allow-id-token-claims', ['--allow-id-token-claims'], { nonce: 'n-1' }],
    ['--scope-claim', ['--scope-claim', 'permissions', '--scope', 'read'], { permissions: ['read'] }],
    [
      '--scope-claim with a path',
      ['--scope-claim', '["realm_access","roles"]', '--scope', 'read'],
      { realm_access: { roles: ['read'] } },
    ],
    ['--profile', ['--profile', 'rfc9068'], {}],
  ])('%s', async (_name, args, claims) => {
    const TOKEN = await issuer.jwt(claims)
    expect((await doctor([...base(), ...args], { TOKEN })).problems).toEqual([])
    const other = await issuer.jwt({ ...claims, aud: ['https://other.test'], client_id: 'other' })
    expect((await doctor([...base(), ...args], { TOKEN: other })).problems).toMatchObject([{ area: 'token' }])
  })

  it('--keys, for an issuer without metadata', async () => {
    const args = ['--issuer', 'https://auth.example.com', '--resource', RESOURCE, '--keys', `${issuer.issuer}/jwks`]
    const { problems, findings } = await doctor(args)
    expect(problems).toEqual([])
    expect(findings.filter(({ area }) => area === 'keys')).toMatchObject([{ level: 'ok' }])
  })

  it('--keys none, --introspection-endpoint and --token-prefix', async () => {
    const args = ['--keys', 'none', '--introspection-endpoint', `${issuer.issuer}/introspect`, '--token-prefix', 'at_']
    const client = ['--client-id', issuer.client.clientId, '--client-secret-env', 'API_SECRET']
    const TOKEN = issuer.opaque({}, 'at_1234567890')
    const { problems, findings } = await doctor([...base(), ...args, ...client], {
      TOKEN,
      API_SECRET: issuer.client.clientSecret,
    })
    expect(problems).toEqual([])
    expect(findings.filter(({ level, area }) => level === 'ok' && area === 'introspection')).toHaveLength(1)
  })

  it('--client-key-env authenticates with private_key_jwt (RFC 7523 §2.2)', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const key = json({ ...(await exportJWK(privateKey)), alg: 'ES256', kid: 'k-1' })
    let form = new URLSearchParams()
    issuer.respondWith(async (request: Request) => {
      form = new URLSearchParams(await request.text())
      return Response.json({ active: false })
    }, 'introspection')
    const args = [
      '--issuer',
      issuer.issuer,
      '--resource',
      RESOURCE,
      '--client-id',
      'orders-api',
      '--client-key-env',
      'KEY',
    ]
    const { problems, findings } = await doctor(args, { KEY: key })
    expect(problems).toEqual([])
    expect(form.get('client_assertion')?.split('.')).toHaveLength(3)
    expect(json(findings)).not.toContain((JSON.parse(key) as { d: string }).d)
  })
})
