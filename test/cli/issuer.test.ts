import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { createResourceServer } from 'bearward'
import { resourceServer } from 'bearward/express'
import { expectChallenge } from 'bearward/testing'
import express from 'express'
import { expect, it, onTestFinished } from 'vitest'
import { originAt } from '../../cli/issuer/server.ts'
import { run } from '../../cli/run.ts'
import { missingProgram } from '../support/tiers/missing-program.ts'
import { bearward } from './command.ts'

const NO_CURL = spawnSync('curl', ['--version']).error && ` (${missingProgram('curl', 'curl')})`

interface Printed {
  readonly options: { readonly resource: string; readonly issuer: string }
  readonly tokenEndpoint: string
  readonly clientId: string
  readonly clientSecret: string
  readonly tokens: Readonly<Record<'good' | 'without_scope' | 'expired', string>>
}

/** Runs the command until the test is over; resolves with what it has printed. */
async function start(...args: readonly string[]): Promise<{ text: string; stderr: string; stop(): Promise<number> }> {
  const controller = new AbortController()
  let stderr = ''
  let code: Promise<number> | undefined
  const text = await new Promise<string>((resolve, reject) => {
    code = run(['issuer', '--port', '0', ...args], {
      env: {},
      stdin: Readable.from([]),
      stdout: { write: resolve },
      stderr: { write: (part) => (stderr += part) },
      cwd: () => '/',
      signal: controller.signal,
    })
    code.then(() => reject(new Error(stderr)), reject)
  })
  const stop = async () => {
    controller.abort()
    return (await code) as number
  }
  onTestFinished(async () => void (await stop()))
  return { text, stderr, stop }
}

const startJson = async (...args: readonly string[]): Promise<Printed> =>
  JSON.parse((await start('--json', ...args)).text)

const tokenFrom = (printed: Printed, form: Record<string, string>, secret = printed.clientSecret) =>
  fetch(printed.tokenEndpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${printed.clientId}:${secret}`).toString('base64')}` },
    body: new URLSearchParams(form),
  })

