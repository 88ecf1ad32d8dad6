import { authentik, dex, keycloak, kubernetes } from 'bearward/providers'
import { createTestIssuer } from 'bearward/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Internet, startInternet } from '../docs/internet.ts'
import { API, type ProviderCase } from '../providers/catalog.ts'
import { WITH_PRESETS } from '../providers/with-presets.ts'
import { amount } from '../support/tiers/amount.ts'
import { bearward } from './command.ts'
import type { Finding } from './doctor-findings.ts'

// The doctor against a stand-in for each provider: `fetch` of this process reaches it under the provider's own URLs.

const TENANT = '11111111-2222-3333-4444-555555555555'
const CUSTOMER = '99999999-2222-3333-4444-555555555555'
const CLIENT_ID = '66666666-7777-8888-9999-aaaaaaaaaaaa'
const CUSTOMER_ISSUER = `https://login.microsoftonline.com/${CUSTOMER}/v2.0`

/** The preset on the command line. */
const COMMANDS: Readonly<Record<string, readonly [preset: string, ...settings: string[]]>> = {
  Auth0: ['auth0', 'domain=example.eu.auth0.com'],
  'Microsoft Entra ID': ['entra', `tenant=${TENANT}`, `audience=${CLIENT_ID}`],
  'Microsoft Entra ID, version 1.0': ['entra', `tenant=${TENANT}`, `audience=api://${CLIENT_ID}`, 'version=1'],
  'Microsoft Entra ID, many tenants': [
    'entraTenants',
    `tenants=${TENANT}`,
    `tenants=${CUSTOMER}`,
    `audience=${CLIENT_ID}`,
  ],
  'Azure AD B2C': ['b2c', 'tenant=contoso', `tenantId=${TENANT}`, 'policy=B2C_1_signin', `audience=${CLIENT_ID}`],
  'Amazon Cognito': ['cognito', 'region=eu-west-1', 'userPoolId=eu-west-1_AbCdEfGhI', 'clients=1example23456789'],
  'Amazon Cognito, updated issuer': [
    'cognito',
    'region=eu-west-1',
    'userPoolId=eu-west-1_AbCdEfGhI',
    'clients=1example23456789',
    'issuerType=UPDATED',
  ],
  Keycloak: ['keycloak', 'url=https://sso.example.com', 'realm=shop', 'audience=orders-api'],
  Okta: ['okta', 'domain=example.okta.com', 'audience=api://default'],
  'Google service accounts': ['google', `audience=${API}`],
  'Firebase Authentication': ['firebase', 'projectId=my-project-1'],
  Supabase: ['supabase', 'url=https://abcdefghijklmnopqrst.supabase.co'],
  Clerk: ['clerk', 'domain=clerk.example.com', 'clients=https://app.example.com'],
  'Ory Hydra': ['hydra', 'url=https://hydra.example.com'],
  ZITADEL: ['zitadel', 'domain=example-abc123.zitadel.cloud', 'audience=200000000000000001'],
  Dex: ['dex', 'issuer=https://dex.example.com', 'clients=orders-web'],
  authentik: ['authentik', 'url=https://auth.example.com', 'application=orders', 'audience=aBcDeFgHiJkLmNoPqRsTuVwXyZ'],
  Kubernetes: ['kubernetes', `audience=${API}`],
  'GitHub Actions': ['githubActions', `audience=${API}`],
  'GitLab CI/CD': ['gitlab', `audience=${API}`],
}

let internet: Internet
beforeAll(async () => {
  internet = await startInternet()
})
afterAll(() => internet.stop())
beforeEach(() => {
  vi.stubGlobal('fetch', internet.fetch)
})
afterEach(() => vi.unstubAllGlobals())

async function findings(args: readonly string[], token?: string) {
  const withToken = token === undefined ? [] : ['--token-env', 'TOKEN']
  const env = token === undefined ? {} : { TOKEN: token }
  const { code, stdout, stderr } = await bearward(['doctor', '--json', ...args, ...withToken], { env })
  expect(stderr).toBe('')
  const { findings: all } = JSON.parse(stdout) as { readonly findings: readonly Finding[] }
  const problems = all.filter(({ level }) => level === 'problem')
  expect(code).toBe(problems.length > 0 ? 1 : 0)
  for (const { fix } of problems) expect(fix).toMatch(/\S/)
  return { all, problems }
}

