import { ConfigurationError, createResourceServer, type IssuerOptions } from 'bearward'
import * as presets from 'bearward/providers'
import { describe, expect, it } from 'vitest'

const TENANT = '11111111-2222-3333-4444-555555555555'
const API = 'https://api.example.com'

type Preset = keyof typeof presets
const PRESETS = { ...presets }
type Arguments = Readonly<Record<string, unknown>>

const call = (name: Preset, given: unknown): IssuerOptions =>
  (PRESETS[name] as (given: unknown) => IssuerOptions)(given)

/** Arguments that work, and the options that they stand for. */
const GOOD: Readonly<Record<string, readonly [Preset, Arguments, object]>> = {
  auth0: ['auth0', { domain: 'example.eu.auth0.com' }, { issuer: 'https://example.eu.auth0.com/' }],
  'auth0, another audience': [
    'auth0',
    { domain: 'login.example.com', audience: 'orders' },
    { issuer: 'https://login.example.com/', audience: ['orders'] },
  ],
  entra: [
    'entra',
    { tenant: TENANT, audience: 'a' },
    { issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`, audience: ['a'], scopeClaims: ['scp', 'roles'] },
  ],
  'entra, in capitals': [
    'entra',
    { tenant: 'AAAAAAAA-2222-3333-4444-555555555555', audience: 'a', version: 2 },
    {
      issuer: 'https://login.microsoftonline.com/aaaaaaaa-2222-3333-4444-555555555555/v2.0',
      audience: ['a'],
      scopeClaims: ['scp', 'roles'],
    },
  ],
  'entra, version 1': [
    'entra',
    { tenant: TENANT, audience: ['a', 'api://a'], version: 1 },
    {
      issuer: `https://sts.windows.net/${TENANT}/`,
      audience: ['a', 'api://a'],
      scopeClaims: ['scp', 'roles'],
      keys: `https://login.microsoftonline.com/${TENANT}/discovery/keys`,
    },
  ],
  entraTenants: [
    'entraTenants',
    { tenants: [TENANT], audience: 'a' },
    { allow: [`https://login.microsoftonline.com/${TENANT}/v2.0`], resolve: expect.any(Function) },
  ],
  b2c: [
    'b2c',
    { tenant: 'contoso', tenantId: TENANT, policy: 'B2C_1_signin', audience: 'a' },
    {
      issuer: `https://contoso.b2clogin.com/${TENANT}/v2.0/`,
      keys: 'https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_signin/discovery/v2.0/keys',
      audience: ['a'],
      allowIdTokenClaims: true,
    },
  ],
  cognito: [
    'cognito',
    { region: 'us-gov-west-1', userPoolId: 'us-gov-west-1_Ab1', clients: ['c'] },
    { issuer: 'https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_Ab1', audience: null, clients: ['c'] },
  ],
  'cognito in China': [
    'cognito',
    { region: 'cn-north-1', userPoolId: 'cn-north-1_Ab1', clients: ['c'] },
    { issuer: 'https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Ab1', audience: null, clients: ['c'] },
  ],
  'cognito in the European Sovereign Cloud': [
    'cognito',
    { region: 'eusc-de-east-1', userPoolId: 'eusc-de-east-1_Ab1', clients: ['c'], issuerType: 'ORIGINAL' },
    { issuer: 'https://cognito-idp.eusc-de-east-1.amazonaws.eu/eusc-de-east-1_Ab1', audience: null, clients: ['c'] },
  ],
  'cognito with the updated issuer': [
    'cognito',
    { region: 'eu-west-1', userPoolId: 'eu-west-1_Ab1', clients: ['c'], issuerType: 'UPDATED' },
    {
      issuer: 'https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1',
      keys: 'https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1/.well-known/jwks.json',
      audience: null,
      clients: ['c'],
    },
  ],
  keycloak: [
    'keycloak',
    { url: 'https://sso.example.com', realm: 'shop' },
    { issuer: 'https://sso.example.com/realms/shop' },
  ],
  'keycloak below a path': [
    'keycloak',
    { url: 'https://example.com/auth/', realm: 'my shop', audience: 'orders' },
    { issuer: 'https://example.com/auth/realms/my%20shop', audience: ['orders'] },
  ],
  okta: ['okta', { domain: 'example.okta.com' }, { issuer: 'https://example.okta.com/oauth2/default' }],
  'okta, another server': [
    'okta',
    { domain: 'example.okta.com', authorizationServer: 'aus1', audience: ['a'] },
    { issuer: 'https://example.okta.com/oauth2/aus1', audience: ['a'] },
  ],
  google: ['google', { audience: API }, { issuer: 'https://accounts.google.com', audience: [API] }],
  firebase: [
    'firebase',
    { projectId: 'my-project-1' },
    {
      issuer: 'https://securetoken.google.com/my-project-1',
      audience: 'my-project-1',
      keys: 'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com',
    },
  ],
  supabase: [
    'supabase',
    { url: 'https://abc.supabase.co' },
    {
      issuer: 'https://abc.supabase.co/auth/v1',
      audience: 'authenticated',
      keys: 'https://abc.supabase.co/auth/v1/.well-known/jwks.json',
    },
  ],
  clerk: [
    'clerk',
    { domain: 'clerk.example.com', clients: ['https://app.example.com'] },
    {
      issuer: 'https://clerk.example.com',
      audience: null,
      clients: ['https://app.example.com'],
      keys: 'https://clerk.example.com/.well-known/jwks.json',
    },
  ],
  'hydra, with the slash of its iss': [
    'hydra',
    { url: 'https://hydra.example.com/' },
    { issuer: 'https://hydra.example.com/' },
  ],
  zitadel: [
    'zitadel',
    { domain: 'example-abc123.zitadel.cloud', audience: '1' },
    { issuer: 'https://example-abc123.zitadel.cloud', audience: ['1'] },
  ],
  dex: [
    'dex',
    { issuer: 'https://dex.example.com/dex', clients: ['a', 'b'] },
    { issuer: 'https://dex.example.com/dex', audience: ['a', 'b'], allowIdTokenClaims: true },
  ],
  authentik: [
    'authentik',
    { url: 'https://auth.example.com', application: 'orders' },
    { issuer: 'https://auth.example.com/application/o/orders/', allowIdTokenClaims: true },
  ],
  'authentik, whose ID tokens have the same audience': [
    'authentik',
    { url: 'https://auth.example.com', application: 'orders', audience: 'c' },
    {
      issuer: 'https://auth.example.com/application/o/orders/',
      allowIdTokenClaims: true,
      audience: ['c'],
      clients: ['c'],
    },
  ],
  kubernetes: [
    'kubernetes',
    { audience: API },
    {
      issuer: 'https://kubernetes.default.svc.cluster.local',
      audience: [API],
      keys: 'https://kubernetes.default.svc.cluster.local/openid/v1/jwks',
    },
  ],
  'kubernetes, managed': [
    'kubernetes',
    { audience: API, issuer: 'https://oidc.eks.eu-west-1.amazonaws.com/id/A' },
    { issuer: 'https://oidc.eks.eu-west-1.amazonaws.com/id/A', audience: [API] },
  ],
  'GitHub Actions': [
    'githubActions',
    { audience: API },
    { issuer: 'https://token.actions.githubusercontent.com', audience: [API] },
  ],
  GitLab: ['gitlab', { audience: API }, { issuer: 'https://gitlab.com', audience: [API] }],
  'GitLab, an own instance': [
    'gitlab',
    { audience: API, url: 'https://gitlab.example.com/' },
    { issuer: 'https://gitlab.example.com', audience: [API] },
  ],
}

