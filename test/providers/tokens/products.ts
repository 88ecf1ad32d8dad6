import { times } from '../../docs/tokens/shape.ts'
import { byClaims } from './by-claims.ts'

// Authorization servers without a preset. Claim names are those of their documentation; the values are invented.

const API = 'https://api.example.com'
const { iat } = times()
const ID_TOKEN = { client_id: undefined, scope: undefined, nonce: 'n-1', at_hash: 'abc' } as const

// https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/tokens
export const fusionAuth = byClaims({
  issuer: 'acme.com',
  keysAt: 'https://auth.example.com/.well-known/jwks.json',
  claims: {
    aud: 'app-1',
    sub: 'u-1',
    jti: 'j-1',
    applicationId: 'app-1',
    roles: ['clerk'],
    scope: 'openid',
    tid: 't-1',
    tty: 'at',
  },
  others: {
    'an ID token': { ...ID_TOKEN, tty: 'id' },
    'for another application': { aud: 'app-2', applicationId: 'app-2' },
    'of another tenant': { iss: 'other.com' },
  },
})

// https://stytch.com/docs/guides/sessions/using-jwts
export const stytch = byClaims({
  issuer: 'stytch.com/project-live-1',
  keysAt: 'https://api.stytch.com/v1/sessions/jwks/project-live-1',
  claims: {
    aud: ['project-live-1'],
    sub: 'user-live-1',
    nbf: iat,
    'https://stytch.com/session': { id: 'session-live-1' },
  },
  others: {
    'of another project': { iss: 'stytch.com/project-live-2', aud: ['project-live-2'] },
    'for another audience': { aud: ['project-live-2'] },
    'a session token': 'WJtR5BCy38Szd5AfoDpf0iqFKEt4EE5JhjlWUY7l3FtY',
  },
})

// https://docs.pingidentity.com/pingone
export const pingOne = byClaims({
  issuer: 'https://auth.pingone.eu/11111111-2222-3333-4444-555555555555/as',
  claims: {
    aud: [API],
    sub: 'u-1',
    client_id: 'c-1',
    scope: 'read:orders',
    env: 'e-1',
    org: 'o-1',
    sid: 's-1',
    jti: 'j-1',
  },
  others: {
    'an ID token': { ...ID_TOKEN, aud: 'c-1' },
    'for the PingOne API': { aud: ['https://api.pingone.eu'] },
    'of another environment': { iss: 'https://auth.pingone.eu/99999999-2222-3333-4444-555555555555/as' },
  },
})

// https://developers.onelogin.com/api-docs/2/api-authorization/overview
export const oneLogin = byClaims({
  issuer: 'https://example.onelogin.com/oidc/2',
  claims: { aud: API, sub: '1234', scope: 'read:orders', jti: 'j-1' },
  others: {
    'an ID token': { ...ID_TOKEN, aud: 'c-1' },
    'for another API': { aud: 'https://invoices.example.com' },
    'of another account': { iss: 'https://other.onelogin.com/oidc/2' },
  },
})

// https://docs.logto.io/authorization/global-api-resources
export const logto = byClaims({
  issuer: 'https://example.logto.app/oidc',
  header: { typ: 'at+jwt' },
  claims: { aud: API, sub: 'u-1', client_id: 'c-1', scope: 'read:orders', jti: 'j-1' },
  others: {
    'an ID token': { ...ID_TOKEN, aud: 'c-1' },
    'for the Management API': { aud: 'https://example.logto.app/api' },
    'of another tenant': { iss: 'https://other.logto.app/oidc' },
  },
})

// https://docs.kinde.com/build/tokens/about-access-tokens/
export const kinde = byClaims({
  issuer: 'https://example.kinde.com',
  claims: {
    aud: [API],
    sub: 'kp_1',
    azp: 'c-1',
    scp: ['openid', 'read:orders'],
    org_code: 'org_1',
    permissions: [],
    jti: 'j-1',
  },
  others: {
    'an ID token': { aud: ['c-1'], scp: undefined, nonce: 'n-1', at_hash: 'abc' },
    'for the Management API': { aud: ['https://example.kinde.com/api'] },
    'of another business': { iss: 'https://other.kinde.com' },
  },
})

// https://docs.duendesoftware.com/identityserver/apis/
export const duende = byClaims({
  issuer: 'https://identity.example.com',
  header: { typ: 'at+jwt' },
  claims: { aud: 'orders-api', sub: 'u-1', client_id: 'c-1', scope: ['openid', 'read:orders'], nbf: iat, jti: 'j-1' },
  others: {
    'an ID token': { ...ID_TOKEN, aud: 'c-1' },
    'for another API resource': { aud: 'invoices-api' },
    'of another server': { iss: 'https://other.example.com' },
  },
})

