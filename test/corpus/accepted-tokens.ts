import { RESOURCE } from '../support/issuer/issuer.ts'
import { ALGORITHMS, type Signer } from './keys.ts'
import { type Kit, LONE_ISSUER, NARROW_ISSUER, NOW, partsOf, STRICT_ISSUER } from './kit.ts'
import { exactly } from './tokens/encrypted-and-sizes.ts'

/** A token that is unusual but legal, and must be accepted. */
export interface AcceptedCase {
  readonly name: string
  readonly token: string
}

type Members = Readonly<Record<string, unknown>>

export function acceptedTokens(kit: Kit): readonly AcceptedCase[] {
  const table: Record<string, string> = {
    ...algorithms(kit),
    ...types(kit),
    ...headers(kit),
    ...audiences(kit),
    ...times(kit),
    ...scopes(kit),
    ...claims(kit),
    ...notations(kit),
    ...sizes(kit),
  }
  return Object.entries(table).map(([name, token]) => ({ name, token }))
}

const withClaims = (kit: Kit, over: Members, signer?: Signer): string =>
  kit.token({ claims: kit.claims(over), ...(signer && { signer }) })

const withHeader = (kit: Kit, over: Members, signer?: Signer): string =>
  kit.token({ header: kit.header(over, signer), ...(signer && { signer }) })

function algorithms(kit: Kit): Record<string, string> {
  const { EdDSA, Ed25519, ES256 } = kit.signers
  return {
    ...Object.fromEntries(ALGORITHMS.map((alg) => [`signed with ${alg}`, kit.token({ signer: kit.signers[alg] })])),
    'Ed25519 by a key that says EdDSA (RFC 9864 §2.2)': withHeader(kit, { alg: 'Ed25519' }, EdDSA),
    'EdDSA by a key that says Ed25519 (RFC 9864 §2.2)': withHeader(kit, { alg: 'EdDSA' }, Ed25519),
    'an ECDSA signature with the other of its two scalars': withOtherScalar(kit),
    'no kid, with several keys of several algorithms': withHeader(kit, { kid: undefined }, ES256),
    'no kid, with a single key that has none': lone(kit, { kid: undefined }),
    // A key without alg is used with the only algorithm that fits it.
    'a single key without kid, alg and use': lone(kit, { kid: undefined, typ: 'JWT' }),
    'from an issuer that allows one algorithm': withClaims(kit, { iss: NARROW_ISSUER }, kit.narrow),
    'the same kid at another issuer': withClaims(kit, { iss: STRICT_ISSUER }, kit.strict),
  }
}

/** If s is valid, so is the order minus s (FIPS 186-5 §6.4.2): the bytes can change while the signature stays valid. */
function withOtherScalar(kit: Kit): string {
  const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
  const [header, claims, signature] = partsOf(kit.token())
  const bytes = Buffer.from(signature, 'base64url')
  const other = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  const changed = Buffer.concat([bytes.subarray(0, 32), Buffer.from(other.toString(16).padStart(64, '0'), 'hex')])
  return `${header}.${claims}.${changed.toString('base64url')}`
}

const lone = (kit: Kit, header: Members, over: Members = {}): string =>
  kit.token({
    signer: kit.lone,
    header: kit.header(header, kit.lone),
    claims: kit.claims({
      iss: LONE_ISSUER,
      aud: 'urn:orders',
      scope: undefined,
      permissions: ['read:orders'],
      ...over,
    }),
  })

const types = (kit: Kit): Record<string, string> =>
  Object.fromEntries([
    ...['at+jwt', 'application/at+jwt', 'AT+JWT', 'At+Jwt', 'Application/AT+JWT', 'APPLICATION/at+jwt'].map((typ) => [
      `typ ${typ} (RFC 9068 §2.1, RFC 7515 §4.1.9)`,
      withHeader(kit, { typ, x: 1 }),
    ]),
    ...['JWT', 'jwt', 'Jwt', 'application/jwt', 'application/JWT'].map((typ) => [
      `typ ${typ} (RFC 7519 §5.1)`,
      withHeader(kit, { typ }),
    ]),
    ['no typ (RFC 7519 §5.1)', withHeader(kit, { typ: undefined })],
    ["typ application/AT+JWT under profile 'rfc9068'", strict(kit, {}, { typ: 'application/AT+JWT' })],
  ]) as Record<string, string>

const strict = (kit: Kit, over: Members, header: Members = {}): string =>
  kit.token({
    signer: kit.strict,
    header: kit.header(header, kit.strict),
    claims: kit.claims({ iss: STRICT_ISSUER, ...over }),
  })

