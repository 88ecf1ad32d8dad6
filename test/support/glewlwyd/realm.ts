import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto'
import { RESOURCE } from '../issuer/issuer.ts'
import { type Glewlwyd, startGlewlwyd } from './server.ts'
import { explain, type Session, signIn } from './session.ts'

/** The client that gets tokens. Its secret needs every kind of escaping. */
export const SHOP = { id: 'shop', secret: 'a secret+with%&:é' }
/** The resource servers that introspect tokens; the second one authenticates with a key instead of a secret. */
export const API = { id: 'api', secret: 'SecretOfTheApi' }
export const API_WITH_KEY = { id: 'api-with-key', key: makeKey('ES256', 'key-of-the-api') }

// The only client authentication that all of its authorization servers support.
const AS_API = { authorization: `Basic ${btoa(`${API.id}:${API.secret}`)}` }

const ANN = { username: 'ann', password: 'password of ann' }
const CALLBACK = 'http://127.0.0.1/callback'

export type Algorithm = 'RS256' | 'PS256' | 'ES256' | 'EdDSA'

interface PrivateJwk extends JsonWebKey {
  readonly alg: string
  readonly kid: string
}

/** A private key in the format of glewlwyd's key sets. */
export function makeKey(alg: Algorithm, kid: string): PrivateJwk {
  return { ...generate(alg).privateKey.export({ format: 'jwk' }), alg, kid }
}

interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

