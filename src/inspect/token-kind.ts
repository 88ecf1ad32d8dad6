import { mediaTypeOf } from '../jws/compact.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { TokenShape } from './token-form.ts'

const TITLES = {
  access_token: 'A JWT access token (RFC 9068)',
  jwt: 'A JWT that does not state its kind, like most access tokens',
  id_token: 'An ID token (OpenID Connect Core §2): it informs a client who signed in, and is not for APIs',
  logout_token: 'A logout token (OpenID Connect Back-Channel Logout §2.4)',
  security_event: 'A security event token (RFC 8417)',
  dpop_proof: 'A DPoP proof (RFC 9449 §4): it accompanies an access token, in the DPoP header',
  introspection_response: 'A signed introspection response (RFC 9701)',
  refresh_token: 'A refresh token: it is for the authorization server alone',
  other_jwt: 'A JWT of another kind',
  encrypted: 'An encrypted JWT (RFC 7516): only the holder of the key can read it',
  opaque: 'An opaque token: only its authorization server can read it (RFC 7662)',
  broken: 'Not a readable token: a damaged JWT, or characters that no token contains',
} as const

/** The kind of a token, according to its header and claims. */
export type DiagnosedKind = keyof typeof TITLES

export const titleOf = (kind: DiagnosedKind): string => TITLES[kind]

const has = (claims: JsonObject, ...names: readonly string[]): boolean =>
  names.some((name) => Object.hasOwn(claims, name))

const says = (value: unknown, ...words: readonly string[]): boolean =>
  typeof value === 'string' && words.includes(value.toLowerCase())

const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout'

/** In order of precedence. */
const SIGNS: readonly (readonly [DiagnosedKind, (type: string, claims: JsonObject) => boolean])[] = [
  ['dpop_proof', (type, claims) => type === 'dpop+jwt' || has(claims, 'htm', 'htu')],
  [
    'logout_token',
    (type, { events }) => type === 'logout+jwt' || (isObjectLike(events) && Object.hasOwn(events, LOGOUT)),
  ],
  ['security_event', (type, claims) => type === 'secevent+jwt' || has(claims, 'events')],
  [
    'introspection_response',
    (type, claims) => type === 'token-introspection+jwt' || has(claims, 'token_introspection'),
  ],
  [
    'refresh_token',
    (_type, { typ, token_use: use }) => says(typ, 'refresh', 'offline') || says(use, 'refresh', 'refresh_token'),
  ],
  [
    'id_token',
    (_type, claims) =>
      has(claims, 'nonce', 'at_hash', 'c_hash', 's_hash') ||
      says(claims.typ, 'id') ||
      says(claims.token_use, 'id', 'id_token'),
  ],
  ['access_token', (type) => type === 'at+jwt'],
  ['jwt', (type) => type === 'jwt' || type === ''],
]

const isObjectLike = (value: unknown): value is object => typeof value === 'object' && value !== null

export function kindOf(shape: TokenShape): DiagnosedKind {
  if (shape.form === 'jwe') return 'encrypted'
  if (shape.form !== 'jws') return shape.form
  const { header, claims } = shape
  const type = mediaTypeOf(header.typ)
  return SIGNS.find(([, fits]) => fits(type, claims))?.[0] ?? 'other_jwt'
}
