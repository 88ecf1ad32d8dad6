import { invalidClaim, type Refusal } from '../errors/refusal.ts'
import type { JsonObject } from '../util/encoding.ts'

const ALWAYS: (value: unknown) => boolean = () => true

const isOneOf =
  (...values: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === 'string' && values.includes(value.toLowerCase())

const IS_OTHER_KIND = isOneOf('id', 'id_token', 'refresh', 'refresh_token', 'refresh-token')

// Claims that only other kinds of token have: ID tokens (OpenID Connect Core §2, §3.3.2.11), security events and
// logout tokens (RFC 8417 §2.2), introspection responses (RFC 9701 §5), DPoP proofs (RFC 9449 §4.2), status lists.
const FOREIGN_CLAIMS: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['nonce', ALWAYS],
  ['at_hash', ALWAYS],
  ['c_hash', ALWAYS],
  ['s_hash', ALWAYS],
  ['events', ALWAYS],
  ['token_introspection', ALWAYS],
  ['active', (value) => typeof value === 'boolean'],
  ['htm', ALWAYS],
  ['htu', ALWAYS],
  ['status_list', ALWAYS],
  // Claims by which servers that use `typ: JWT` for all tokens distinguish their kinds: Cognito, Keycloak, Simple JWT
  // of Django, Flask-JWT-Extended, PingAM, FusionAuth, Descope, Casdoor, Curity, UAA; OpenIddict, in introspection responses.
  ['token_use', IS_OTHER_KIND],
  ['token_usage', IS_OTHER_KIND],
  ['typ', isOneOf('id', 'refresh', 'offline', 'logout')],
  ['token_type', IS_OTHER_KIND],
  ['type', isOneOf('id_token', 'refresh', 'refresh_token')],
  ['tokenName', IS_OTHER_KIND],
  ['tty', isOneOf('id')],
  ['drn', isOneOf('dsr')],
  ['tokenType', IS_OTHER_KIND],
  ['purpose', isOneOf('id')],
  // Of refresh tokens, where access tokens have `scope`.
  ['granted_scopes', Array.isArray],
])

// What some providers copy from the ID token into access tokens: Dex, Azure AD B2C, authentik, Keycloak before 25.
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash'] as const

// The claims that a refusal names.
const NAMED = [...ID_TOKEN_CLAIMS, 'typ'] as const

/**
 * Refused if there is a claim that no access token has.
 *
 * @param allowIdTokenClaims ignores those that an ID token has, but no other kind of token
 */
export function checkForeignClaims(claims: JsonObject, allowIdTokenClaims: boolean): Refusal | undefined {
  const isIgnored = (name: string) => allowIdTokenClaims && includes(ID_TOKEN_CLAIMS, name)
  const isForeign = (name: string) => FOREIGN_CLAIMS.get(name)?.(claims[name]) === true && !isIgnored(name)
  const names = Object.keys(claims)
  if (!names.some(isForeign)) return undefined
  return invalidClaim(
    'token_type',
    names.find((name): name is (typeof NAMED)[number] => includes(NAMED, name) && isForeign(name)),
  )
}

const includes = <T extends string>(list: readonly T[], name: string): name is T =>
  (list as readonly string[]).includes(name)