function generate(alg: Algorithm): KeyPair {
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519')
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

/** A pair for ES256 with a coordinate that begins with a zero octet, like one pair in 128. */
export function makePairWithZero(): KeyPair {
  for (;;) {
    const pair = generate('ES256')
    const { x = '' } = pair.publicKey.export({ format: 'jwk' })
    if (Buffer.from(x, 'base64url')[0] === 0) return pair
  }
}

const JWT_TYPES = { RS256: 'rsa', PS256: 'rsa-pss', ES256: 'ecdsa', EdDSA: 'eddsa' } as const

/** How an authorization server signs: with a key set, with a pair in PEM, or with a secret that only it has. */
export const signingWith = {
  keySet: (...keys: readonly PrivateJwk[]) => ({
    'jwt-type': 'rsa',
    'jwt-key-size': '256',
    'jwks-private': JSON.stringify({ keys }),
  }),
  pem(alg: Algorithm, { publicKey, privateKey } = generate(alg)) {
    return {
      'jwt-type': JWT_TYPES[alg],
      'jwt-key-size': '256',
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      cert: publicKey.export({ type: 'spki', format: 'pem' }),
    }
  },
  secret: () => ({ 'jwt-type': 'sha', 'jwt-key-size': '256', key: 'the secret of the authorization server' }),
}

export interface Tokens {
  readonly access_token: string
  readonly token_type: string
  readonly refresh_token?: string
  readonly id_token?: string
}

/** A glewlwyd with users, clients and scopes, in which tests set up authorization servers. */
export interface Realm {
  readonly glewlwyd: Glewlwyd
  /** Sets up an authorization server; returns its issuer. */
  add(name: string, parameters: object, module?: 'oidc' | 'oauth2-glewlwyd'): Promise<string>
  /** Changes the parameters of one. */
  change(name: string, parameters: object): Promise<void>
  /** A token for the shop itself (RFC 6749 §4.4), for our resource by default. */
  clientTokens(issuer: string, parameters?: Record<string, string>): Promise<Tokens>
  /** A token for the API itself. With the scope `introspect`, it authorizes introspection (RFC 7662 §2.1). */
  apiToken(issuer: string, scope?: string): Promise<string>
  /** The tokens that the shop gets with a code, after Ann has signed in and agreed (RFC 6749 §4.1). */
  userTokens(issuer: string, options?: { dpop?: (url: string) => Promise<string> }): Promise<Tokens>
  /** Revokes a token (RFC 7009). */
  revoke(issuer: string, token: string): Promise<void>
  stop(): Promise<void>
}

const SCOPES = ['read:orders', 'write:orders']
const MAY_INTROSPECT = 'introspect'

export async function startRealm(): Promise<Realm> {
  const glewlwyd = await startGlewlwyd()
  try {
    // The account that Debian's script creates.
    const admin = await signIn(glewlwyd, 'admin', 'password')
    await populate(admin)
    const ann = await signIn(glewlwyd, ANN.username, ANN.password)
    await ann.send('PUT', `/auth/grant/${SHOP.id}`, { scope: ['openid', ...SCOPES].join(' ') })
    return createRealm(glewlwyd, admin, ann)
  } catch (error) {
    await glewlwyd.stop()
    throw error
  }
}

async function populate(admin: Session): Promise<void> {
  for (const name of [...SCOPES, MAY_INTROSPECT])
    await admin.send('POST', '/scope/', { name, password_required: false })
  await admin.send('POST', '/user/', { ...ANN, scope: ['openid', ...SCOPES], enabled: true })
  const client = {
    enabled: true,
    confidential: true,
    authorization_type: ['client_credentials'],
    scope: [MAY_INTROSPECT, 'read:orders'],
  }
  const bySecret = { token_endpoint_auth_method: ['client_secret_basic', 'client_secret_post'] }
  await admin.send('POST', '/client/', {
    ...client,
    ...bySecret,
    client_id: SHOP.id,
    client_secret: SHOP.secret,
    authorization_type: ['client_credentials', 'code', 'refresh_token'],
    redirect_uri: [CALLBACK],
    resource: [RESOURCE],
    scope: SCOPES,
  })
  await admin.send('POST', '/client/', { ...client, ...bySecret, client_id: API.id, client_secret: API.secret })
  const { d: _, ...jwk } = API_WITH_KEY.key
  await admin.send('POST', '/client/', {
    ...client,
    client_id: API_WITH_KEY.id,
    token_endpoint_auth_method: ['private_key_jwt'],
    jwks: { keys: [jwk] },
  })
}

function createRealm(glewlwyd: Glewlwyd, admin: Session, ann: Session): Realm {
  const set = new Map<string, object>()

  async function post(
    url: string,
    form: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const shop = 'authorization' in headers ? {} : { client_id: SHOP.id, client_secret: SHOP.secret }
    const body = new URLSearchParams({ ...shop, ...form })
    const response = await fetch(url, { method: 'POST', headers, body })
    if (!response.ok) throw new Error(`${url}: ${await explain(response, glewlwyd)}`)
    return response
  }

  async function tokens(
    issuer: string,
    form: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Tokens> {
    return (await (await post(`${issuer}/token`, form, headers)).json()) as Tokens
  }

  return {
    glewlwyd,
    async add(name, parameters, module = 'oidc') {
      const issuer = `${glewlwyd.api}/${name}`
      const plugin = { module, name, enabled: true, parameters: { iss: issuer, ...DEFAULTS, ...parameters } }
      await admin.send('POST', '/mod/plugin/', plugin)
      set.set(name, plugin)
      return issuer
    },
    async change(name, parameters) {
      const plugin = set.get(name) as { parameters: object }
      await admin.send('PUT', `/mod/plugin/${name}`, { ...plugin, parameters: { ...plugin.parameters, ...parameters } })
      await admin.send('PUT', `/mod/plugin/${name}/reset`)
    },
    clientTokens: (issuer, parameters = { resource: RESOURCE }) =>
      tokens(issuer, { grant_type: 'client_credentials', scope: SCOPES.join(' '), ...parameters }),
    async apiToken(issuer, scope = MAY_INTROSPECT) {
      return (await tokens(issuer, { grant_type: 'client_credentials', scope }, AS_API)).access_token
    },
    async userTokens(issuer, { dpop } = {}) {
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: SHOP.id,
        redirect_uri: CALLBACK,
        scope: 'openid read:orders',
        resource: RESOURCE,
        nonce: crypto.randomUUID(),
        // Marks glewlwyd's sign-in page as seen.
        g_continue: '',
      })
      const code = (await ann.redirect(`${issuer}/auth?${query}`)).searchParams.get('code')
      if (code === null) throw new Error(`no code:\n${glewlwyd.log()}`)
      const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK }
      return tokens(issuer, form, dpop ? { dpop: await dpop(`${issuer}/token`) } : {})
    },
    async revoke(issuer, token) {
      await post(`${issuer}/revoke`, { token }, AS_API)
    },
    stop: () => glewlwyd.stop(),
  }
}

const DEFAULTS = {
  'access-token-duration': 3600,
  'refresh-token-duration': 3600,
  'code-duration': 600,
  'refresh-token-rolling': false,
  'jwks-show': true,
  'allow-non-oidc': true,
  'auth-type-code-enabled': true,
  'auth-type-client-enabled': true,
  'auth-type-refresh-enabled': true,
  'auth-type-implicit-enabled': false,
  'auth-type-password-enabled': false,
  'introspection-revocation-allowed': true,
  'introspection-revocation-allow-target-client': true,
  'introspection-revocation-auth-scope': [MAY_INTROSPECT],
  'client-jwks-parameter': 'jwks',
  'request-parameter-allow': true,
  'request-maximum-exp': 600,
  'resource-allowed': true,
  'resource-client-property': 'resource',
  'resource-scope': {},
  'oauth-dpop-allowed': true,
  'oauth-dpop-iat-duration': 60,
}
