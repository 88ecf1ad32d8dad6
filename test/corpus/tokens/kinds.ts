import { RESOURCE } from '../../support/issuer/issuer.ts'
import { ISSUER, NOW, refused, STRICT_ISSUER, type TokenFamily, withClaim, withHeader } from '../kit.ts'

/** Registered or drafted media types of JWTs that are not access tokens. */
const OTHER_TYPES = [
  'logout+jwt', // OpenID Connect Back-Channel Logout §2.4
  'secevent+jwt', // RFC 8417 §2.3
  'dpop+jwt', // RFC 9449 §4.2
  'token-introspection+jwt', // RFC 9701 §5
  'txntoken+jwt', // OAuth transaction tokens
  'statuslist+jwt', // token status list
  'oauth-authz-req+jwt', // RFC 9101 §10.8
  'client-authentication+jwt', // RFC 7523bis
  'authorization-grant+jwt',
  'oauth-id-jag+jwt', // identity assertion authorization grant
  'oauth-client-attestation+jwt',
  'oauth-client-attestation-pop+jwt',
  'openid4vci-proof+jwt',
  'entity-statement+jwt', // OpenID Federation §3.1
  'trust-mark+jwt',
  'jwk-set+jwt',
  'dc+sd-jwt', // SD-JWT VC
  'vc+sd-jwt',
  'vc+jwt',
  'kb+jwt', // RFC 9901 §4.3
  'example+sd-jwt',
  'rt+jwt',
  'refresh+jwt',
  'id+jwt',
  'passport', // RFC 8225 §4.1
  'rat+jwt',
  'sd-jwt',
  'JWE',
  'JOSE',
  'JOSE+JSON',
  'CWT',
]

/** RFC 8725 §3.11: `typ` names the kind of token; only two values are access tokens. */
export const types: TokenFamily = {
  family: 'typ of another kind of token (RFC 8725 §3.11, RFC 9068 §4)',
  make: (kit) => [
    ...withHeader(
      kit,
      'typ',
      'token_type',
      Object.fromEntries(OTHER_TYPES.flatMap((type) => [type, `application/${type}`]).map((type) => [type, type])),
    ),
    ...withHeader(kit, 'typ', 'token_type', {
      empty: '',
      'a number': 1,
      null: null,
      true: true,
      'a list': ['at+jwt'],
      'an object': { typ: 'at+jwt' },
      'at+jwt and a space': 'at+jwt ',
      'at+jwt after a space': ' at+jwt',
      'at+jwt and a parameter': 'at+jwt; charset=utf-8',
      'at+jwt as text': 'text/at+jwt',
      'application twice': 'application/application/at+jwt',
      'application alone': 'application/',
      'at jwt without plus': 'at jwt',
      'at+jwt, escaped': 'at%2Bjwt',
      'at+jwt in full-width letters': 'ａｔ＋ｊｗｔ',
      'at+jwt and a NUL': 'at+jwt\0',
      'two types': 'at+jwt, JWT',
      'LOGOUT+JWT in capitals': 'LOGOUT+JWT',
      'Application/DPoP+JWT in mixed case': 'Application/DPoP+JWT',
    }),
    {
      name: 'typ inside a __proto__ member does not hide the real one',
      token: kit.token({ header: '{"alg":"ES256","kid":"kid-ES256","typ":"logout+jwt","__proto__":{"typ":"at+jwt"}}' }),
      reason: 'token_type',
    },
  ],
}

const LOGOUT_EVENT = { 'http://schemas.openid.net/event/backchannel-logout': {} }