async function startApi(options: Printed['options']): Promise<number> {
  const { requireScope, accessToken } = resourceServer(options)
  const app = express().get('/orders', requireScope('read:orders'), (req, res) => {
    res.json({ for: accessToken(req).subject })
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

it.skipIf(NO_CURL !== undefined)(
  `prints options and curl lines that work when copied, with a warning${NO_CURL ?? ''}`,
  async () => {
    const probe = await startJson()
    expect(probe.options).toEqual({
      resource: 'https://api.example.com',
      issuer: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    })

    const api = createServer().listen(0, '127.0.0.1')
    await once(api, 'listening')
    onTestFinished(() => void api.close())
    const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/orders`
    const { text, stderr } = await start('--api', url)
    expect(stderr).toContain('FOR DEVELOPMENT ONLY')
    const [, options = ''] = /resource server:\n\n([\s\S]+?)\n\n/.exec(text) ?? []
    const { requireScope, accessToken } = resourceServer(new Function(`return {${options}}`)() as Printed['options'])
    api.on(
      'request',
      express().get(
        '/orders',
        requireScope('read:orders'),
        (req, res) => void res.json({ for: accessToken(req).subject }),
      ),
    )
    const lines = text.split('\n').filter((line) => line.startsWith('  curl'))
    const outputs = await Promise.all(
      lines.map((line) => promisify(execFile)('sh', ['-c', line.replace('curl', 'curl -s')])),
    )
    expect(outputs.slice(0, 3).map(({ stdout }) => /^HTTP\/1.1 (\d+)/.exec(stdout)?.[1])).toEqual(['200', '403', '401'])
    expect(outputs[0]?.stdout).toContain('{"for":"alice"}')
    const { access_token: token } = JSON.parse(outputs[3]?.stdout ?? '') as { access_token: string }
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
    expect(await response.json()).toEqual({ for: 'dev-client' })
  },
)

it('at the default port, its name is without one (RFC 9110 §4.2.3)', () => {
  expect([80, 8080].map(originAt)).toEqual(['http://127.0.0.1', 'http://127.0.0.1:8080'])
})

it('its ready-made tokens get the responses that it promises', async () => {
  const { options, tokens } = await startJson()
  const port = await startApi(options)
  const call = (token: string) =>
    fetch(`http://127.0.0.1:${port}/orders`, { headers: { authorization: `Bearer ${token}` } })
  expect(await (await call(tokens.good)).json()).toEqual({ for: 'alice' })
  expectChallenge(await call(tokens.without_scope), { error: 'insufficient_scope', scope: 'read:orders' })
  expectChallenge(await call(tokens.expired), { error: 'invalid_token', reason: 'expired' })
})

it('issues tokens of other scopes and another resource (RFC 6749 §4.4, RFC 8707 §2)', async () => {
  const printed = await startJson('--resource', 'https://other.test', '--scope', 'a b', '--scope', 'c')
  const response = await tokenFrom(printed, {
    grant_type: 'client_credentials',
    scope: 'a c',
    resource: 'https://other.test',
  })
  expect(response.headers.get('cache-control')).toBe('no-store')
  const { access_token: token, ...rest } = (await response.json()) as { access_token: string }
  expect(rest).toEqual({ token_type: 'Bearer', expires_in: 3600, scope: 'a c' })
  const server = createResourceServer({
    ...printed.options,
    issuer: { issuer: printed.options.issuer, profile: 'rfc9068' },
  })
  expect(await server.verify(token)).toMatchObject({
    subject: 'dev-client',
    clientId: 'dev-client',
    scopes: ['a', 'c'],
  })
  const all = (await (await tokenFrom(printed, { grant_type: 'client_credentials' })).json()) as { scope: string }
  expect(all.scope).toBe('a b c')
})

it.each([
  [{ grant_type: 'password' }, 400, 'unsupported_grant_type'],
  [{}, 400, 'unsupported_grant_type'],
  [{ grant_type: 'client_credentials', scope: 'admin' }, 400, 'invalid_scope'],
  [{ grant_type: 'client_credentials', resource: 'https://other.test' }, 400, 'invalid_target'],
  [{ grant_type: 'client_credentials', much: 'x'.repeat(20_000) }, 400, 'invalid_request'],
])('responds to %j with an error (RFC 6749 §5.2)', async (form, status, error) => {
  const response = await tokenFrom(await startJson(), form as Record<string, string>)
  expect([response.status, await response.json()]).toEqual([status, { error }])
})

it('gives no token to another client, another host name, or a GET (RFC 6749 §5.2)', async () => {
  const printed = await startJson()
  const grant = { grant_type: 'client_credentials' }
  for (const secret of ['', 'x', `${printed.clientSecret}x`]) {
    const response = await tokenFrom(printed, grant, secret)
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="bearward issuer"'])
  }
  const inForm = await fetch(printed.tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams({ ...grant, client_id: printed.clientId, client_secret: printed.clientSecret }),
  })
  expect(inForm.status).toBe(200)
  expect((await fetch(printed.tokenEndpoint)).status).toBe(405)
  // A page of another site reaches loopback by a name of its own (DNS rebinding).
  for (const path of ['/token', '/jwks', '/.well-known/openid-configuration']) {
    const rebound = send(`${printed.options.issuer}${path}`, { headers: { host: 'attacker.test' } }).end()
    const [response] = await once(rebound, 'response')
    response.resume()
    expect(response.statusCode, path).toBe(421)
  }
})

it('publishes metadata (RFC 8414 §2), and a key that no earlier run has had', async () => {
  const [one, other] = [await startJson(), await startJson()]
  const document = (await (
    await fetch(`${one.options.issuer}/.well-known/oauth-authorization-server`)
  ).json()) as object
  expect(document).toMatchObject({
    issuer: one.options.issuer,
    token_endpoint: one.tokenEndpoint,
    scopes_supported: ['read:orders', 'write:orders'],
  })
  expect((await fetch(`${one.options.issuer}/.well-known/other`)).status).toBe(404)
  const kids = await Promise.all(
    [one, other].map(async ({ options }) => {
      const { keys } = (await (await fetch(`${options.issuer}/jwks`)).json()) as { keys: { kid: string }[] }
      return keys.map(({ kid }) => kid).join()
    }),
  )
  expect(kids[0]).not.toBe(kids[1])
  expect(one.clientSecret).not.toBe(other.clientSecret)
})

it('stops when it is told to, and names a port that is in use', async () => {
  const { text, stop } = await start('--json')
  const { options } = JSON.parse(text) as Printed
  const busy = await bearward(['issuer', '--port', new URL(options.issuer).port])
  expect(busy).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('EADDRINUSE') })
  expect(await stop()).toBe(0)
  await expect(fetch(options.issuer)).rejects.toThrow()
})

it.each([
  [['x'], 'only options'],
  [['--port', 'x'], '--port must be a number'],
  [['--port', '65536'], '--port must be a number'],
  [['--port', '-1'], '--port'],
  [['--resource', 'orders'], 'resource'],
  [['--scope', 'a"b'], 'scope'],
  [['--scope', ''], 'scope'],
  [['--api', 'ftp://a'], '--api must be an http or https URL'],
])('refuses %j', async (args, message) => {
  const outcome = await bearward(['issuer', ...args])
  expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) })
})

it('does not run in production', async () => {
  const outcome = await bearward(['issuer', '--port', '0'], { env: { NODE_ENV: 'production' } })
  expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('NODE_ENV') })
})

it('quotes what it prints for a shell and for a program', async () => {
  const { text } = await start('--api', "http://127.0.0.1:1/it's?a=$(touch x)&b", '--resource', "https://api.test/it's")
  expect(text).toContain(`curl -i 'http://127.0.0.1:1/it'\\''s?a=$(touch%20x)&b' -H`)
  expect(text).toContain(`resource: "https://api.test/it's",`)
})