describe('a preset returns the options of its provider (M5)', () => {
  it.each(Object.entries(GOOD))('%s', (_name, [preset, given, expected]) => {
    const issuer = call(preset, given)
    expect(issuer).toEqual(expected)
    createResourceServer({ resource: API, issuer }).close()
  })

  it('each preset is in the list', () => {
    const tested = new Set(Object.values(GOOD).map(([preset]) => preset))
    expect([...tested].sort()).toEqual(Object.keys(presets).sort())
  })

  it('looks tenants up by their ID, and only those of version 2 (M5)', async () => {
    const asked: string[] = []
    const tenants = { has: async (id: string) => asked.push(id) > 0 }
    const { allow, resolve } = presets.entraTenants({ tenants, audience: 'a' })
    const has = (issuer: string) => 'has' in allow && allow.has(issuer)
    expect(await has(`https://login.microsoftonline.com/${TENANT}/v2.0`)).toBe(true)
    for (const issuer of [
      `https://sts.windows.net/${TENANT}/`,
      `https://login.microsoftonline.com/${TENANT}/v2.0/`,
      `https://login.microsoftonline.com/${TENANT.toUpperCase().replaceAll('1', 'A')}/v2.0`,
      `https://login.microsoftonline.com.evil.example/${TENANT}/v2.0`,
      'https://login.microsoftonline.com/common/v2.0',
      'https://login.microsoftonline.com/{tenantid}/v2.0',
    ])
      expect(await has(issuer), issuer).toBe(false)
    expect(asked).toEqual([TENANT])
    expect(await resolve(`https://login.microsoftonline.com/${TENANT}/v2.0`)).toEqual({
      audience: ['a'],
      keys: 'https://login.microsoftonline.com/organizations/discovery/v2.0/keys',
      scopeClaims: ['scp', 'roles'],
    })
  })

  it('passes introspection on: the server checks it', () => {
    const introspection = {
      endpoint: 'https://a.example/introspect',
      client: { method: 'none', clientId: 'c' },
    } as const
    expect(presets.hydra({ url: 'https://h.example', introspection })).toEqual({
      issuer: 'https://h.example',
      introspection,
    })
    const issuer = call('hydra', { url: 'https://h.example', introspection: { endpoint: 1 } })
    expect(() => createResourceServer({ resource: API, issuer })).toThrow('issuer.introspection')
  })
})

