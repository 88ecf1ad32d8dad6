import { ConfigurationError, type IssuerOptions } from 'bearward'
import * as presets from 'bearward/providers'
import type { JsonObject } from '../../src/inspect/index.ts'
import { visible } from '../visible.ts'
import { type Finding, note, ok, problem } from './finding.ts'

export type PresetName = keyof typeof presets

/** A provider, and how to call its preset. */
export interface Recognized {
  readonly provider: string
  readonly preset: PresetName
  /** What the issuer itself says. */
  readonly args: JsonObject
  /** Arguments that only the application knows. */
  readonly needs: readonly string[]
}

/** Tells a provider by its issuer, and if that could be anyone's, by its metadata. `text` is the issuer as tokens have it. */
type Recognizer = (issuer: URL, metadata: JsonObject, text: string) => Recognized | undefined

const AUDIENCE = ['audience'] as const

const recognized = (
  provider: string,
  preset: PresetName,
  args: JsonObject,
  needs: readonly string[] = [],
): Recognized => ({
  provider,
  preset,
  args,
  needs,
})

/** By a pattern of the host and path. */
const byUrl =
  (pattern: RegExp, found: (...groups: string[]) => Recognized): Recognizer =>
  ({ host, pathname }) => {
    const match = pattern.exec(host + pathname)
    return match ? found(...match.slice(1)) : undefined
  }

/** By the end of a URL in the metadata. */
const byEndpoint =
  (name: string, end: string, found: (text: string, issuer: URL) => Recognized | undefined): Recognizer =>
  (issuer, { [name]: endpoint }, text) =>
    typeof endpoint === 'string' && endpoint.endsWith(end) ? found(text, issuer) : undefined

const OKTA_ORG = /^https:\/\/([\w.-]+\.okta(?:preview|-emea|-gov)?\.com)$/

const RECOGNIZERS: readonly Recognizer[] = [
  byUrl(/^([\w.-]+\.auth0\.com)\/$/, (domain) => recognized('Auth0', 'auth0', { domain })),
  byUrl(/^login\.microsoftonline\.com\/(?:common|organizations|%7Btenantid%7D)\b/i, () =>
    recognized('Microsoft Entra ID for many tenants', 'entraTenants', {}, ['tenants', 'audience']),
  ),
  byUrl(/^login\.microsoftonline\.com\/([\da-f-]{36})\/v2\.0$/, (tenant) =>
    recognized('Microsoft Entra ID', 'entra', { tenant }, AUDIENCE),
  ),
  byUrl(/^sts\.windows\.net\/([\da-f-]{36})\/$/, (tenant) =>
    recognized('Microsoft Entra ID, version 1.0', 'entra', { tenant, version: 1 }, AUDIENCE),
  ),
  byUrl(/^([\w-]+)\.b2clogin\.com\/([\da-f-]{36})\/v2\.0\/$/, (tenant, tenantId) =>
    recognized('Azure AD B2C', 'b2c', { tenant, tenantId }, ['policy', 'audience']),
  ),
  byUrl(/^cognito-idp\.([\w-]+)\.amazonaws\.(?:com|com\.cn|eu)\/([\w-]+)$/, (region, userPoolId) =>
    recognized('Amazon Cognito', 'cognito', { region, userPoolId }, ['clients']),
  ),
  byUrl(/^issuer-cognito-idp\.([\w-]+)\.amazonaws\.(?:com|com\.cn|eu)\/([\w-]+)$/, (region, userPoolId) =>
    recognized('Amazon Cognito', 'cognito', { region, userPoolId, issuerType: 'UPDATED' }, ['clients']),
  ),
  byUrl(/^([\w.-]+\.okta(?:preview|-emea|-gov)?\.com)\/oauth2\/([\w-]+)$/, (domain, authorizationServer) =>
    recognized('Okta', 'okta', { domain, authorizationServer }),
  ),
  byUrl(/^accounts\.google\.com\/$/, () => recognized('Google', 'google', {}, AUDIENCE)),
  byUrl(/^securetoken\.google\.com\/([\w.:-]+)$/, (projectId) =>
    recognized('Firebase Authentication', 'firebase', { projectId }),
  ),
  byUrl(/^([\w-]+\.supabase\.co)\/auth\/v1$/, (host) => recognized('Supabase', 'supabase', { url: `https://${host}` })),
  byUrl(/^([\w-]+\.clerk\.accounts\.dev|clerk\.[\w.-]+)\/$/, (domain) =>
    recognized('Clerk', 'clerk', { domain }, ['clients']),
  ),
  byUrl(/^([\w-]+\.zitadel\.cloud)\/$/, (domain) => recognized('ZITADEL', 'zitadel', { domain }, AUDIENCE)),
  byUrl(/^token\.actions\.githubusercontent\.com\/$/, () =>
    recognized('GitHub Actions', 'githubActions', {}, AUDIENCE),
  ),
  (_, __, text) => {
    const [, url, application] = /^(.+)\/application\/o\/([\w-]+)\/$/.exec(text) ?? []
    return url === undefined ? undefined : recognized('authentik', 'authentik', { url, application }, AUDIENCE)
  },
  byUrl(/^kubernetes\.default\.svc/, () => recognized('Kubernetes', 'kubernetes', {}, AUDIENCE)),
  byEndpoint('jwks_uri', '/openid/v1/jwks', (issuer) => recognized('Kubernetes', 'kubernetes', { issuer }, AUDIENCE)),
  byEndpoint('token_endpoint', '/protocol/openid-connect/token', (text) => {
    const [url = '', realm = ''] = text.split('/realms/')
    return recognized('Keycloak', 'keycloak', { url, realm: decoded(realm) })
  }),
  // Every application with doorkeeper has this URL, but not this scope.
  (_, { jwks_uri: keys, scopes_supported: scopes }, url) =>
    String(keys).endsWith('/oauth/discovery/keys') && Array.isArray(scopes) && scopes.includes('read_repository')
      ? recognized('GitLab', 'gitlab', { url }, AUDIENCE)
      : undefined,
  byEndpoint('introspection_endpoint', '/oauth/v2/introspect', (_, { host }) =>
    recognized('ZITADEL', 'zitadel', { domain: host }, AUDIENCE),
  ),
  (_, metadata, url) =>
    Array.isArray(metadata.credentials_supported_draft_00) ? recognized('Ory Hydra', 'hydra', { url }) : undefined,
  (_, { jwks_uri: keys, device_authorization_endpoint: device }, issuer) => {
    const base = issuer.replace(/\/$/, '')
    const isDex = keys === `${base}/keys` && device === `${base}/device/code`
    return isDex ? recognized('Dex', 'dex', { issuer }, ['clients']) : undefined
  },
]