/** RFC 8725 §3.12: kinds without a specific `typ` are recognized by members that only they have. */
export const members: TokenFamily = {
  family: 'members of another kind of token (RFC 8725 §3.12)',
  make(kit) {
    const plain = (over: Readonly<Record<string, unknown>>, typ: string | null = 'JWT') =>
      kit.token({ header: kit.header({ typ: typ ?? undefined }), claims: kit.claims(over) })
    const only = (claims: Readonly<Record<string, unknown>>, typ?: string) =>
      kit.token({ header: kit.header({ typ }), claims: { iss: ISSUER, aud: RESOURCE, ...claims } })
    const times = { iat: NOW, exp: NOW + 60 }
    return refused('token_type', {
      'an ID token with nonce (OpenID Connect Core §2)': plain({ nonce: 'n-0S6_WzA2Mj' }),
      'an ID token with nonce and no typ': plain({ nonce: 'n-0S6_WzA2Mj' }, null),
      'an ID token with nonce that says at+jwt': plain({ nonce: 'n-0S6_WzA2Mj' }, 'at+jwt'),
      'an ID token with an empty nonce': plain({ nonce: '' }),
      'an ID token with a nonce of null': plain({ nonce: null }),
      'an ID token with at_hash (OpenID Connect Core §3.1.3.6)': plain({ at_hash: '77QmUPtjPfzWtF2AnpK9RQ' }),
      'an ID token with c_hash (OpenID Connect Core §3.3.2.11)': plain({ c_hash: 'LDktKdoQak3Pk0cnXxCltA' }),
      'an ID token with s_hash (FAPI 1.0)': plain({ s_hash: '76sa5dd' }),
      'an ID token as a provider makes it': only({
        ...times,
        sub: 'user-1',
        nonce: 'abc',
        at_hash: 'x',
        auth_time: NOW - 5,
        email: 'a@example.com',
      }),
      'a logout token (Back-Channel Logout §2.4)': only({ ...times, jti: '1', sid: 's', events: LOGOUT_EVENT }),
      'a logout token that says at+jwt': plain({ sid: 's', events: LOGOUT_EVENT }, 'at+jwt'),
      'a security event (RFC 8417 §2.2)': only({ ...times, jti: '1', events: { 'urn:example:event': { a: 1 } } }),
      'a security event without events in it': plain({ events: {} }),
      'an introspection response (RFC 9701 §5)': only({
        ...times,
        token_introspection: { active: true, sub: 'user-1' },
      }),
      'an introspection response that says at+jwt': plain({ token_introspection: { active: true } }, 'at+jwt'),
      'an introspection response with its members at the top (RFC 7662 §2.2)': plain({ active: true }, 'JWT'),
      'a DPoP proof (RFC 9449 §4.2)': only({ ...times, jti: '1', htm: 'GET', htu: 'https://api.example.com/orders' }),
      'a DPoP proof with htm alone': plain({ htm: 'GET' }),
      'a DPoP proof with htu alone': plain({ htu: 'https://api.example.com/orders' }),
      'a status list token': only({ ...times, sub: 'https://issuer.example/1', status_list: { bits: 1, lst: 'eNrb' } }),
      'an ID token by token_use (Amazon Cognito)': plain({ token_use: 'id' }),
      'a refresh token by token_use': plain({ token_use: 'refresh' }),
      'an ID token by token_use, in full': plain({ token_use: 'id_token' }),
      'a refresh token by token_use, in full': plain({ token_use: 'refresh_token' }),
      'an ID token by token_usage (OpenIddict)': plain({ token_usage: 'id_token' }),
      'a refresh token by token_usage (OpenIddict)': plain({ token_usage: 'refresh_token' }),
      'an ID token by its typ claim (Keycloak)': plain({ typ: 'ID' }),
      'a refresh token by its typ claim (Keycloak)': plain({ typ: 'Refresh' }),
      'an offline token by its typ claim (Keycloak)': plain({ typ: 'Offline' }),
      'a logout token by its typ claim (Keycloak)': plain({ typ: 'Logout' }),
      'a refresh token by token_type (Simple JWT of Django)': plain({ token_type: 'refresh' }),
      'a refresh token by type (Flask-JWT-Extended)': plain({ type: 'refresh' }),
      'a refresh token by tokenName (PingAM)': plain({ tokenName: 'refresh_token', token_type: 'Bearer' }),
      'an ID token by tokenName (PingAM)': plain({ tokenName: 'id_token', token_type: 'JWTToken' }),
      'an ID token by tty (FusionAuth)': plain({ tty: 'id' }),
      'a refresh token by drn (Descope)': plain({ drn: 'DSR' }),
      'a refresh token by tokenType (Casdoor)': plain({ tokenType: 'refresh-token', tag: '' }),
      'an ID token by purpose (Curity)': plain({ purpose: 'id' }),
      'a refresh token by granted_scopes (Cloud Foundry UAA)': plain({
        jti: '0f1e2d3c4b5a-r',
        scope: undefined,
        granted_scopes: ['orders.read'],
      }),
    })
  },
}

/** RFC 9068 §2, §4: the profile accepts exactly what the standard describes. */
export const profile: TokenFamily = {
  family: "profile 'rfc9068' (RFC 9068 §2, §4)",
  make(kit) {
    const claims = { iss: STRICT_ISSUER, iat: NOW - 10 }
    const strict = (over: Readonly<Record<string, unknown>>, header: Readonly<Record<string, unknown>> = {}) =>
      kit.token({
        signer: kit.strict,
        header: kit.header(header, kit.strict),
        claims: kit.claims({ ...claims, ...over }),
      })
    return [
      ...refused('token_type', {
        'no typ': strict({}, { typ: undefined }),
        'typ JWT': strict({}, { typ: 'JWT' }),
        'typ application/jwt': strict({}, { typ: 'application/jwt' }),
        'typ at-jwt': strict({}, { typ: 'at-jwt' }),
        'typ of null': strict({}, { typ: null }),
        'at+jwt with a nonce': strict({ nonce: 'n' }),
      }),
      ...refused('missing_claim', {
        'no exp': strict({ exp: undefined }),
        'no aud': strict({ aud: undefined }),
        'no sub': strict({ sub: undefined }),
        'no client_id': strict({ client_id: undefined }),
        'azp instead of client_id': strict({ client_id: undefined, azp: 'client-1' }),
        'no iat': strict({ iat: undefined }),
        'no jti': strict({ jti: undefined }),
      }),
      ...refused('too_old', {
        'older than its greatest age and the tolerance': strict({ iat: NOW - 631 }),
        'issued a year ago': strict({ iat: NOW - 31_536_000 }),
        'issued at the epoch': strict({ iat: 0 }),
        'issued before the epoch': strict({ iat: -1 }),
      }),
    ]
  },
}

/** RFC 7519 §4.1: claims that applications compare are strings. */
export const strings: TokenFamily = {
  family: 'claims that must be strings (RFC 7519 §4.1.2, §4.1.7, RFC 8693 §4.3)',
  make: (kit) =>
    ['sub', 'client_id', 'jti'].flatMap((claim) =>
      withClaim(kit, claim, 'malformed', {
        'a number': 1,
        null: null,
        true: true,
        'a list': ['user-1'],
        'an object': { value: 'user-1' },
      }),
    ),
}
