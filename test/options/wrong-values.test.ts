import { describe, expect, it } from 'vitest'
import { createSigner, keySetOf } from '../corpus/keys.ts'
import { issuer, issuerWith, jwksCache, limits, problem, resource, server } from './problem.ts'

const signer = createSigner('ES256', 'one')

/** Values with specific errors: the options, the option in the error, and a part of its message. */
const OTHERS: Readonly<Record<string, readonly [options: unknown, option: string, says: string]>> = {
  'no options': [undefined, 'options', 'must be an object'],
  'options that are null': [null, 'options', 'must be an object'],
  'options that are a text': [issuer, 'options', 'must be an object'],
  'options that are an array': [[issuer], 'options', 'must be an object'],
  'no resource': [{ issuer }, 'resource', 'is missing'],
  'no issuer': [{ resource }, 'issuer', 'is missing'],
  'an unknown option': [server({ audience: 'x' }), 'audience', 'did you mean issuer: { issuer: …, audience: … }?'],
  'a misspelt option': [server({ querytokens: 'ignore' }), 'querytokens', 'is unknown'],
  'an unknown option that is undefined': [server({ tokenStatus: undefined }), 'tokenStatus', 'is unknown'],
  'an option of a later version': [server({ tokenStatus: 'require' }), 'tokenStatus', 'is unknown'],
  'a __proto__ option': [
    JSON.parse(`{"resource":"${resource}","issuer":"${issuer}","__proto__":{}}`),
    '__proto__',
    'is unknown',
  ],
  'an unknown limit': [limits({ tokens: 1 }), 'limits.tokens', 'did you mean token?'],
  'an unknown option of an issuer': [issuerWith({ tolerance: 1 }), 'issuer.tolerance', 'is unknown'],
  'an option of the server at an issuer': [issuerWith({ realm: 'x' }), 'issuer.realm', 'is unknown'],
  'an unknown option of jwksCache': [jwksCache({ stale: 1 }), 'issuer.jwksCache.stale', 'is unknown'],
  'keys that are null, without introspection': [
    issuerWith({ keys: null }),
    'issuer.keys',
    'introspection or introspect',
  ],
  'half a token as a count': [server({ cacheSize: { jwt: 0.5 } }), 'cacheSize.jwt', 'a whole number of tokens'],
  'a resource over http': [
    server({ resource: 'http://api.example.com' }),
    'resource',
    'must be https (http only on loopback)',
  ],
  'a resource that is a URN': [server({ resource: 'urn:orders' }), 'resource', 'must be https'],
  'a resource without scheme': [server({ resource: 'api.example.com' }), 'resource', 'must be an absolute URL'],
  'a resource with a fragment': [server({ resource: `${resource}#a` }), 'resource', 'must not have a fragment'],
  'a resource with an empty fragment': [server({ resource: `${resource}#` }), 'resource', 'must not have a fragment'],
  'a resource with a quote': [server({ resource: `${resource}/"` }), 'resource', 'must be a URL in printable ASCII'],
  'a resource with a backslash': [
    server({ resource: `${resource}/\\` }),
    'resource',
    'must be a URL in printable ASCII',
  ],
  'a resource with a letter of another script': [
    server({ resource: `${resource}/é` }),
    'resource',
    'must be a URL in printable ASCII',
  ],
  'a resource with a password': [
    server({ resource: 'https://a:b@api.example.com' }),
    'resource',
    'must not have a user name or password',
  ],
  'a realm with a quote': [server({ realm: 'a"b' }), 'realm', 'must be printable ASCII'],
  'a realm with a backslash': [server({ realm: 'a\\b' }), 'realm', 'must be printable ASCII'],
  'a realm with a line break': [server({ realm: 'a\r\nX: y' }), 'realm', 'must be printable ASCII'],
  'a realm with a letter of another script': [server({ realm: 'Aufträge' }), 'realm', 'must be printable ASCII'],
  'a scope with a space': [server({ scopes: ['read:orders', 'a b'] }), 'scopes[1]', 'must be one scope'],
  'a scope with a quote': [server({ scopes: ['a"b'] }), 'scopes[0]', 'must be one scope'],
  'a scope with a backslash': [server({ scopes: ['a\\b'] }), 'scopes[0]', 'must be one scope'],
  'an empty scope': [server({ scopes: [''] }), 'scopes[0]', 'must be one scope'],
  'a scope that is undefined': [server({ scopes: ['a', undefined] }), 'scopes[1]', 'got undefined'],
  'scopes in an object without members': [
    server({ scopes: {} }),
    'scopes',
    'must be an object with at least one scope',
  ],
  'a member of scopes with a space': [server({ scopes: { 'a b': [] } }), 'scopes', 'must be one scope'],
  'an implied scope with a space': [server({ scopes: { a: ['b', 'c d'] } }), 'scopes["a"][1]', 'must be one scope'],
  'an implied scope without an array': [
    server({ scopes: { a: 'b' } }),
    'scopes["a"]',
    'must be an array of the scopes that it implies; got "b"',
  ],
  'implied scopes that are undefined': [server({ scopes: { a: undefined } }), 'scopes["a"]', 'got undefined'],
  'implied scopes from a prototype': [
    server({ scopes: Object.create({ a: [] }) as object }),
    'scopes',
    'must be a plain object',
  ],
  'an implied scope that is misspelt': [
    server({ scopes: { admin: ['raed'], read: [] } }),
    'scopes["admin"]',
    'names "raed", which is not declared',
  ],
  'a scope that implies itself': [server({ scopes: { a: ['a'] } }), 'scopes', 'has a cycle: a implies a'],
  'scopes in a cycle': [
    server({ scopes: { x: ['a', 'y'], a: ['b'], b: ['c', 'd'], c: ['a'], d: [], y: [] } }),
    'scopes',
    'has a cycle: a implies b implies c implies a',
  ],
  'a scope of another script': [server({ scopes: ['ö'] }), 'scopes[0]', 'must be one scope'],
  'a schema without validate': [server({ claims: { '~standard': {} } }), 'claims', 'must be a Standard Schema'],
  'an issuer over http': [
    server({ issuer: 'http://auth.example.com' }),
    'issuer',
    'must be https (http only on loopback, or with',
  ],
  'an issuer over ftp': [server({ issuer: 'ftp://auth.example.com' }), 'issuer', 'must be https'],
  'an issuer that looks like loopback': [server({ issuer: 'http://localhost.example.com' }), 'issuer', 'must be https'],
  'an issuer that ends like loopback': [server({ issuer: 'http://notlocalhost' }), 'issuer', 'must be https'],
  'an issuer that is a private address': [server({ issuer: 'http://10.0.0.1' }), 'issuer', 'must be https'],
  'an issuer with a query': [server({ issuer: `${issuer}?a=1` }), 'issuer', 'must not have a query or a fragment'],
  'an issuer with an empty query': [server({ issuer: `${issuer}?` }), 'issuer', 'must not have a query or a fragment'],
  'an issuer with a fragment': [server({ issuer: `${issuer}#a` }), 'issuer', 'must not have a query or a fragment'],
  'an issuer with an empty fragment': [
    server({ issuer: `${issuer}#` }),
    'issuer',
    'must not have a query or a fragment',
  ],
  'an issuer with a user name': [
    server({ issuer: 'https://a@auth.example.com' }),
    'issuer',
    'must not have a user name or password',
  ],
  'an issuer without scheme': [server({ issuer: 'auth.example.com' }), 'issuer', 'must be an absolute URL'],
  'an issuer without slashes': [server({ issuer: 'https:auth.example.com' }), 'issuer', 'must be an absolute URL'],
  'an issuer with backslashes': [server({ issuer: 'https:\\\\auth.example.com' }), 'issuer', 'must be an absolute URL'],
  'an issuer with a control character': [server({ issuer: `${issuer}/\0` }), 'issuer', 'must be an absolute URL'],
  'an issuer that is undefined': [server({ issuer: undefined }), 'issuer', 'got undefined'],
  'an issuer that is null': [server({ issuer: null }), 'issuer', 'got null'],
  'an issuer that is a number': [server({ issuer: 1 }), 'issuer', 'got 1'],
  'an issuer that is a function': [server({ issuer: () => issuer }), 'issuer', 'got a function'],
  'no issuer in a list': [server({ issuer: [] }), 'issuer', 'must be an array with at least one element'],
  'an issuer in a list that is undefined': [server({ issuer: [issuer, undefined] }), 'issuer[1]', 'got undefined'],
  'an issuer in a list over http': [server({ issuer: [issuer, 'http://x.example'] }), 'issuer[1]', 'must be https'],
  'an issuer in a list without issuer': [server({ issuer: [{ audience: 'x' }] }), 'issuer[0].issuer', 'is missing'],
  'one issuer twice': [server({ issuer: [issuer, { issuer }] }), 'issuer', `names ${issuer} twice`],
  'issuer options without issuer': [{ resource, issuer: {} }, 'issuer.issuer', 'is missing'],
  'an empty audience': [issuerWith({ audience: '' }), 'issuer.audience', 'must be a string that is not empty'],
  'no audience in a list': [
    issuerWith({ audience: [] }),
    'issuer.audience',
    'must be an array with at least one element',
  ],
  'an empty audience in a list': [
    issuerWith({ audience: ['a', ''] }),
    'issuer.audience[1]',
    'must be a string that is not empty',
  ],
  'an audience in a list that is null': [issuerWith({ audience: [null] }), 'issuer.audience[0]', 'got null'],
  'no algorithm': [issuerWith({ algorithms: [] }), 'issuer.algorithms', 'must be an array with at least one element'],
  'algorithm none': [issuerWith({ algorithms: ['none'] }), 'issuer.algorithms[0]', 'must be one of RS256'],
  'algorithm HS256 (RFC 8725 §3.1)': [
    issuerWith({ algorithms: ['RS256', 'HS256'] }),
    'issuer.algorithms[1]',
    'is HS256, which is symmetric',
  ],
  'algorithm HS512 beside a key set': [
    issuerWith({ algorithms: ['HS512'], keys: keySetOf(signer) }),
    'issuer.algorithms[0]',
    'is HS512, which is symmetric',
  ],
  'an algorithm in lower case': [issuerWith({ algorithms: ['rs256'] }), 'issuer.algorithms[0]', 'must be one of RS256'],
  'an algorithm of JWE': [issuerWith({ algorithms: ['RSA-OAEP'] }), 'issuer.algorithms[0]', 'must be one of RS256'],
  'an algorithm that is undefined': [issuerWith({ algorithms: [undefined] }), 'issuer.algorithms[0]', 'got undefined'],
  'an algorithm named by a prototype': [
    issuerWith({ algorithms: ['constructor'] }),
    'issuer.algorithms[0]',
    'must be one of RS256',
  ],
  'a key set over http': [issuerWith({ keys: 'http://auth.example.com/keys' }), 'issuer.keys', 'must be https'],
  'an endpoint over http': [
    issuerWith({ introspection: { endpoint: 'http://hydra:4445/x', client: { method: 'none', clientId: 'c' } } }),
    'issuer.introspection.endpoint',
    'with allowInsecureRequests: true',
  ],
  'an issuer over http, with the option for it': [
    server({ issuer: 'http://keycloak:8080/realms/a' }),
    'issuer',
    'with allowInsecureRequests: true',
  ],
  'a query in an issuer over http': [
    issuerWith({ issuer: 'http://keycloak:8080/?a', allowInsecureRequests: true }),
    'issuer.issuer',
    'must not have a query',
  ],
  'ftp with allowInsecureRequests': [
    issuerWith({ keys: 'ftp://keycloak/keys', allowInsecureRequests: true }),
    'issuer.keys',
    'must be an https URL, a JWK Set',
  ],
  'an issuer without scheme, whose keys are discovered': [
    issuerWith({ issuer: 'stytch.com/p' }),
    'issuer.issuer',
    'with keys, and introspection.endpoint if tokens are introspected',
  ],
  'an issuer without scheme, whose endpoint is discovered': [
    issuerWith({
      issuer: 'stytch.com/p',
      keys: keySetOf(signer),
      introspection: { client: { method: 'none', clientId: 'c' } },
    }),
    'issuer.issuer',
    'it may be any string',
  ],
  'a line break at the end of an issuer': [
    issuerWith({ issuer: 'stytch.com/p\n', keys: keySetOf(signer) }),
    'issuer.issuer',
    'without space around it',
  ],
  'a secret with the line end of its file': [
    issuerWith({
      introspection: { client: { method: 'client_secret_basic', clientId: 'c', clientSecret: 'hunter2\n' } },
    }),
    'issuer.introspection.client.clientSecret',
    'such as the line end of a file',
  ],
  'a client with the line end of a file': [
    issuerWith({ introspection: { client: { method: 'none', clientId: 'c\r\n' } } }),
    'issuer.introspection.client.clientId',
    'such as the line end of a file',
  ],
  'an audience with the line end of a file': [
    issuerWith({ audience: ['orders', 'customers\n'] }),
    'issuer.audience[1]',
    'such as the line end of a file',
  ],
  'metadata as an issuer that needs none': [
    issuerWith({ issuer: `${issuer}/.well-known/openid-configuration`, keys: keySetOf(signer) }),
    'issuer.issuer',
    'must not be the URL of its metadata',
  ],
  'a key set at a URL with a password': [
    issuerWith({ keys: 'https://a:b@x.example/' }),
    'issuer.keys',
    'must not have a user name or password',
  ],
  'a key set without keys': [issuerWith({ keys: { keys: [] } }), 'issuer.keys', 'has no usable key'],
  'a key set whose keys are no list': [
    issuerWith({ keys: { keys: {} } }),
    'issuer.keys',
    'must be an https URL, a JWK Set',
  ],
  'a single key': [issuerWith({ keys: signer.jwk }), 'issuer.keys', 'must be an https URL, a JWK Set'],
  'keys that are not objects': [issuerWith({ keys: { keys: [null, 1] } }), 'issuer.keys', 'has no usable key'],
  'keys that are not JWKs': [issuerWith({ keys: { keys: [signer.publicKey] } }), 'issuer.keys', 'has no usable key'],
  'keys with functions in them': [
    issuerWith({ keys: { keys: [{ ...signer.jwk, load: () => 1 }] } }),
    'issuer.keys',
    'has a member that is not JSON',
  ],
  'a symmetric key': [
    issuerWith({ keys: { keys: [signer.jwk, { kty: 'oct', k: 'AAAA' }] } }),
    'issuer.keys.keys[1]',
    'it is symmetric',
  ],
  'a private key': [
    issuerWith({ keys: { keys: [{ ...signer.jwk, d: 'AAAA' }] } }),
    'issuer.keys.keys[0]',
    'it holds private key material',
  ],
  'only keys for encryption': [
    issuerWith({ keys: { keys: [{ ...signer.jwk, use: 'enc' }] } }),
    'issuer.keys',
    'its use is not sig',
  ],
  'only keys of another algorithm': [
    issuerWith({ keys: keySetOf(signer), algorithms: ['RS256'] }),
    'issuer.keys',
    'no accepted algorithm fits it',
  ],
  'more keys than the limit': [
    { ...issuerWith({ keys: { keys: [signer.jwk, signer.jwk] } }), limits: { keys: 1 } },
    'issuer.keys',
    'more than 1 keys',
  ],
  'an internal URL over ftp': [
    issuerWith({ internalUrl: 'ftp://x' }),
    'issuer.internalUrl',
    'must be an http or https URL',
  ],
  'an empty scope claim': [
    issuerWith({ scopeClaims: ['scope', ''] }),
    'issuer.scopeClaims[1]',
    'must be a string that is not empty',
  ],
  'an empty name in a path of scopeClaims': [
    issuerWith({ scopeClaims: [['realm_access', '']] }),
    'issuer.scopeClaims[0][1]',
    'must be a string that is not empty',
  ],
  'an empty path in scopeClaims': [
    issuerWith({ scopeClaims: [[]] }),
    'issuer.scopeClaims[0]',
    'must be an array with at least one element',
  ],
  'soleAudience without an audience': [
    issuerWith({ audience: null, soleAudience: true }),
    'issuer.soleAudience',
    'needs an audience; audience is null',
  ],
  'too much tolerance': [issuerWith({ clockTolerance: 61 }), 'issuer.clockTolerance', 'from 0 to 60; got 61'],
  'no deadline': [issuerWith({ deadline: 0 }), 'issuer.deadline', 'got 0'],
  'a maxAge of zero': [issuerWith({ maxAge: 0 }), 'issuer.maxAge', '1 or more; got 0'],
  'keys that are never fresh': [jwksCache({ maxAge: 0.5 }), 'issuer.jwksCache.maxAge', '1 or more; got 0.5'],
  'a cooldown under a second': [jwksCache({ cooldown: 0.9 }), 'issuer.jwksCache.cooldown', '1 or more; got 0.9'],
  'keys that are stale for longer than a day': [
    jwksCache({ staleIfError: 86_401 }),
    'issuer.jwksCache.staleIfError',
    'from 0 to 86400; got 86401',
  ],
  'a back-off limit below the back-off': [
    jwksCache({ backoff: 10, maxBackoff: 5 }),
    'issuer.jwksCache.maxBackoff',
    '10 or more; got 5',
  ],
  'a limit of zero': [limits({ token: 0 }), 'limits.token', 'from 1 to 65536; got 0'],
  'a limit that is a text': [limits({ token: '8192' }), 'limits.token', 'got "8192"'],
  'a resolver without allow': [
    server({ issuer: { resolve: () => ({}) } }),
    'issuer.allow',
    'is missing: an array of issuers, or an object with has()',
  ],
  'a resolver whose allow is a text': [
    server({ issuer: { resolve: () => ({}), allow: issuer } }),
    'issuer.allow',
    'must be an array of issuers',
  ],
  'a resolver that allows no issuer': [
    server({ issuer: { resolve: () => ({}), allow: [] } }),
    'issuer.allow',
    'at least one element',
  ],
  'a resolver that allows a number': [
    server({ issuer: { resolve: () => ({}), allow: [1] } }),
    'issuer.allow[0]',
    'got 1',
  ],
  'a resolver that allows an empty string': [
    server({ issuer: { resolve: () => ({}), allow: [issuer, ''] } }),
    'issuer.allow[1]',
    'got ""',
  ],
  'a resolver that allows an empty string in a Set': [
    server({ issuer: { resolve: () => ({}), allow: new Set(['']) } }),
    'issuer.allow',
    'got ""',
  ],
  'a resolver that allows metadata': [
    server({ issuer: { resolve: () => ({}), allow: [`${issuer}/.well-known/openid-configuration`] } }),
    'issuer.allow[0]',
    'must not be the URL of its metadata',
  ],
  'a resolver without lookups per second': [
    server({ issuer: { resolve: () => ({}), allow: [issuer], lookups: { perSecond: 0 } } }),
    'issuer.lookups.perSecond',
    'from 1 to 100000; got 0',
  ],
  'a resolver that is not a function': [
    server({ issuer: { resolve: {}, allow: [issuer] } }),
    'issuer.resolve',
    'must be a function',
  ],
  'a resolver that is undefined': [
    server({ issuer: { resolve: undefined, allow: [issuer] } }),
    'issuer.resolve',
    'got undefined',
  ],
  'a resolver with an issuer beside it': [
    server({ issuer: { resolve: () => ({}), allow: [issuer], issuer } }),
    'issuer.issuer',
    'is unknown',
  ],
  'a resolver that sets the number of issuers to 0': [
    server({ issuer: { resolve: () => ({}), allow: [issuer], alive: 0 } }),
    'issuer.alive',
    'got 0',
  ],
}

describe('A6: values with specific errors', () => {
  it.each(Object.entries(OTHERS))('%s', (_, [options, option, says]) => {
    const thrown = problem(options)
    expect(thrown.option).toBe(option)
    expect(thrown.message).toContain(says)
    expect(thrown).toBeInstanceOf(TypeError)
    expect(thrown).toMatchObject({ code: 'ERR_CONFIGURATION', name: 'ConfigurationError' })
  })

  it('no message contains key material', () => {
    const secret = 'SECRETSECRETSECRET'
    for (const key of [
      { kty: 'oct', k: secret },
      { ...signer.jwk, d: secret },
      { kty: secret, d: secret },
    ]) {
      const { message, stack } = problem(issuerWith({ keys: { keys: [key] } }))
      expect(`${message} ${stack}`).not.toContain(secret)
    }
  })
})