/** A part of a path; as it is, if it is not percent-encoded UTF-8. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The provider of an issuer, if there is a preset for it. */
export function recognize(issuer: string, metadata: JsonObject = {}): Recognized | undefined {
  if (!URL.canParse(issuer)) return undefined
  const url = new URL(issuer)
  for (const recognizer of RECOGNIZERS) {
    const found = recognizer(url, metadata, issuer)
    if (found && isFitting(found, issuer, metadata)) return found
  }
  return undefined
}

/** The preset would refuse every token, if it made another issuer of the one that the metadata names. */
function isFitting(found: Recognized, issuer: string, metadata: JsonObject): boolean {
  const options = optionsOf(found)
  return (
    options !== undefined &&
    (found.preset === 'entraTenants' || metadata.issuer !== issuer || options.issuer === issuer)
  )
}

/** The call of the preset, as an application writes it. */
export function callOf({ preset, args, needs }: Recognized): string {
  const given = Object.entries(args).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  return visible(`${preset}({ ${[...given, ...needs.map((name) => `${name}: …`)].join(', ')} })`)
}

/** Names the preset, and what it sets that the options do not. */
export function evaluateProvider(issuer: IssuerOptions, metadata: JsonObject | undefined): readonly Finding[] {
  const { access_token_issuer: other, jwks_uri: keys } = metadata ?? {}
  // AD FS: its metadata and its access tokens name different issuers.
  if (typeof other === 'string' && other !== issuer.issuer) {
    const message = `access tokens name another issuer than the metadata: ${visible(other)} (access_token_issuer)`
    const set = typeof keys === 'string' ? visible(keys) : 'the URL of its key set'
    return [problem('provider', message, `set issuer to ${visible(other)}, and keys to ${set}`)]
  }
  const [, organization] = OKTA_ORG.exec(issuer.issuer) ?? []
  if (organization !== undefined) {
    const message = "this is the authorization server of an Okta organization: its tokens are only for Okta's own APIs"
    return [problem('provider', message, `use okta({ domain: "${organization}" }) from bearward/providers`)]
  }
  const found = recognize(issuer.issuer, metadata)
  if (!found) return []
  const call = `${callOf(found)} from bearward/providers`
  if (found.preset === 'entraTenants') {
    const message = `no token has the issuer ${visible(issuer.issuer)}: it stands for many tenants`
    return [problem('provider', message, `use ${call}`)]
  }
  const missing = differences(found, issuer)
  if (missing.length === 0) return [ok('provider', `this is ${found.provider}: the options are those of ${call}`)]
  const message = `this is ${found.provider}, and its preset sets what the options do not: ${missing.join(', ')}`
  return [note('provider', message, `use ${call}`)]
}

/** What the application knows, or anything that the preset accepts. */
const PLACEHOLDERS: Readonly<Record<string, (issuer: Partial<IssuerOptions>) => unknown>> = {
  audience: ({ audience }) => audience ?? 'any',
  clients: ({ clients, audience }) => [clients ?? audience ?? 'any'].flat(),
  policy: ({ keys }) => (typeof keys === 'string' && /\/(B2C_1A?_[\w-]+)\//i.exec(keys)?.[1]) || 'B2C_1_any',
  tenants: () => ['00000000-0000-0000-0000-000000000000'],
}

/** What the preset returns; `undefined` if it refuses what the issuer says, which then only resembles one of the provider. */
function optionsOf(
  { preset, args, needs }: Recognized,
  issuer: Partial<IssuerOptions> = {},
): Partial<IssuerOptions> | undefined {
  const all: Readonly<Record<string, (given: never) => unknown>> = { ...presets }
  const given = { ...args, ...Object.fromEntries(needs.map((name) => [name, PLACEHOLDERS[name]?.(issuer)])) }
  try {
    return all[preset]?.(given as never) as Partial<IssuerOptions>
  } catch (thrown) {
    if (thrown instanceof ConfigurationError) return undefined
    throw thrown
  }
}

/** The names of the options in which an issuer differs from its preset. */
function differences(found: Recognized, issuer: IssuerOptions): readonly string[] {
  const { needs } = found
  const expected = optionsOf(found, issuer) ?? {}
  return Object.entries(expected)
    .filter(([name, value]) => {
      const own = issuer[name as keyof IssuerOptions]
      // The values are the application's choice; whether there must be any is the provider's.
      if (name === 'audience' && needs.includes('audience')) return false
      if (name === 'clients' || (name === 'audience' && needs.includes('clients') && value !== null))
        return own === undefined
      return JSON.stringify([own].flat()) !== JSON.stringify([value].flat())
    })
    .map(([name]) => name)
}
