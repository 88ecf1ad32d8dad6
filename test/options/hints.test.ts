import { createResourceServer } from 'bearward'
import { describe, expect, it } from 'vitest'
import { issuer, issuerWith, jwksCache, limits, problem, resource, server } from './problem.ts'

// What people bring from other libraries is refused with the option to use instead.

const SECRET = 'CANARYsecret'

/** Where it is, and what the message must name. */
type Case = readonly [options: unknown, option: string, ...names: readonly string[]]

const inIssuer = (name: string) => `issuer: { issuer: …, ${name}: … }`
const top = (name: string, ...names: readonly string[]): Case => [server({ [name]: SECRET }), name, ...names]

const CASES: Readonly<Record<string, Case>> = {
  // Options of the issuer at the top level.
  audience: top('audience', inIssuer('audience')),
  keys: top('keys', inIssuer('keys')),
  algorithms: top('algorithms', inIssuer('algorithms')),
  clockTolerance: top('clockTolerance', inIssuer('clockTolerance')),
  tokenPrefix: top('tokenPrefix', inIssuer('tokenPrefix')),
  introspection: top('introspection', inIssuer('introspection')),
  introspect: top('introspect', inIssuer('introspect')),
  jwksCache: top('jwksCache', inIssuer('jwksCache')),
  maxAge: top('maxAge', inIssuer('maxAge')),
  deadline: top('deadline', inIssuer('deadline')),
  internalUrl: top('internalUrl', inIssuer('internalUrl')),
  scopeClaims: top('scopeClaims', inIssuer('scopeClaims')),
  clients: top('clients', inIssuer('clients')),
  soleAudience: top('soleAudience', inIssuer('soleAudience')),
  allowInsecureRequests: top('allowInsecureRequests', inIssuer('allowInsecureRequests')),
  allowIdTokenClaims: top('allowIdTokenClaims', inIssuer('allowIdTokenClaims')),
  profile: top('profile', inIssuer('profile')),
  // Members of one object in another.
  staleIfError: top('staleIfError', 'issuer: { issuer: …, jwksCache: { staleIfError: … } }'),
  endpoint: top('endpoint', 'issuer: { issuer: …, introspection: { endpoint: … } }'),
  clientSecret: top('clientSecret', 'issuer: { issuer: …, introspection: { client: … } }'),
  nonce: top('nonce', 'dpop: { nonce: … }'),
  proxy: top('proxy', 'mtls: { proxy: … }'),
  replay: top('replay', 'stores: { replay: … }'),
  resolve: top('resolve', 'issuer: { allow: …, resolve: … }'),
  'a resolver in a list of issuers': [
    server({ issuer: [issuer, { allow: [issuer], resolve: () => ({}) }] }),
    'issuer[1].allow',
    'did you mean issuer: { allow: …, resolve: … }, for all issuers?',
  ],
  'a server option in the issuer': [issuerWith({ realm: 'x' }), 'issuer.realm', 'realm'],
  'an issuer option in a list': [server({ issuer: [{ issuer, scopes: ['a'] }] }), 'issuer[0].scopes', 'scopes'],
  'an issuer option in jwksCache': [jwksCache({ deadline: 3 }), 'issuer.jwksCache.deadline', inIssuer('deadline')],
  'a size of a cache in limits': [limits({ jwt: 3 }), 'limits.jwt', 'cacheSize: { jwt: … }'],
  // Names of other libraries.
  'jwksUri (express-oauth2-jwt-bearer)': top('jwksUri', inIssuer('keys')),
  'jwks_uri (RFC 8414)': top('jwks_uri', inIssuer('keys')),
  'secret (express-jwt)': top('secret', inIssuer('keys')),
  publicKey: top('publicKey', inIssuer('keys')),
  secretOrPublicKey: top('secretOrPublicKey', inIssuer('keys')),
  'issuerBaseURL (express-oauth2-jwt-bearer)': top('issuerBaseURL', 'did you mean issuer?'),
  iss: top('iss', 'did you mean issuer?'),
  'authority (.NET)': top('authority', 'did you mean issuer?'),
  'domain (Auth0)': top('domain', 'did you mean issuer?'),
  'authorization_servers (RFC 9728)': top('authorization_servers', 'did you mean issuer?'),
  audiences: top('audiences', inIssuer('audience')),
  aud: top('aud', inIssuer('audience')),
  alg: top('alg', inIssuer('algorithms')),
  'tokenSigningAlg (express-oauth2-jwt-bearer)': top('tokenSigningAlg', inIssuer('algorithms')),
  leeway: top('leeway', inIssuer('clockTolerance')),
  'clockSkew (.NET)': top('clockSkew', inIssuer('clockTolerance')),
  'maxTokenAge (jose)': top('maxTokenAge', inIssuer('maxAge')),
  'timeoutDuration (jose)': top('timeoutDuration', inIssuer('deadline')),
  'introspection_endpoint (RFC 8414)': top(
    'introspection_endpoint',
    'issuer: { issuer: …, introspection: { endpoint: … } }',
  ),
  clientID: top('clientID', 'issuer: { issuer: …, introspection: { client: … } }'),
  client_secret: top('client_secret', 'introspection: { client: … }'),
  clientAuthentication: top('clientAuthentication', 'introspection: { client: … }'),
  verify: top('verify', inIssuer('introspect')),
  scope: top('scope', "requireScope('…')"),
  'requiredScopes (express-oauth2-jwt-bearer)': top('requiredScopes', "requireScope('…')"),
  'authRequired (express-oauth2-jwt-bearer)': top('authRequired', 'optionalAuth()'),
  'credentialsRequired (express-jwt)': top('credentialsRequired', 'optionalAuth()'),
  'an old name where the new one is known': [issuerWith({ jwksUri: issuer }), 'issuer.jwksUri', 'did you mean keys?'],
  'leeway of DPoP': [server({ dpop: { leeway: 5 } }), 'dpop.leeway', 'did you mean clockTolerance?'],
  // Misspelt names.
  'other letters': top('querytokens', 'did you mean queryTokens?'),
  underscores: top('public_url', 'did you mean publicUrl?'),
  'a letter too many': top('limitss', 'did you mean limits?'),
  'a letter too few': [issuerWith({ algorithm: 'RS256' }), 'issuer.algorithm', 'did you mean algorithms?'],
  'a wrong letter': top('resaurce', 'did you mean resource?'),
  'a wrong letter inside': [limits({ heeder: 1 }), 'limits.heeder', 'did you mean header?'],
  'nothing like it': top('tokenStatus', 'the options here: resource, issuer, scopes'),
  'strict (express-oauth2-jwt-bearer)': top('strict', inIssuer('profile')),
  'getToken (express-jwt)': top('getToken', 'did you mean credentials?'),
  'onError, logger': top('logger', 'did you mean onEvent?'),
  'trustProxy (Fastify)': top('trustProxy', 'did you mean publicUrl?'),
  // The URL of metadata.
  'an issuer that is OpenID metadata': [
    server({ issuer: `${issuer}/.well-known/openid-configuration` }),
    'issuer',
    `"${issuer}"`,
  ],
  'an issuer that is OAuth metadata': [
    issuerWith({ issuer: `${issuer}/.well-known/oauth-authorization-server/tenant` }),
    'issuer.issuer',
    `"${issuer}/tenant"`,
  ],
  'a resource that is metadata': [
    server({ resource: `${resource}/.well-known/oauth-protected-resource` }),
    'resource',
    `"${resource}"`,
  ],
  'keys that are metadata': [
    issuerWith({ keys: `${issuer}/.well-known/openid-configuration` }),
    'issuer.keys',
    'leave it out',
  ],
  'an issuer that is a key set': [
    server({ issuer: `${issuer}/.well-known/jwks.json` }),
    'issuer',
    'set it to the iss of the tokens, and keys to this URL',
  ],
  // Values of another type.
  'an issuer from a missing environment variable': [
    server({ issuer: undefined }),
    'issuer',
    'environment variable',
    'authorization server',
  ],
  'an issuer object with a missing variable': [
    issuerWith({ issuer: undefined }),
    'issuer.issuer',
    'environment variable',
  ],
  'a resource from a missing variable': [server({ resource: undefined }), 'resource', 'environment variable'],
  'a resource that is a name': [server({ resource: 'orders-api' }), 'resource', 'absolute URL', inIssuer('audience')],
  'a resource that is a URN': [server({ resource: 'urn:orders' }), 'resource', 'https', inIssuer('audience')],
  'dpop: true': [server({ dpop: true }), 'dpop', '"accept"', '"require"'],
  'mtls: true': [server({ mtls: true }), 'mtls', '"accept"', '"require"'],
  'dpop: false': [server({ dpop: false }), 'dpop', '"off"'],
  'options that are null': [null, 'options', 'resource: …, issuer: …', 'got null'],
  'options that are a URL': [issuer, 'options', 'resource: …, issuer: …', 'got a string'],
  'an issuer that is null': [server({ issuer: null }), 'issuer', 'absolute URL', 'got null'],
  'limits that are null': [server({ limits: null }), 'limits', 'token: …', 'omit an optional member'],
  'introspection that is a URL': [issuerWith({ introspection: issuer }), 'issuer.introspection', 'client: …'],
  'a client that is empty': [
    issuerWith({ introspection: { client: {} } }),
    'issuer.introspection.client.method',
    'client_secret_basic (clientId, clientSecret)',
    'client_secret_post (clientId, clientSecret)',
    'private_key_jwt (clientId, key, algorithm, keyId, audience)',
    'bearer (token)',
    'none (clientId)',
  ],
  'a client that is a secret': [
    issuerWith({ introspection: { client: SECRET } }),
    'issuer.introspection.client',
    'an object with a method',
    'bearer (token)',
  ],
  'a secret of HS256 as the keys': [
    issuerWith({ keys: SECRET }),
    'issuer.keys',
    'must be an https URL, a JWK Set',
    'got a string',
  ],
  'a secret with a colon as the keys': [issuerWith({ keys: `a:${SECRET}` }), 'issuer.keys', 'got a string'],
  'the URL of a store, with its password (introspection)': [
    server({ stores: { introspection: `redis://a:${SECRET}@b` } }),
    'stores.introspection',
    'redisStores(client).introspection; got a string',
  ],
  'the URL of a store, with its password (replay)': [
    server({ stores: { replay: `redis://a:${SECRET}@b` } }),
    'stores.replay',
    'redisStores(client).replay; got a string',
  ],
  'a nonce that is a secret': [server({ dpop: { nonce: SECRET } }), 'dpop.nonce', 'secret: …'],
  'a key in place of its options': [server({ metadata: { signed: SECRET } }), 'metadata.signed', 'issuer: …, key: …'],
}