const headers = (kit: Kit): Record<string, string> => ({
  'an unknown header member (RFC 7515 §4)': withHeader(kit, { 'https://example.com/member': { a: [1, null] } }),
  'x5t (RFC 7515 §4.1.7)': withHeader(kit, { x5t: 'dGhlIHRodW1icHJpbnQgb2Y' }),
  'x5t#S256 (RFC 7515 §4.1.8)': withHeader(kit, { 'x5t#S256': 'dGhlIHRodW1icHJpbnQgb2YgYSBjZXJ0aWZpY2F0ZSE' }),
  'x5c beside a published kid, unused': withHeader(kit, { x5c: ['MIIB'] }),
  'jku beside a published kid, unused': withHeader(kit, { jku: `${kit.attackerUrl}/keys` }),
  'jwk beside a published kid, unused': withHeader(kit, { jwk: kit.attacker.jwk }),
  'a nonce in the header (Microsoft Entra)': withHeader(kit, { nonce: 'abc' }),
  'cty that says json': withHeader(kit, { cty: 'json' }),
  'claims repeated in the header (RFC 7519 §5.3)': withHeader(kit, { iss: 'https://issuer.example' }),
  'a header in another order': kit.token({ header: { typ: 'at+jwt', kid: 'kid-ES256', alg: 'ES256' } }),
  'a header with white space (RFC 8259 §2)': kit.token({ header: JSON.stringify(kit.header(), null, 2) }),
  'alg written with an escape': kit.token({ header: '{"\\u0061lg":"ES\\u003256","kid":"kid-ES256"}' }),
})

const audiences = (kit: Kit): Record<string, string> => ({
  'aud as a list of one (RFC 7519 §4.1.3)': withClaims(kit, { aud: [RESOURCE] }),
  'aud as a list, ours last': withClaims(kit, { aud: ['https://other.example.com', 'urn:x', RESOURCE] }),
  'aud as a list with ours twice': withClaims(kit, { aud: [RESOURCE, RESOURCE] }),
  'aud as a list of two hundred': withClaims(kit, {
    aud: [...Array.from({ length: 100 }, (_, index) => `urn:${index}`), RESOURCE],
  }),
  'a configured audience that is a URN': lone(kit, { kid: undefined }, { sub: 'user-2' }),
  'a configured audience with a slash': lone(kit, { kid: undefined }, { aud: 'https://orders.example/' }),
  'both configured audiences': lone(kit, { kid: undefined }, { aud: ['urn:orders', 'https://orders.example/'] }),
})

const times = (kit: Kit): Record<string, string> => ({
  'exp and iat with fractions (RFC 7519 §2)': withClaims(kit, { exp: NOW + 0.5, iat: NOW - 0.5 }),
  'exp with an exponent': kit.tokenWithJson((json) => json.replace(/"exp":\d+/, '"exp":1.9e9')),
  'exp in the year 5138': withClaims(kit, { exp: 99_999_999_999 }),
  'exp in milliseconds': withClaims(kit, { exp: NOW * 1000 }),
  'exp as the greatest number': withClaims(kit, { exp: Number.MAX_VALUE }),
  'ended, but within the tolerance': withClaims(kit, { exp: NOW - 29 }),
  'ended a fraction less than the tolerance ago': withClaims(kit, { exp: NOW - 29.999 }),
  'begins at the edge of the tolerance': withClaims(kit, { nbf: NOW + 30 }),
  'issued at the edge of the tolerance': withClaims(kit, { iat: NOW + 30 }),
  'nbf long ago': withClaims(kit, { nbf: 0 }),
  'nbf before the epoch': withClaims(kit, { nbf: -1 }),
  'no iat': withClaims(kit, { iat: undefined }),
  'an active claim that is no introspection result (RFC 7662 §2.2)': withClaims(kit, { active: 'since 2026' }),
  'token_use and typ that are no text': withClaims(kit, { token_use: 1, typ: ['ID'] }),
  'issued after its end': withClaims(kit, { iat: NOW + 20, exp: NOW + 10 }),
  'no tolerance: iat and nbf are this second': withClaims(
    kit,
    { iss: NARROW_ISSUER, iat: NOW, nbf: NOW, exp: NOW + 0.001 },
    kit.narrow,
  ),
  'at its greatest age and the tolerance': strict(kit, { iat: NOW - 630 }),
})

const scopes = (kit: Kit): Record<string, string> => ({
  'scope among others': withClaims(kit, { scope: 'write:orders read:orders openid' }),
  'scope twice': withClaims(kit, { scope: 'read:orders read:orders' }),
  'scope with several spaces': withClaims(kit, { scope: '  read:orders   openid ' }),
  'scope as a list': withClaims(kit, { scope: ['openid', 'read:orders'] }),
  'scp as a text (Microsoft Entra)': withClaims(kit, { scope: undefined, scp: 'openid read:orders' }),
  'scp as a list (Okta)': withClaims(kit, { scope: undefined, scp: ['openid', 'read:orders'] }),
  'scp beside scope': withClaims(kit, { scope: 'openid', scp: ['read:orders'] }),
  'scp as a list with odd members': withClaims(kit, { scope: undefined, scp: [null, 1, 'a b', {}, 'read:orders'] }),
  'scopes with odd names': withClaims(kit, {
    scope: 'read:orders https://example.com/a?b=c#d !#$%&()*+,-./:;<=>?@[]^_`{|}~',
  }),
  'permissions, where the issuer keeps scopes there (Auth0)': lone(
    kit,
    { kid: undefined },
    { permissions: ['write:orders', 'read:orders'] },
  ),
  'roles, where the issuer keeps scopes there': lone(
    kit,
    { kid: undefined },
    { permissions: undefined, roles: ['read:orders'] },
  ),
})