function argsOf({ name }: ProviderCase): readonly string[] {
  const [preset = '', ...settings] = COMMANDS[name] ?? []
  const issuer = preset === 'entraTenants' ? ['--issuer', CUSTOMER_ISSUER] : []
  return ['--resource', API, '--preset', preset, ...settings.flatMap((text) => ['--set', text]), ...issuer]
}

describe.each(WITH_PRESETS)('$name (M5, N7)', (provider) => {
  const issuer = async () => {
    const options = provider.options()
    return 'resolve' in options ? { issuer: CUSTOMER_ISSUER, ...(await options.resolve(CUSTOMER_ISSUER)) } : options
  }

  it('is clean with its preset, and a token of it', async () => {
    const makers = await provider.tokens(internet)
    const { all, problems } = await findings(argsOf(provider), await makers[provider.good]?.())
    expect(problems).toEqual([])
    const areas = all.filter(({ level }) => level === 'ok').map(({ area }) => area)
    expect(areas).toContain('keys')
    expect(areas).toContain('token')
  })

  it('is recognized by its issuer, or with its metadata, and the preset is named', async () => {
    await provider.tokens(internet)
    const { issuer: name } = await issuer()
    const { all } = await findings(['--resource', API, '--issuer', name])
    const preset = COMMANDS[provider.name]?.[0] === 'entraTenants' ? 'entra' : COMMANDS[provider.name]?.[0]
    const named = all.filter(({ message, fix }) => `${message} ${fix}`.includes(`${preset}({`))
    expect(named).toHaveLength(1)
  })

  it.each(provider.wrong.slice(0, amount(3, 1)))('one finding for a wrong token: %s', async (wrong) => {
    const makers = await provider.tokens(internet)
    const { problems } = await findings(argsOf(provider), await makers[wrong]?.())
    expect(problems.map(({ area }) => area)).toEqual(['token'])
  })

  it('one finding if the keys cannot be loaded', async () => {
    await provider.tokens(internet)
    const { issuer: name, keys } = await issuer()
    const url = typeof keys === 'string' ? keys : await keySetOf(name)
    internet.on(url, () => ({ status: 500, json: {} }))
    const { problems } = await findings(argsOf(provider))
    expect(problems.map(({ area }) => area)).toEqual(['keys'])
    expect(problems[0]?.message).toContain(url)
  })

  it('one finding for a missing argument, which it names', async () => {
    const [preset = '', first = ''] = COMMANDS[provider.name] ?? []
    const argument = first.split('=')[0]
    const { problems } = await findings(['--resource', API, '--preset', preset])
    expect(problems.map(({ area }) => area)).toEqual(['options'])
    expect(problems[0]?.message).toContain(preset === 'gitlab' ? 'gitlab.audience' : `${preset}.${argument}`)
  })
})

async function keySetOf(issuer: string): Promise<string> {
  const response = await internet.fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  return ((await response.json()) as { readonly jwks_uri: string }).jwks_uri
}

describe('an issuer in a container network (M6)', () => {
  it('is clean with --allow-insecure-requests, and otherwise one finding names the option', async () => {
    const issuer = await createTestIssuer({ issuer: 'http://keycloak:8080/realms/a', resource: API })
    vi.stubGlobal('fetch', issuer.fetch)
    const args = ['--resource', API, '--issuer', issuer.issuer]
    const { problems } = await findings(args)
    expect(problems).toMatchObject([{ area: 'options', message: expect.stringContaining('allowInsecureRequests') }])
    const { all, problems: none } = await findings([...args, '--allow-insecure-requests'], await issuer.jwt())
    expect(none).toEqual([])
    // It is reported, and is no problem: it was allowed explicitly.
    expect(all.filter(({ area }) => area === 'options')).toMatchObject([{ level: 'note' }])
  })
})

