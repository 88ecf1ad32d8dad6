import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestIssuer, json, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { bearward } from './command.ts'

// N7: what others wrote reaches a terminal only with its control characters escaped, and never ends the command.

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterAll(() => issuer.stop())

/** ESC and BEL set titles, CSI moves the cursor, a line break forges a finding, the last one reverses the text. */
const HOSTILE = '\u001b]0;pwned\u0007\u009b2J\r\nok       keys           all good\u202e'
const CONTROLS = /[^\P{Cc}\n]|[\p{Cf}\u2028\u2029]/u

const encoded = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

async function expectHarmless(args: readonly string[], input = '') {
  for (const format of [[], ['--json']]) {
    const { code, stdout, stderr } = await bearward([...args, ...format], { input, env: { SECRET: 'secret' } })
    expect(`${stdout}${stderr}`).not.toMatch(CONTROLS)
    // 3 is a failure of the command itself.
    expect([0, 1], stderr).toContain(code)
    if (format.length > 0) JSON.parse(stdout)
    else for (const line of stdout.split('\n')) expect(line).not.toMatch(/^ok {7}keys {11}all good/)
  }
}

describe('doctor', () => {
  const doctor = (...args: readonly string[]) =>
    expectHarmless(['doctor', '--issuer', issuer.url, '--resource', RESOURCE, ...args])

  const METADATA: Readonly<Record<string, (url: string) => Record<string, unknown>>> = {
    jwks_uri: (url) => ({ jwks_uri: `${url}/jwks${HOSTILE}` }),
    'jwks_uri, not a URL': () => ({ jwks_uri: HOSTILE }),
    'jwks_uri, another scheme': () => ({ jwks_uri: `data:${HOSTILE}` }),
    issuer: () => ({ issuer: HOSTILE }),
    'the issuer, with more behind it': (url) => ({ issuer: `${url}${HOSTILE}` }),
    'the introspection endpoint': (url) => ({ introspection_endpoint: `${url}/${HOSTILE}` }),
    algorithms: () => ({ access_token_signing_alg_values_supported: [HOSTILE, 'ES256'] }),
    'an issuer, deeply nested': () => ({ issuer: JSON.parse(deep(20_000)) }),
    'algorithms, deeply nested': () => ({ access_token_signing_alg_values_supported: JSON.parse(deep(20_000)) }),
  }

  it.each(Object.entries(METADATA))('metadata: %s', async (_what, members) => {
    issuer.onMetadata = (_request, response) => {
      const metadata = { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks`, ...members(issuer.url) }
      const text = Object.entries(metadata).map(([name, value]) => `${JSON.stringify(name)}:${textOf(value)}`)
      response.writeHead(200, { 'content-type': 'application/json' }).end(`{${text.join(',')}}`)
    }
    await doctor()
    await doctor('--client-id', 'orders-api', '--client-secret-env', 'SECRET')
  })

  // Each is taken for a provider, by a part of what it says (N7): `doctor` then calls the preset of that provider.
  const RESEMBLING: Readonly<Record<string, (url: string) => Record<string, unknown>>> = {
    'ZITADEL, on loopback': (url) => ({ introspection_endpoint: `${url}/oauth/v2/introspect` }),
    'Keycloak, without a realm': (url) => ({ token_endpoint: `${url}/protocol/openid-connect/token` }),
    'AD FS, without a URL of its keys': () => ({ access_token_issuer: 'adfs', jwks_uri: { toString: 1 } }),
    'Ory Hydra': () => ({ credentials_supported_draft_00: [HOSTILE] }),
    'everything at once': (url) => ({
      introspection_endpoint: `${url}/oauth/v2/introspect`,
      token_endpoint: `${url}/protocol/openid-connect/token`,
      device_authorization_endpoint: `${url}/device/code`,
      credentials_supported_draft_00: [],
    }),
  }
  it.each(Object.entries(RESEMBLING))('metadata that resembles that of %s', async (_what, members) => {
    issuer.onMetadata = (_request, response) =>
      json(response, { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks`, ...members(issuer.url) })
    await doctor()
  })

  it.each([
    'https://-.auth0.com/',
    'https://login.microsoftonline.com/------------------------------------/v2.0',
    'https://sts.windows.net/------------------------------------/',
    'https://a_b.b2clogin.com/------------------------------------/v2.0/',
    'https://cognito-idp.eu-west-1.amazonaws.com/us-east-1_Abc',
    'https://cognito-idp.x.amazonaws.com/y',
    'https://x_y.okta.com/oauth2/default',
    'https://securetoken.google.com/..',
    'https://a_b.clerk.accounts.dev',
    'https://clerk.-',
    'https://_x.zitadel.cloud',
    'https://[::1]/application/o/-/',
  ])('the issuer %s, which resembles that of a provider', async (name) => {
    await expectHarmless(['doctor', '--issuer', name, '--resource', RESOURCE, '--keys', `${issuer.url}/jwks`])
  })

  const KEYS: Readonly<Record<string, object>> = {
    'a kid': { kty: 'EC', kid: HOSTILE },
    'types and algorithms': { kty: HOSTILE, alg: HOSTILE, crv: HOSTILE, use: HOSTILE },
    'names of members': { kty: 'EC', [HOSTILE]: HOSTILE },
  }

  it.each(Object.entries(KEYS))('keys: %s', async (_what, key) => {
    issuer.onMetadata = (_request, response) => json(response, { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` })
    issuer.onKeys = (_request, response) => json(response, { keys: [key, ...issuer.keys.map(({ jwk }) => jwk)] })
    await doctor()
  })

  it('keys with deeply nested members', async () => {
    const nested = deep(20_000)
    const keys = [`{"kty":"RSA","n":${nested},"kid":${nested}}`, `{"kty":${nested},"alg":${nested},"crv":${nested}}`]
    issuer.onKeys = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(`{"keys":[${keys.join()}]}`)
    await doctor()
  })

  // Up to 512 KiB are read. Whatever they are, the command ends soon, with findings that fit a screen.
  const LARGE: Readonly<Record<string, (url: string) => Record<string, unknown>>> = {
    'another issuer of many slashes': () => ({ issuer: `https://a.test/${'/'.repeat(400_000)}x/application/o/app/` }),
    'a long path': (url) => ({ jwks_uri: `${url}/${'x'.repeat(400_000)}` }),
    'a query of many question marks, and a line break': (url) => ({
      jwks_uri: `${url}/jwks${'?'.repeat(400_000)}\nkey=hidden`,
    }),
  }
  it.each(Object.entries(LARGE))('large metadata: %s', { timeout: 20_000 }, async (_what, members) => {
    issuer.onMetadata = (_request, response) =>
      json(response, { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks`, ...members(issuer.url) })
    await doctor()
    const args = ['doctor', '--issuer', issuer.url, '--resource', RESOURCE]
    const { stdout, stderr } = await bearward(args)
    expect(stdout.length + stderr.length).toBeLessThan(10_000)
    expect(stdout + stderr).not.toContain('key=hidden')
  })

  it('more keys than a server takes', { timeout: 20_000 }, async () => {
    issuer.onMetadata = (_request, response) => json(response, { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` })
    issuer.onKeys = (_request, response) => json(response, { keys: Array.from({ length: 150_000 }, () => ({})) })
    await doctor()
    const { code, stdout } = await bearward(['doctor', '--issuer', issuer.url, '--resource', RESOURCE])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^PROBLEM +keys .*150000 keys.* 100/m)
    expect(stdout.length).toBeLessThan(20_000)
  })

  it('a redirect to something that is not a URL', async () => {
    issuer.onKeys = (_request, response) => response.writeHead(302, { location: 'https://[' }).end()
    await doctor()
  })

  it('an option of our own, in an error', async () => {
    const { code, stderr } = await bearward(['doctor', `--iss${HOSTILE}uer`, 'x'])
    expect(code).toBe(2)
    expect(stderr).not.toMatch(CONTROLS)
  })
})

/** As JSON, also if it is nested too deeply for `JSON.stringify`. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return deep(20_000)
  }
}

describe('inspect', () => {
  const inspect = (header: unknown, claims: unknown, ...args: readonly string[]) =>
    expectHarmless(['inspect', ...args], `${encoded(header)}.${encoded(claims)}.${encoded('signature')}`)

  it.each([
    [
      { alg: 'ES256', kid: HOSTILE, typ: HOSTILE },
      { iss: HOSTILE, scope: HOSTILE, [HOSTILE]: HOSTILE },
    ],
    [
      { alg: 'ES256', typ: 'dpop+jwt', jwk: { kty: HOSTILE, [HOSTILE]: 1 } },
      { htm: HOSTILE, htu: HOSTILE },
    ],
  ])('control characters in a header or claims', async (header, claims) => {
    await inspect(header, claims)
    await inspect(header, claims, '--scope', 'a', '--issuer', 'https://auth.test')
  })

  // 30,000 levels exhaust the stack; 40 are more than any program needs.
  for (const levels of [40, 3000, 30_000]) {
    const nested = deep(levels)
    const objects = `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    it.each([
      ['a header', `{"alg":"ES256","x":${nested}}`, '{"iss":"a"}'],
      ['the key of a proof', `{"alg":"ES256","typ":"dpop+jwt","jwk":${objects}}`, '{"htm":"GET"}'],
      ['claims', '{"alg":"ES256"}', `{"iss":"a","roles":${nested},"exp":1}`],
      ['objects', '{"alg":"ES256"}', `{"cnf":${objects},"events":${objects},"aud":${objects},"scope":${nested}}`],
    ])(`${levels} levels in %s: a finding`, async (_where, header, claims) => {
      await inspect(header, claims)
      const { stdout } = await bearward(['inspect'], {
        input: `${encoded(header)}.${encoded(claims)}.${encoded('signature')}`,
      })
      expect(stdout).toContain('nesting')
      expect(stdout.length).toBeLessThan(20_000)
    })
  }

  it('many claims, and one with a long name', async () => {
    const many = Array.from({ length: 40_000 }, (_, index) => `"${index}":0`)
    const claims = `{"${'x'.repeat(200_000)}":0,${many.join()}}`
    await inspect('{"alg":"ES256"}', claims)
    const { stdout } = await bearward(['inspect'], { input: `${encoded('{"alg":"ES256"}')}.${encoded(claims)}.AAAA` })
    expect(stdout.length).toBeLessThan(5_000_000)
    expect(stdout).toContain('(200000 characters)')
  })

  it('an encrypted token with a deeply nested header', async () => {
    const header = encoded(`{"alg":"RSA-OAEP","enc":"A256GCM","x":${deep(30_000)}}`)
    await expectHarmless(['inspect'], `${header}.a.b.c.d`)
  })

  it('a token without such nesting has no such finding', async () => {
    const { stdout } = await bearward(['inspect'], { input: await issuer.sign() })
    expect(stdout).not.toContain('nesting')
  })
})