const claims = (kit: Kit): Record<string, string> => ({
  'no sub (client credentials at some providers)': withClaims(kit, { sub: undefined }),
  'no client_id, no jti': withClaims(kit, { client_id: undefined, jti: undefined }),
  'azp instead of client_id': withClaims(kit, { client_id: undefined, azp: 'client-1' }),
  'an empty sub': withClaims(kit, { sub: '' }),
  'a sub with odd characters': withClaims(kit, { sub: 'auth0|1234-"\\\r\n\t\0 <script>%00' }),
  'a sub of other scripts': withClaims(kit, { sub: 'Ünïcödé-用户-مستخدم-👩‍💻' }),
  'a lone surrogate in a claim': kit.tokenWithJson((json) => `${json.slice(0, -1)},"x":"\\ud800"}`),
  'a NUL in a claim': withClaims(kit, { x: 'a\0b' }),
  'claims of the RFC 9068 kind': withClaims(kit, {
    auth_time: NOW - 60,
    acr: 'urn:acr',
    amr: ['pwd', 'otp'],
    groups: ['a'],
  }),
  'type access (Flask-JWT-Extended), token_type access (Simple JWT of Django)': withClaims(kit, {
    type: 'access',
    token_type: 'access',
  }),
  'tokenName access_token, token_type Bearer (PingAM)': withClaims(kit, {
    tokenName: 'access_token',
    token_type: 'Bearer',
  }),
  'tty at (FusionAuth), drn DS (Descope)': withClaims(kit, { tty: 'at', drn: 'DS' }),
  'tokenType access-token (Casdoor), purpose access_token (Curity)': withClaims(kit, {
    tokenType: 'access-token',
    purpose: 'access_token',
  }),
  'token_use access (Amazon Cognito)': withClaims(kit, { token_use: 'access' }),
  'token_usage access_token (OpenIddict)': withClaims(kit, { token_usage: 'access_token' }),
  'a typ claim of Bearer (Keycloak)': withClaims(kit, { typ: 'Bearer', sid: 's', realm_access: { roles: ['a'] } }),
  'a sid claim': withClaims(kit, { sid: 'session-1' }),
  'an act claim (RFC 8693 §4.1)': withClaims(kit, { act: { sub: 'service-1', act: { sub: 'service-2' } } }),
  'authorization_details (RFC 9396)': withClaims(kit, { authorization_details: [{ type: 'payment', amount: 1 }] }),
  'large numbers': kit.tokenWithJson((json) => `${json.slice(0, -1)},"x":123456789012345678901234567890}`),
  'an infinite number where no time is': kit.tokenWithJson((json) => `${json.slice(0, -1)},"x":1e999}`),
  'a __proto__ claim': kit.tokenWithJson((json) => `${json.slice(0, -1)},"__proto__":{"admin":true}}`),
  'a constructor claim': kit.tokenWithJson((json) => `${json.slice(0, -1)},"constructor":{"prototype":{"a":1}}}`),
  'a then claim': kit.tokenWithJson((json) => `${json.slice(0, -1)},"then":"x","toString":1,"valueOf":null}`),
  'claims nested five hundred deep': kit.tokenWithJson(
    (json) => `${json.slice(0, -1)},"x":${'['.repeat(500)}${']'.repeat(500)}}`,
  ),
})

const notations = (kit: Kit): Record<string, string> => ({
  'claims in another order': kit.token({ claims: Object.fromEntries(Object.entries(kit.claims()).reverse()) }),
  'claims with white space (RFC 8259 §2)': kit.token({
    claims: `\r\n\t ${JSON.stringify(kit.claims(), null, '\t')} \n`,
  }),
  'claims with escaped names': kit.tokenWithJson((json) => json.replace('"iss"', '"\\u0069\\u0073\\u0073"')),
  'claims with escaped slashes': kit.tokenWithJson((json) => json.replaceAll('/', '\\/')),
  'a claim twice, the last one counts (RFC 7519 §4)': kit.tokenWithJson(
    (json) => `{"aud":"https://other.example.com",${json.slice(1)}`,
  ),
  'an empty member name': withClaims(kit, { '': 1 }),
})

const sizes = (kit: Kit): Record<string, string> => ({
  'exactly as long as the limit': exactly(kit, 8192),
  'a header exactly as long as its limit': headerOf(kit, 2048),
})

function headerOf(kit: Kit, length: number): string {
  for (let extra = 1400; extra < 1600; extra++) {
    const token = withHeader(kit, { x: 'x'.repeat(extra) })
    if (partsOf(token)[0].length === length) return token
  }
  throw new Error(`no header of ${length} characters`)
}