// https://documentation.openiddict.com/configuration/token-formats
export const openIddict = byClaims({
  issuer: 'https://openiddict.example.com/',
  header: { typ: 'at+jwt' },
  claims: { aud: 'orders-api', sub: 'u-1', client_id: 'c-1', scope: 'read:orders', oi_prst: 'c-1', jti: 'j-1' },
  others: {
    'an ID token': { ...ID_TOKEN, aud: 'c-1' },
    'for another resource': { aud: 'invoices-api' },
    'of another server': { iss: 'https://openiddict.other.example/' },
  },
})

// https://docs.spring.io/spring-authorization-server/reference/
export const springAuthorizationServer = byClaims({
  issuer: 'https://spring.example.com',
  claims: { aud: 'orders-web', sub: 'alice', nbf: iat, scope: ['read:orders'], jti: 'j-1' },
  others: {
    'an ID token': { scope: undefined, azp: 'orders-web', nonce: 'n-1', sid: 's-1' },
    'of another client': { aud: 'invoices-web' },
    'of another server': { iss: 'https://spring.other.example' },
  },
})

// https://is.docs.wso2.com/en/latest/references/token-types/
export const wso2 = byClaims({
  issuer: 'https://is.example.com/oauth2/token',
  header: { typ: 'at+jwt' },
  claims: {
    aud: 'c-1',
    sub: 'u-1',
    azp: 'c-1',
    client_id: 'c-1',
    aut: 'APPLICATION_USER',
    scope: 'read:orders',
    jti: 'j-1',
  },
  others: {
    'an ID token': { ...ID_TOKEN, aud: 'c-1', c_hash: 'abc' },
    'of another client': { aud: 'c-2', azp: 'c-2', client_id: 'c-2' },
    'of another server': { iss: 'https://is.other.example/oauth2/token' },
  },
})

// https://docs.pingidentity.com/pingam
export const pingAm = byClaims({
  issuer: 'https://am.example.com:443/am/oauth2/realms/root/realms/alpha',
  claims: {
    aud: 'c-1',
    sub: 'u-1',
    cts: 'OAUTH2_STATELESS_GRANT',
    tokenName: 'access_token',
    token_type: 'Bearer',
    scope: ['read:orders'],
    realm: '/alpha',
    jti: 'j-1',
  },
  others: {
    'an ID token': {
      scope: undefined,
      tokenName: 'id_token',
      token_type: 'JWTToken',
      nonce: 'n-1',
      at_hash: 'abc',
      azp: 'c-1',
    },
    'of another client': { aud: 'c-2' },
    'of another realm': { iss: 'https://am.example.com:443/am/oauth2/realms/root/realms/bravo' },
  },
})

// https://docs.cloudfoundry.org/api/uaa/
export const uaa = byClaims({
  issuer: 'https://uaa.example.com/oauth/token',
  keysAt: 'https://uaa.example.com/token_keys',
  claims: {
    aud: ['c-1', 'orders'],
    sub: 'u-1',
    azp: 'c-1',
    cid: 'c-1',
    client_id: 'c-1',
    scope: ['orders.read'],
    zid: 'uaa',
    rev_sig: 'r',
    jti: 'j-1',
  },
  others: {
    'an ID token': { ...ID_TOKEN, aud: ['c-1'] },
    'a refresh token': { jti: 'j-1-r', azp: undefined, scope: undefined, granted_scopes: ['orders.read'] },
    'of another zone': { iss: 'https://zone.uaa.example.com/oauth/token' },
  },
})

// https://sebadob.github.io/rauthy/
export const rauthy = byClaims({
  issuer: 'https://iam.example.com/auth/v1',
  claims: {
    aud: 'orders-web',
    sub: 'u-1',
    azp: 'orders-web',
    typ: 'Bearer',
    scope: 'openid read:orders',
    nbf: iat,
    jti: 'j-1',
  },
  others: {
    'an ID token': { typ: 'Id', scope: undefined, at_hash: 'abc' },
    'a refresh token': { typ: 'Refresh' },
    'of another client': { aud: 'invoices-web', azp: 'invoices-web' },
  },
})

// https://www.authelia.com/integration/openid-connect/
export const authelia = byClaims({
  issuer: 'https://auth.example.com',
  header: { typ: 'at+jwt' },
  claims: { aud: [API], sub: 'u-1', client_id: 'c-1', scp: ['read:orders'], nbf: iat, jti: 'j-1' },
  others: {
    'an ID token': { ...ID_TOKEN, aud: ['c-1'], scp: undefined, azp: 'c-1' },
    'for another API': { aud: ['https://invoices.example.com'] },
    'an opaque token': `authelia_at_${'c'.repeat(43)}.${'s'.repeat(43)}`,
  },
})
