import { createServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createNetServer } from 'node:net'
import { createTestIssuer, type TestIssuer } from 'bearward/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OTHER_RESOURCE, SECRET, startProvider, tokenOf } from '../interop/oidc-provider-clients.ts'
import { NAMES_NETWORK_PROBLEMS } from '../support/apps/runtime.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import type { OidcProvider } from '../support/oidc-provider/oidc-provider.ts'
import { selfSigned } from '../support/tls/untrusted-server.ts'
import { bearward, type Outcome } from './command.ts'
import { findingsOf, theOne } from './doctor-findings.ts'

const linesOf = ({ stdout }: Outcome) => stdout.trimEnd().split('\n')

describe('with oidc-provider', () => {
  let provider: OidcProvider
  beforeAll(async () => {
    provider = await startProvider()
  })
  afterAll(() => provider.stop())

  const CLIENT = ['--client-id', 'orders-api', '--client-secret-env', 'API_SECRET']
  const env = { API_SECRET: SECRET }

  it('finds no problem in a working configuration', async () => {
    const token = await tokenOf(provider, 'jwt-robot')
    const args = [...CLIENT, '--scope', 'read:orders', '--token-env', 'TOKEN']
    const { findings, found, code } = await findingsOf(provider.issuer, { args, env: { ...env, TOKEN: token } })
    expect({ found, code }).toEqual({ found: [], code: 0 })
    const areas = new Set(findings.filter(({ level }) => level === 'ok').map(({ area }) => area))
    expect([...areas].sort()).toEqual(
      ['algorithms', 'challenge', 'clock', 'discovery', 'introspection', 'keys', 'sizes', 'token'].sort(),
    )
  })

  it('prints the same as text, one finding per line, and its progress', async () => {
    const args = ['doctor', '--issuer', provider.issuer, '--resource', RESOURCE, ...CLIENT]
    const outcome = await bearward(args, { env })
    expect(outcome.code).toBe(0)
    expect(linesOf(outcome).at(-1)).toBe('No problems.')
    for (const line of linesOf(outcome).slice(0, -1)) expect(line).toMatch(/^(ok|note) +[a-z]+ +\S/)
    expect(outcome.stderr).toContain(`... GET ${provider.issuer}/.well-known/openid-configuration\n`)
    expect(outcome.stderr).toContain(`... POST ${provider.metadata.introspection_endpoint}\n`)
  })

  it('shows the challenge that a client will see, and the location of the metadata', async () => {
    const { findings } = await findingsOf(provider.issuer, { args: ['--scope', 'read:orders write:orders'] })
    const text = JSON.stringify(findings.filter(({ area }) => area === 'challenge').map(({ message }) => message))
    expect(text).toContain('scope=\\"read:orders write:orders\\"')
    expect(text).toContain(`${RESOURCE}/.well-known/oauth-protected-resource`)
  })

  it('wrong issuer: a trailing slash', async () => {
    const { message, fix } = await theOne('discovery', `${provider.issuer}/`)
    expect(message).toContain(`names the issuer ${provider.issuer} instead of ${provider.issuer}/`)
    expect(fix).toContain(`set issuer to ${provider.issuer}`)
  })

  it('wrong audience', async () => {
    const token = await tokenOf(provider, 'jwt-robot', { resource: OTHER_RESOURCE })
    const { message } = await theOne('token', provider.issuer, { args: ['--token-stdin'], input: `${token}\n` })
    expect(message).toContain(`aud is "${OTHER_RESOURCE}" instead of ${RESOURCE}`)
  })

  it('a token as it was copied', async () => {
    const TOKEN = `Bearer ${await tokenOf(provider, 'jwt-robot')}`
    for (const given of [
      { args: ['--token-stdin'], input: `Authorization: ${TOKEN}\n` },
      { args: ['--token-env', 'TOKEN'], env: { TOKEN } },
    ])
      expect((await findingsOf(provider.issuer, given)).findings).toContainEqual(
        expect.objectContaining({ level: 'ok', area: 'token' }),
      )
  })

  it('wrong audience of an opaque token', async () => {
    const token = await tokenOf(provider, 'robot', { resource: OTHER_RESOURCE })
    const args = [...CLIENT, '--token-env', 'TOKEN']
    const { message } = await theOne('token', provider.issuer, { args, env: { ...env, TOKEN: token } })
    expect(message).toContain('(audience)')
  })

  it('a missing scope', async () => {
    const token = await tokenOf(provider, 'jwt-robot')
    const args = ['--scope', 'write:orders', '--token-env', 'TOKEN']
    const { message } = await theOne('token', provider.issuer, { args, env: { TOKEN: token } })
    expect(message).toBe('the token grants read:orders, and lacks write:orders')
  })

  it('wrong introspection secret', async () => {
    const { message } = await theOne('introspection', provider.issuer, { args: CLIENT, env: { API_SECRET: 'wrong' } })
    expect(message).toContain('client authentication failed (401)')
  })
})