describe('a message names the option to use instead', () => {
  it.each(Object.entries(CASES))('%s', (_, [options, option, ...names]) => {
    const thrown = problem(options)
    expect(thrown.option).toBe(option)
    for (const name of names) expect(thrown.message).toContain(name)
    expect(thrown.message).not.toContain(SECRET)
  })

  it.each([1000, 100_000])('without effort for a name of %d letters', (length) => {
    expect(problem(server({ ['x'.repeat(length)]: 1 })).message).toContain('is unknown')
  })

  it.each<[string, (members: object) => object]>([
    ['options', (members) => ({ resource, issuer, ...members })],
    ['scopes', (members) => server({ scopes: { a: [], ...members } })],
    ['languages', (members) => server({ metadata: { name: { default: 'a', ...members } } })],
    ['extra metadata', (members) => server({ metadata: { extra: { a: { ...members } } } })],
  ])('a symbol is an unknown option in %s', (_, options) => {
    expect(problem(options({ [Symbol('audience')]: 'x' })).message).toMatch(/Symbol\(audience\) is unknown/)
  })
})

describe('every option that a hint names', () => {
  it('exists', () => {
    for (const [name, [, , hint]] of Object.entries(CASES)) {
      const path = /^issuer: \{ issuer: …, (\w+): … \}$/.exec(hint ?? '')?.[1]
      if (path === undefined) continue
      const { option } = problem(issuerWith({ [path]: Symbol('a wrong value') }))
      expect(option, name).toBe(`issuer.${path}`)
      expect(() => createResourceServer({ resource, issuer: { issuer } })).not.toThrow()
    }
  })
})