describe('AD FS', () => {
  it('one finding if the issuer is that of the metadata: access tokens have another one', async () => {
    const issuer = 'https://fs.example.com/adfs'
    const keys = `${issuer}/discovery/keys`
    const tokenIssuer = 'http://fs.example.com/adfs/services/trust'
    await internet.authority({ issuer, keysAt: keys, metadata: { access_token_issuer: tokenIssuer } })
    const { problems } = await findings(['--resource', API, '--issuer', issuer])
    expect(problems).toHaveLength(1)
    expect(problems[0]?.fix).toContain(`set issuer to ${tokenIssuer}, and keys to ${keys}`)
    const { all, problems: none } = await findings(['--resource', API, '--issuer', tokenIssuer, '--keys', keys])
    expect(none).toEqual([])
    expect(all.filter(({ area }) => area === 'keys')).toMatchObject([{ level: 'ok' }])
  })
})

describe('Entra for many tenants', () => {
  it.each(['common', 'organizations'])('%s is no issuer: the preset for many tenants is named', async (name) => {
    const issuer = `https://login.microsoftonline.com/${name}/v2.0`
    await internet.authority({
      issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
      metadataAt: `${issuer}/.well-known/openid-configuration`,
    })
    const { problems } = await findings(['--resource', API, '--issuer', issuer])
    expect(problems).toHaveLength(1)
    expect(problems[0]?.fix).toContain('entraTenants({ tenants: …, audience: … })')
    expect(problems[0]?.fix).not.toContain('set issuer')
  })
})

describe('an issuer like that of a provider', () => {
  const TENANT_PATH = `${TENANT}/${CUSTOMER}`
  // Each with what its metadata says. The preset must make exactly this issuer, or none is named.
  it.each([
    [
      'Azure Kubernetes Service, with a slash',
      `https://eastus.oic.prod-aks.azure.com/${TENANT_PATH}/`,
      { jwks_uri: `https://eastus.oic.prod-aks.azure.com/${TENANT_PATH}/openid/v1/jwks` },
      kubernetes,
    ],
    [
      'Dex, with a slash',
      'https://dex.example.com/dex/',
      {
        jwks_uri: 'https://dex.example.com/dex/keys',
        device_authorization_endpoint: 'https://dex.example.com/dex/device/code',
      },
      dex,
    ],
    ['authentik without TLS', 'http://authentik.test:9000/application/o/orders/', {}, authentik],
    [
      'Keycloak, in capitals',
      'https://SSO.example.com/realms/shop',
      { token_endpoint: 'https://SSO.example.com/realms/shop/protocol/openid-connect/token' },
      keycloak,
    ],
    [
      'ZITADEL without TLS',
      'http://zitadel.test:8080',
      { introspection_endpoint: 'http://zitadel.test:8080/oauth/v2/introspect' },
      undefined,
    ],
    ['Mastodon', 'https://mastodon.example', { jwks_uri: 'https://mastodon.example/oauth/discovery/keys' }, undefined],
  ])('%s', async (_name, issuer, metadata, preset) => {
    const keysAt = 'jwks_uri' in metadata ? metadata.jwks_uri : undefined
    const overTls = (url: unknown) => String(url).replace(/^http:/, 'https:')
    vi.stubGlobal('fetch', (url: unknown, init: RequestInit) => internet.fetch(overTls(url), init))
    const place = { issuer: overTls(issuer), ...(keysAt !== undefined && { keysAt }) }
    await internet.authority({ ...place, metadata: { issuer, ...metadata } })
    const plain = issuer.startsWith('http:') ? ['--allow-insecure-requests'] : []
    const { all, problems } = await findings(['--resource', API, '--issuer', issuer, ...plain])
    expect(problems).toEqual([])
    const named = all.filter(({ area }) => area === 'provider').map(({ message, fix = '' }) => `${message} ${fix}`)
    if (preset === undefined) return expect(named).toEqual([])
    expect(named).toMatchObject([expect.stringContaining(`${preset.name}({`)])
    const call = /\w+\(\{.*\}\)/.exec(named[0] ?? '')?.[0] ?? ''
    const make = new Function(preset.name, `return ${call.replaceAll('…', "['any']")}`)
    expect(make(preset)).toMatchObject({ issuer })
  })

  it('refuses the authorization server that Okta has for its own APIs', async () => {
    await internet.authority({ issuer: 'https://example.okta.com', keysAt: 'https://example.okta.com/oauth2/v1/keys' })
    const { problems } = await findings(['--resource', API, '--issuer', 'https://example.okta.com'])
    expect(problems).toMatchObject([
      { area: 'provider', fix: expect.stringContaining('okta({ domain: "example.okta.com" })') },
    ])
  })
})