/** The finding for a connection that failed. Where errors have no code, it names everything that may be the reason. */
const networkProblem = (message: string, fix: string) =>
  (NAMES_NETWORK_PROBLEMS ? [message, fix] : ['the request failed', 'check name, port, certificate and firewall']).map(
    (text) => expect.stringContaining(text),
  )

describe('with an issuer that has one defect', () => {
  let issuer: TestIssuer
  beforeEach(async () => {
    issuer = await createTestIssuer({ server: createServer(), resource: RESOURCE })
  })
  afterEach(() => issuer.stop())

  const introspecting = () => ({
    args: ['--client-id', issuer.client.clientId, '--client-secret-env', 'API_SECRET'],
    env: { API_SECRET: issuer.client.clientSecret },
  })

  it('none: nothing is found', async () => {
    expect((await findingsOf(issuer.issuer, introspecting())).found).toEqual([])
  })

  it('weak key, alone', async () => {
    issuer.respondWith('weak_keys', 'keys')
    const { message } = await theOne('keys', issuer.issuer)
    expect(message).toBe(
      'key "weak" (RSA, 1024 bits, RS256) is not used: its modulus has fewer than 2048 bits; no token can be accepted',
    )
  })

  it('weak key next to a good one', async () => {
    const [key] = issuer.keys
    const weak = { kty: 'RSA', kid: 'old', alg: 'RS256', e: 'AQAB', n: 'w'.repeat(171) }
    issuer.respondWith(() => Response.json({ keys: [key?.jwk, weak, { ...weak, use: 'enc' }] }), 'keys')
    const { message } = await theOne('keys', issuer.issuer)
    expect(message).toContain('key "old" (RSA, 1024 bits, RS256)')
    expect(message).toContain('tokens signed with it are refused')
  })

  it('a private key in the set', async () => {
    const [key] = issuer.keys
    issuer.respondWith(
      () => Response.json({ keys: [key?.jwk, { ...key?.jwk, kid: 'leaked', d: 'AQAB-canary' }] }),
      'keys',
    )
    const { message, fix } = await theOne('keys', issuer.issuer)
    expect(message).toContain('key "leaked"')
    expect(`${message}${fix}`).not.toContain('canary')
    expect(fix).toContain('withdraw it now')
  })

  it('no key', async () => {
    issuer.respondWith('no_keys', 'keys')
    expect((await theOne('keys', issuer.issuer)).message).toContain('contains no key')
  })

  it('a map of certificates instead of a key set', async () => {
    issuer.respondWith(() => Response.json({ abc: '-----BEGIN CERTIFICATE-----' }), 'keys')
    expect((await theOne('keys', issuer.issuer)).message).toContain('is not a JWK Set')
  })

  it('metadata that is not an object', async () => {
    issuer.respondWith(() => Response.json([1]), 'metadata')
    expect((await theOne('discovery', issuer.issuer)).message).toContain('is not a JSON object')
  })

  it('a relative URL of the key set', async () => {
    issuer.respondWith(() => Response.json({ issuer: issuer.issuer, jwks_uri: '/jwks' }), 'metadata')
    const { message, fix } = await theOne('keys', issuer.issuer)
    expect(message).toContain('the metadata has no jwks_uri that is an absolute URL')
    expect(fix).toContain('set keys to the URL of its key set')
  })

  it.each([
    ['discovery', 'metadata'],
    ['keys', 'keys'],
    ['introspection', 'introspection'],
  ] as const)('redirecting endpoint: %s', async (area, part) => {
    issuer.respondWith('redirect', part)
    const { message, fix } = await theOne(area, issuer.issuer, introspecting())
    expect(message).toContain('redirects are not followed')
    expect(fix).toContain('https://elsewhere.test/')
    expect(issuer.requests.other).toBe(0)
  })

  it('clock off by ten minutes, ahead', async () => {
    issuer.clock.advance(600)
    expect((await theOne('clock', issuer.issuer)).message).toContain('10 minutes ahead of this one')
  })

  it('clock off by ten minutes, behind', async () => {
    issuer.clock.advance(-600)
    expect((await theOne('clock', issuer.issuer)).message).toContain('10 minutes behind this one')
  })

  it('cached responses do not count as a clock that is behind (RFC 9111 §5.1)', async () => {
    const metadata = { issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/jwks` }
    const headers = { age: '600', date: new Date(Date.now() - 600_000).toUTCString() }
    issuer.respondWith(() => Response.json(metadata, { headers }), 'metadata')
    issuer.respondWith(() => Response.json({ keys: issuer.keys.map(({ jwk }) => jwk) }, { headers }), 'keys')
    expect((await findingsOf(issuer.issuer)).found).toEqual([])
  })

  it.each([
    ['too_large', 'see why with bearward inspect, or change the option limits.token'],
    ['expiry_as_text', 'see why with bearward inspect'],
    ['garbage', 'if it is an opaque token, pass --client-id and --client-secret-env'],
  ] as const)('a token that is %s', async (name, expected) => {
    const { fix } = await theOne('token', issuer.issuer, { args: ['--token-stdin'], input: await issuer.bad(name) })
    expect(fix).toBe(expected)
  })

  it('a token that cannot be checked is mentioned', async () => {
    issuer.respondWith('no_keys', 'keys')
    const { findings } = await findingsOf(issuer.issuer, { args: ['--token-stdin'], input: await issuer.jwt() })
    expect(findings).toContainEqual(expect.objectContaining({ level: 'note', area: 'token' }))
  })

  it('no metadata', async () => {
    issuer.respondWith('not_found', 'metadata')
    expect((await theOne('discovery', issuer.issuer)).message).toContain('there is no metadata at any of')
  })

  it('metadata of another issuer', async () => {
    issuer.respondWith('other_issuer', 'metadata')
    expect((await theOne('discovery', issuer.issuer)).message).toContain(`${issuer.issuer}/other`)
  })

  it('metadata without a key set', async () => {
    issuer.respondWith('no_endpoints', 'metadata')
    expect((await theOne('keys', issuer.issuer)).message).toContain('the metadata has no jwks_uri')
  })

  it('a key set that a server must not fetch is not fetched (SPEC K6, N7, RFC 8414 §2)', async () => {
    const metadata = { issuer: issuer.issuer, jwks_uri: 'http://keys.invalid/jwks' }
    issuer.respondWith(() => Response.json(metadata), 'metadata')
    const { message, fix } = await theOne('keys', issuer.issuer)
    expect([message, fix]).toEqual([expect.stringContaining('https'), 'serve it over https'])
  })

  it.each(['html', 'broken_json', 'list', 'huge', 'server_error'] as const)('keys that are %s', async (wrong) => {
    issuer.respondWith(wrong, 'keys')
    await theOne('keys', issuer.issuer)
  })

  it('connection refused', async () => {
    await issuer.stop()
    const { message, fix } = await theOne('discovery', issuer.issuer)
    expect([message, fix]).toEqual(
      networkProblem('the connection was refused', 'check the port, and whether the server runs'),
    )
    await issuer.start()
  })

  it('a host that does not exist (RFC 6761 §6.4)', async () => {
    const { message, fix } = await theOne('discovery', 'https://auth.invalid')
    expect([message, fix]).toEqual(networkProblem('the host was not found', 'check the host name'))
  })

  it('a certificate of a private authority', async () => {
    const server = createHttpsServer(selfSigned('127.0.0.1'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { message, fix } = await theOne('discovery', `https://127.0.0.1:${(server.address() as AddressInfo).port}`)
    server.close()
    expect([message, fix]).toEqual(networkProblem('the TLS connection failed', 'NODE_EXTRA_CA_CERTS'))
  })

  it('a server that ends the connection', async () => {
    const server = createNetServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { message, fix } = await theOne('discovery', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    server.close()
    expect([message, fix]).toEqual(networkProblem('the connection was reset', 'a proxy or firewall'))
  })

  it('the wrong authentication method', async () => {
    const byPost = ({ headers }: Request) =>
      Response.json({ active: false }, { status: headers.has('authorization') ? 401 : 200 })
    issuer.respondWith(byPost, 'introspection')
    const { args, env } = introspecting()
    expect((await theOne('introspection', issuer.issuer, { args, env })).fix).toContain('--client-auth')
    const post = { args: [...args, '--client-auth', 'client_secret_post'], env }
    expect((await findingsOf(issuer.issuer, post)).found).toEqual([])
  })

  it('an endpoint that calls everything active', async () => {
    issuer.respondWith(() => Response.json({ active: true, aud: RESOURCE }), 'introspection')
    expect((await theOne('introspection', issuer.issuer, introspecting())).message).toContain(
      'calls a made-up token active',
    )
  })

  it('an endpoint that calls everything active, for another audience', async () => {
    issuer.respondWith(() => Response.json({ active: true, aud: OTHER_RESOURCE }), 'introspection')
    expect((await theOne('introspection', issuer.issuer, introspecting())).message).toContain(
      'calls a made-up token active',
    )
  })

  it('an issuer that no server would accept', async () => {
    expect((await theOne('options', 'http://auth.example.com')).message).toContain('must be https')
  })

  it('an issuer with an internalUrl', async () => {
    const inside = await createTestIssuer({ issuer: 'https://auth.test', resource: RESOURCE })
    const server = createServer((request, response) => {
      // Like a proxy that serves the issuer under its name.
      inside.listener(request, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const args = ['--internal-url', `http://127.0.0.1:${port}`, '--token-env', 'TOKEN']
    const { found, code } = await findingsOf(inside.issuer, { args, env: { TOKEN: await inside.jwt() } })
    expect({ found, code }).toEqual({ found: [], code: 0 })
    server.close()
  })

  it('a bound token is good, as far as can be checked', async () => {
    const jkt = 'A'.repeat(43)
    const env = { TOKEN: await issuer.jwt({ cnf: { jkt } }) }
    expect((await findingsOf(issuer.issuer, { args: ['--token-env', 'TOKEN'], env })).found).toEqual([])
    const other = { TOKEN: await issuer.jwt({ cnf: { x: jkt } }) }
    expect((await theOne('token', issuer.issuer, { args: ['--token-env', 'TOKEN'], env: other })).message).toContain(
      '(confirmation)',
    )
  })
})

describe('no secrets in the output', () => {
  it.each(['empty', 'down'])('not the query of a URL, which may be an API key: the key set is %s', async (what) => {
    const issuer = await createTestIssuer({ server: createServer(), resource: RESOURCE })
    if (what === 'empty') issuer.respondWith(() => Response.json({ keys: [] }), 'keys')
    else issuer.goDown('keys')
    const keys = `${issuer.issuer}/jwks`
    const args = ['doctor', '--resource', RESOURCE, '--issuer', issuer.issuer, '--keys', `${keys}?key=canary`]
    for (const more of [[], ['--json']]) {
      const { stdout, stderr } = await bearward([...args, ...more])
      expect(stdout).toContain(keys)
      expect(stdout + stderr).not.toContain('canary')
    }
    await issuer.stop()
  })

  it.each(['nothing', 'redirect', 'html', 'cut_off'] as const)(
    'neither secret nor token, with %s wrong',
    async (wrong) => {
      const issuer = await createTestIssuer({ server: createServer(), resource: RESOURCE })
      const env = { API_SECRET: 'hunter2-canary', TOKEN: await issuer.bad('wrong_key') }
      const args = ['doctor', '--issuer', issuer.issuer, '--resource', RESOURCE, '--client-id', 'api']
      args.push('--client-secret-env', 'API_SECRET', '--token-env', 'TOKEN')
      if (wrong !== 'nothing') issuer.respondWith(wrong, 'introspection')
      for (const more of [[], ['--json']]) {
        const { stdout, stderr } = await bearward([...args, ...more], { env })
        expect(stdout + stderr).not.toContain('canary')
        for (const part of env.TOKEN.split('.')) expect(stdout + stderr).not.toContain(part)
      }
      await issuer.stop()
    },
  )
})
