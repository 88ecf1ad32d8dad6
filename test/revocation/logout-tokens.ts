import { ISSUER, NOW } from '../corpus/kit.ts'
import { kit } from './kit.ts'

export const CLIENT = 'web-client'
const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

type Over = Readonly<Record<string, unknown>>

/** The claims of a good logout token (OpenID Connect Back-Channel Logout 1.0 §2.4), with overrides. */
const claimsOf = (over: Over) => ({
  iss: ISSUER,
  aud: CLIENT,
  sub: 'user-1',
  iat: NOW,
  exp: NOW + 120,
  jti: 'logout-1',
  events: { [EVENT]: {} },
  ...over,
})

export const logoutToken = (over: Over = {}, header: Over = {}, signer = kit.signers.ES256): string =>
  kit.token({ claims: claimsOf(over), header: kit.header({ typ: 'logout+jwt', ...header }, signer), signer })

export interface BadLogout {
  readonly name: string
  readonly token: string
  readonly code: string
}

const bad = (name: string, code: string, token: string): BadLogout => ({ name, token, code })

/** Logout tokens that revoke nothing. */
export const BAD_LOGOUTS: readonly BadLogout[] = [
  bad('another issuer', 'issuer', logoutToken({ iss: 'https://other.example' })),
  bad('no issuer', 'issuer', logoutToken({ iss: undefined })),
  bad('another client', 'audience', logoutToken({ aud: 'other' })),
  bad('the audience of access tokens', 'audience', logoutToken({ aud: 'https://api.example.com' })),
  bad('no audience', 'audience', logoutToken({ aud: undefined })),
  bad('the type of access tokens', 'type', logoutToken({}, { typ: 'at+jwt' })),
  bad('the type of security events', 'type', logoutToken({}, { typ: 'secevent+jwt' })),
  bad('no events', 'event', logoutToken({ events: undefined })),
  bad('another event', 'event', logoutToken({ events: { 'https://other.example/event': {} } })),
  bad('an event that is no object', 'event', logoutToken({ events: { [EVENT]: true } })),
  bad('a list of events', 'event', logoutToken({ events: [EVENT] })),
  bad('a nonce', 'nonce', logoutToken({ nonce: 'n' })),
  bad('a nonce that is null', 'nonce', logoutToken({ nonce: null })),
  bad('neither sub nor sid', 'subject', logoutToken({ sub: undefined })),
  bad('an empty sub', 'subject', logoutToken({ sub: '' })),
  bad('a sid that is no string', 'subject', logoutToken({ sid: 1 })),
  bad('a sub that is too long', 'subject', logoutToken({ sub: 'u'.repeat(1025) })),
  bad('a sid that is too long', 'subject', logoutToken({ sid: 's'.repeat(1025) })),
  bad('expired', 'time', logoutToken({ iat: NOW - 300, exp: NOW - 31 })),
  bad('without exp', 'exp', logoutToken({ exp: undefined })),
  bad('without iat', 'time', logoutToken({ iat: undefined })),
  bad('issued in the future', 'time', logoutToken({ iat: NOW + 31, exp: NOW + 60 })),
  bad('an exp that is no number', 'time', logoutToken({ exp: '9999999999' })),
  bad('signed by an attacker', 'signature', logoutToken({}, {}, kit.attacker)),
  bad('signed with a key of the same kid', 'signature', logoutToken({}, {}, kit.strict)),
  bad('alg none', 'algorithm', logoutToken({}, { alg: 'none' })),
  bad('alg HS256', 'algorithm', logoutToken({}, { alg: 'HS256' })),
  bad('critical extension', 'malformed', logoutToken({}, { crit: ['b64'], b64: false })),
  bad('encrypted', 'malformed', 'a.b.c.d.e'),
  bad('no JWT', 'malformed', 'nothing'),
  bad('too large', 'too_large', logoutToken({ more: 'x'.repeat(9000) })),
]