const ENTRA = { tenant: TENANT, audience: 'a' }
const B2C = { tenant: 'contoso', tenantId: TENANT, policy: 'B2C_1_signin', audience: 'a' }
const COGNITO = { region: 'eu-west-1', userPoolId: 'eu-west-1_Ab1', clients: ['c'] }

/** The argument that the error names, and a part of its message. */
const WRONG: [preset: Preset, given: unknown, option: string, message?: string][] = [
  ['auth0', undefined, 'auth0'],
  ['auth0', {}, 'auth0.domain', 'is missing'],
  ['auth0', { domain: undefined }, 'auth0.domain', 'is an environment variable missing?'],
  ['auth0', { domain: 'https://example.eu.auth0.com/' }, 'auth0.domain', 'without https://'],
  ['auth0', { domain: 'example' }, 'auth0.domain'],
  ['auth0', { domain: 'a.example/x' }, 'auth0.domain'],
  ['auth0', { domain: 'user@a.example' }, 'auth0.domain'],
  ['auth0', { domain: 'a.example', audience: [] }, 'auth0.audience'],
  ['auth0', { domain: 'a.example', audience: '' }, 'auth0.audience'],
  ['auth0', { domain: 'a.example', audience: null }, 'auth0.audience'],
  ['auth0', { domain: 'a.example', audiance: 'a' }, 'auth0.audiance', 'did you mean audience?'],
  ['auth0', { domain: 'a.example', clientId: 'a' }, 'auth0.clientId', 'the options here: domain, audience'],
  ['entra', { audience: 'a' }, 'entra.tenant'],
  ['entra', { ...ENTRA, tenant: 'contoso' }, 'entra.tenant', 'a GUID'],
  ['entra', { ...ENTRA, tenant: '../x' }, 'entra.tenant', 'a GUID'],
  ['entra', { ...ENTRA, tenant: 'contoso.onmicrosoft.com' }, 'entra.tenant', 'openid-configuration shows it'],
  ['entra', { ...ENTRA, tenant: 'common' }, 'entra.tenant', 'no token has in iss'],
  ['entra', { tenant: TENANT }, 'entra.audience'],
  ['entra', { ...ENTRA, version: 3 }, 'entra.version', '1 or 2'],
  ['entra', { ...ENTRA, version: '1' }, 'entra.version'],
  ['entraTenants', { audience: 'a' }, 'entraTenants.tenants'],
  ['entraTenants', { tenants: [], audience: 'a' }, 'entraTenants.tenants'],
  ['entraTenants', { tenants: [TENANT, 'common'], audience: 'a' }, 'entraTenants.tenants[1]'],
  ['entraTenants', { tenants: { get: () => true }, audience: 'a' }, 'entraTenants.tenants'],
  ['entraTenants', { tenants: [TENANT] }, 'entraTenants.audience'],
  ['b2c', { ...B2C, tenant: 'contoso.onmicrosoft.com' }, 'b2c.tenant'],
  ['b2c', { ...B2C, tenantId: 'contoso' }, 'b2c.tenantId'],
  ['b2c', { ...B2C, policy: 'signin' }, 'b2c.policy'],
  ['b2c', { ...B2C, policy: 'B2C_1_a/../b' }, 'b2c.policy'],
  ['b2c', { ...B2C, audience: undefined }, 'b2c.audience'],
  ['cognito', { ...COGNITO, region: 'europe' }, 'cognito.region'],
  ['cognito', { ...COGNITO, region: 'eu-west' }, 'cognito.region'],
  ['cognito', { ...COGNITO, region: 'eu-west-1.evil.example/' }, 'cognito.region'],
  ['cognito', { ...COGNITO, userPoolId: 'us-east-1_Ab1' }, 'cognito.userPoolId', 'must begin with eu-west-1_'],
  ['cognito', { ...COGNITO, userPoolId: 'Ab1' }, 'cognito.userPoolId'],
  ['cognito', { ...COGNITO, issuerType: 'updated' }, 'cognito.issuerType', 'must be "ORIGINAL" or "UPDATED"'],
  ['cognito', { ...COGNITO, clients: [] }, 'cognito.clients'],
  ['cognito', { ...COGNITO, clients: 'c' }, 'cognito.clients'],
  ['cognito', { region: 'eu-west-1', userPoolId: 'eu-west-1_Ab1' }, 'cognito.clients'],
  ['keycloak', { url: 'sso.example.com', realm: 'a' }, 'keycloak.url'],
  ['keycloak', { url: 'ftp://a.example', realm: 'a' }, 'keycloak.url'],
  ['keycloak', { url: 'https://a.example/realms/shop', realm: 'shop' }, 'keycloak.url', 'without /realms/'],
  [
    'keycloak',
    { url: 'https://a.example/admin/shop/console', realm: 'shop' },
    'keycloak.url',
    'without /admin/shop/console; use "https://a.example"',
  ],
  [
    'authentik',
    { url: 'https://a.example/application/o/b/', application: 'b' },
    'authentik.url',
    'use "https://a.example"',
  ],
  ['authentik', { url: 'https://a.example/if/admin/', application: 'b' }, 'authentik.url', 'without /if/admin;'],
  ['supabase', { url: 'https://abc.supabase.co/rest/v1' }, 'supabase.url', 'use "https://abc.supabase.co"'],
  ['keycloak', { url: 'https://a.example?x', realm: 'a' }, 'keycloak.url'],
  ['keycloak', { url: 'https://a.example', realm: 'a/b' }, 'keycloak.realm'],
  ['keycloak', { url: 'https://a.example', realm: '..' }, 'keycloak.realm'],
  ['keycloak', { url: 'https://a.example' }, 'keycloak.realm'],
  ['okta', { domain: 'example-admin.okta.com' }, 'okta.domain', 'use example.okta.com'],
  ['okta', { domain: 'example.okta.com', authorizationServer: '' }, 'okta.authorizationServer'],
  ['google', {}, 'google.audience'],
  ['firebase', { projectId: 'My Project' }, 'firebase.projectId'],
  ['firebase', { projectId: 'a/../b' }, 'firebase.projectId'],
  ['supabase', { url: 'abc.supabase.co' }, 'supabase.url'],
  ['clerk', { domain: 'clerk.example.com' }, 'clerk.clients'],
  ['hydra', { url: 'hydra' }, 'hydra.url'],
  ['hydra', { url: 'https://h.example', introspection: 'x' }, 'hydra.introspection'],
  ['zitadel', { domain: 'a.zitadel.cloud' }, 'zitadel.audience'],
  ['dex', { issuer: 'dex', clients: ['a'] }, 'dex.issuer'],
  ['dex', { issuer: 'https://dex.example.com' }, 'dex.clients'],
  ['authentik', { url: 'https://a.example' }, 'authentik.application'],
  ['authentik', { url: 'https://a.example', application: 'a/b' }, 'authentik.application'],
  ['kubernetes', {}, 'kubernetes.audience'],
  ['kubernetes', { audience: 'a', issuer: 'kubernetes' }, 'kubernetes.issuer'],
  ['githubActions', { audience: ['a', ''] }, 'githubActions.audience[1]'],
  ['gitlab', { audience: 'a', url: 'gitlab' }, 'gitlab.url'],
  // From a file with a line end. The server would name another option, and for a resolver only when a token arrives.
  ...(['auth0', 'authentik', 'b2c', 'entra', 'entraTenants', 'google', 'keycloak', 'okta', 'zitadel'] as const).map(
    (preset): (typeof WRONG)[number] => [
      preset,
      { ...GOOD[preset]?.[1], audience: 'a\n' },
      `${preset}.audience`,
      'must not have control characters',
    ],
  ),
  ['githubActions', { audience: ['a', 'b\n'] }, 'githubActions.audience[1]', 'must not have control characters'],
  [
    'dex',
    { issuer: 'https://dex.example.com', clients: ['a\n'] },
    'dex.clients[0]',
    'must not have control characters',
  ],
  ['cognito', { ...COGNITO, clients: ['c', 'd\n'] }, 'cognito.clients[1]', 'must not have control characters'],
  ['okta', { domain: 'example.okta.com', authorizationServer: 'my server' }, 'okta.authorizationServer', 'the ID'],
  ['okta', { domain: 'example.okta.com', authorizationServer: 'a/b' }, 'okta.authorizationServer', 'the ID'],
  // As no token has it in `iss`.
  ['clerk', { domain: 'clerk.example.com:443', clients: ['a'] }, 'clerk.domain'],
  ['auth0', { domain: 'a.example:99999' }, 'auth0.domain'],
  ['zitadel', { domain: 'a.example:08443', audience: 'a' }, 'zitadel.domain'],
  ...(['dex', 'kubernetes'] as const).flatMap((preset) =>
    ['?a', '#a', '/.well-known/openid-configuration'].map((more): (typeof WRONG)[number] => [
      preset,
      { ...GOOD[preset]?.[1], issuer: `https://a.example${more}` },
      `${preset}.issuer`,
    ]),
  ),
  ['dex', { issuer: 'ftp://a.example', clients: ['a'] }, 'dex.issuer'],
  [
    'gitlab',
    { audience: 'a', url: 'https://a.example/.well-known/openid-configuration' },
    'gitlab.url',
    'use "https://a.example"',
  ],
]

describe('a wrong argument is a ConfigurationError that names it (M5)', () => {
  it.each(WRONG)('%s(%j): %s', (preset, given, option, message = '') => {
    let thrown: unknown
    try {
      call(preset, given)
    } catch (caught) {
      thrown = caught
    }
    expect(thrown).toBeInstanceOf(ConfigurationError)
    expect(thrown).toMatchObject({ option, message: expect.stringContaining(message) })
  })
})
