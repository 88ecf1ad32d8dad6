import { exportJWK, generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'
import { cacheSize, issuer, issuerWith, limits, problem, server } from '../options/problem.ts'
import { CLIENT } from '../support/issuer/introspection-endpoint.ts'

// A6: a wrong option throws at construction and is named; secrets in it are not repeated.

const SECRET = 'CANARYsecret'
const endpoint = 'https://auth.example.com/introspect'
type Members = Readonly<Record<string, unknown>>

const introspection = (members: Members) => issuerWith({ introspection: { endpoint, client: CLIENT, ...members } })
const cached = (members: Members) => introspection({ cache: members })
const client = (members: Members) => introspection({ client: members })
const basic = (members: Members) =>
  client({ method: 'client_secret_basic', clientId: 'a', clientSecret: SECRET, ...members })
const introspect = (members: Members) => issuerWith({ introspect: { check: () => ({ active: false }), ...members } })
const stores = (store: unknown) => server({ stores: { introspection: store } })

const without = (from: Members, name: string) =>
  Object.fromEntries(Object.entries(from).filter(([key]) => key !== name))
const jwk = await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)
const publicJwk = without(without(jwk as Members, 'd'), 'key_ops')
const rsaShort = { ...(await exportJWK((await generateKeyPair('RS256', { extractable: true })).privateKey)), n: 'AQAB' }
const publicKey = (await generateKeyPair('ES256')).publicKey
const signed = (members: Members) => client({ method: 'private_key_jwt', clientId: 'a', key: jwk, ...members })

/** Wrong options, and the option that the error names. */
const WRONG: Readonly<Record<string, readonly [options: unknown, option: string]>> = {
  'introspection that is true': [issuerWith({ introspection: true }), 'issuer.introspection'],
  'introspection that is a URL': [issuerWith({ introspection: endpoint }), 'issuer.introspection'],
  'introspection that is undefined': [issuerWith({ introspection: undefined }), 'issuer.introspection'],
  'introspection that is null': [issuerWith({ introspection: null }), 'issuer.introspection'],
  'no client': [issuerWith({ introspection: { endpoint } }), 'issuer.introspection.client'],
  'an unknown option': [introspection({ lifetime: 60 }), 'issuer.introspection.lifetime'],
  'a cache that is a number': [introspection({ cache: 60 }), 'issuer.introspection.cache'],
  'an endpoint over http': [introspection({ endpoint: 'http://as.example/i' }), 'issuer.introspection.endpoint'],
  'an endpoint that is relative': [introspection({ endpoint: '/introspect' }), 'issuer.introspection.endpoint'],
  'an endpoint with a password': [
    introspection({ endpoint: `https://a:${SECRET}@as.example/i` }),
    'issuer.introspection.endpoint',
  ],
  'an endpoint that is undefined': [introspection({ endpoint: undefined }), 'issuer.introspection.endpoint'],
  'active below zero': [cached({ active: -1 }), 'issuer.introspection.cache.active'],
  'active that is a string': [cached({ active: '60' }), 'issuer.introspection.cache.active'],
  'active that is infinite': [cached({ active: Number.POSITIVE_INFINITY }), 'issuer.introspection.cache.active'],
  'inactive that is NaN': [cached({ inactive: Number.NaN }), 'issuer.introspection.cache.inactive'],
  'inactive that is undefined': [cached({ inactive: undefined }), 'issuer.introspection.cache.inactive'],
  'no deadline': [introspection({ deadline: 0 }), 'issuer.introspection.deadline'],
  'a deadline that is a date': [introspection({ deadline: new Date() }), 'issuer.introspection.deadline'],
  'signed with an unknown value': [introspection({ signed: 'accept' }), 'issuer.introspection.signed'],
  'signed that is true': [introspection({ signed: true }), 'issuer.introspection.signed'],
  'signed responses without keys to check them': [
    issuerWith({ keys: null, introspection: { endpoint, client: CLIENT, signed: 'require' } }),
    'issuer.introspection.signed',
  ],
  'a breaker that is false': [introspection({ breaker: false }), 'issuer.introspection.breaker'],
  'a breaker that opens at once': [
    introspection({ breaker: { failures: 0 } }),
    'issuer.introspection.breaker.failures',
  ],
  'no introspection at a time': [introspection({ maxConcurrent: 0 }), 'issuer.introspection.maxConcurrent'],
  'half a failure': [introspection({ breaker: { failures: 1.5 } }), 'issuer.introspection.breaker.failures'],
  'no delay': [introspection({ breaker: { delay: 0 } }), 'issuer.introspection.breaker.delay'],
  'a maxDelay below the delay': [
    introspection({ breaker: { delay: 10, maxDelay: 5 } }),
    'issuer.introspection.breaker.maxDelay',
  ],
  'an unknown breaker option': [introspection({ breaker: { limit: 5 } }), 'issuer.introspection.breaker.limit'],
  'a client that is a string': [introspection({ client: SECRET }), 'issuer.introspection.client'],
  'a client without method': [client({ clientId: 'a', clientSecret: SECRET }), 'issuer.introspection.client.method'],
  'an unknown method': [basic({ method: 'client_secret_jwt' }), 'issuer.introspection.client.method'],
  'a method of a prototype': [basic({ method: 'constructor' }), 'issuer.introspection.client.method'],
  'no client id': [basic({ clientId: '' }), 'issuer.introspection.client.clientId'],
  'a client id that is undefined': [basic({ clientId: undefined }), 'issuer.introspection.client.clientId'],
  'no secret': [client({ method: 'client_secret_basic', clientId: 'a' }), 'issuer.introspection.client.clientSecret'],
  'an empty secret': [basic({ clientSecret: '' }), 'issuer.introspection.client.clientSecret'],
  'a secret that is undefined': [basic({ clientSecret: undefined }), 'issuer.introspection.client.clientSecret'],
  'a secret in bytes': [basic({ clientSecret: Buffer.from(SECRET) }), 'issuer.introspection.client.clientSecret'],
  'a secret in a list': [basic({ clientSecret: [SECRET] }), 'issuer.introspection.client.clientSecret'],
  'a secret with method none': [
    client({ method: 'none', clientId: 'a', clientSecret: SECRET }),
    'issuer.introspection.client.clientSecret',
  ],
  'none without client id': [client({ method: 'none' }), 'issuer.introspection.client.clientId'],
  'a bearer token that is empty': [client({ method: 'bearer', token: '' }), 'issuer.introspection.client.token'],
  'a bearer token that no header can carry': [
    client({ method: 'bearer', token: `${SECRET}\r\nx: y` }),
    'issuer.introspection.client.token',
  ],
  'a bearer token in an object': [client({ method: 'bearer', token: { SECRET } }), 'issuer.introspection.client.token'],
  'no bearer token': [client({ method: 'bearer' }), 'issuer.introspection.client.token'],
  'no key': [client({ method: 'private_key_jwt', clientId: 'a' }), 'issuer.introspection.client.key'],
  'a key in PEM': [
    signed({ key: `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----` }),
    'issuer.introspection.client.key',
  ],
  'a public JWK': [signed({ key: publicJwk }), 'issuer.introspection.client.key'],
  'a public CryptoKey': [signed({ key: publicKey, algorithm: 'ES256' }), 'issuer.introspection.client.key'],
  'a symmetric key': [signed({ key: { kty: 'oct', k: SECRET } }), 'issuer.introspection.client.key'],
  'a JWK without its parts': [
    signed({ key: { kty: 'EC', crv: 'P-256', d: SECRET } }),
    'issuer.introspection.client.key',
  ],
  'an RSA key that is too short': [signed({ key: rsaShort, algorithm: 'RS256' }), 'issuer.introspection.client.key'],
  'an algorithm of another key': [signed({ algorithm: 'RS256' }), 'issuer.introspection.client.algorithm'],
  'a symmetric algorithm': [signed({ algorithm: 'HS256' }), 'issuer.introspection.client.algorithm'],
  'the algorithm none': [signed({ algorithm: 'none' }), 'issuer.introspection.client.algorithm'],
  'an empty keyId': [signed({ keyId: '' }), 'issuer.introspection.client.keyId'],
  'an audience that is a list': [signed({ audience: [issuer] }), 'issuer.introspection.client.audience'],
  'introspect that is a string': [issuerWith({ introspect: 'x' }), 'issuer.introspect'],
  'introspect that is undefined': [issuerWith({ introspect: undefined }), 'issuer.introspect'],
  'introspect without check': [issuerWith({ introspect: { deadline: 1 } }), 'issuer.introspect.check'],
  'introspect with a check that is not a function': [introspect({ check: true }), 'issuer.introspect.check'],
  'introspect with an unknown option': [introspect({ client: CLIENT }), 'issuer.introspect.client'],
  'introspect with a wrong time': [introspect({ cache: { active: -1 } }), 'issuer.introspect.cache.active'],
  'introspect with introspection': [
    issuerWith({ introspect: () => ({ active: false }), introspection: { endpoint, client: CLIENT } }),
    'issuer.introspect',
  ],
  'keys: null alone: then no token can be verified': [issuerWith({ keys: null }), 'issuer.keys'],
  'a prefix that is empty': [
    issuerWith({ tokenPrefix: '', introspection: { endpoint, client: CLIENT } }),
    'issuer.tokenPrefix',
  ],
  'no prefix in a list': [
    issuerWith({ tokenPrefix: [], introspection: { endpoint, client: CLIENT } }),
    'issuer.tokenPrefix',
  ],
  'a prefix that no token can start with': [
    issuerWith({ tokenPrefix: 'a b', introspection: { endpoint, client: CLIENT } }),
    'issuer.tokenPrefix',
  ],
  'a prefix without introspection': [issuerWith({ tokenPrefix: 'a_' }), 'issuer.tokenPrefix'],
  'two issuers without prefix': [
    server({
      issuer: [issuer, 'https://b.example'].map((name) => ({
        issuer: name,
        introspection: { endpoint, client: CLIENT },
      })),
    }),
    'issuer',
  ],
  'a function without name beside a shared store': [
    { ...issuerWith({ introspect: () => ({ active: false }) }), stores: { introspection: new Map() } },
    'issuer.introspect.name',
  ],
  'stores that are a Map': [server({ stores: new Map() }), 'stores'],
  'an unknown store': [server({ stores: { jwks: new Map() } }), 'stores.jwks'],
  'a store that is a string': [stores('redis://localhost'), 'stores.introspection'],
  'a store that is undefined': [stores(undefined), 'stores.introspection'],
  'a store without set': [stores({ get: () => undefined }), 'stores.introspection'],
  'a store whose delete is not a function': [
    stores({ get: () => undefined, set: () => undefined, delete: true }),
    'stores.introspection',
  ],
  'a limit of active tokens below zero': [cacheSize({ active: -1 }), 'cacheSize.active'],
  'a limit of inactive tokens that is a string': [cacheSize({ inactive: '1' }), 'cacheSize.inactive'],
  'a response size of zero': [limits({ introspection: 0 }), 'limits.introspection'],
}

describe('a wrong option', () => {
  it.each(Object.entries(WRONG))('%s', (_, [options, option]) => {
    const thrown = problem(options)
    const named = thrown.option.startsWith(option) && /^($|[.[])/.test(thrown.option.slice(option.length))
    expect(named, `${thrown.option} is named instead of ${option}`).toBe(true)
    expect(thrown).toMatchObject({ code: 'ERR_CONFIGURATION', name: 'ConfigurationError' })
    const text = `${thrown.message} ${thrown.stack} ${JSON.stringify(thrown)}`
    expect(text).not.toContain(SECRET)
    expect(text).not.toContain(String(jwk.d))
  })
})

describe('a right option', () => {
  const make = (options: unknown) => {
    try {
      return problem(options).message
    } catch (error) {
      return (error as Error).message
    }
  }

  const RIGHT: Readonly<Record<string, unknown>> = {
    'an endpoint on loopback over http': introspection({ endpoint: 'http://127.0.0.1:8080/introspect' }),
    'no endpoint': issuerWith({ introspection: { client: CLIENT } }),
    'nothing cached': cached({ active: 0, inactive: 0 }),
    'half seconds': introspection({ cache: { active: 0.5 }, deadline: 0.5, breaker: { delay: 0.5 } }),
    'keys: null with introspection': issuerWith({ keys: null, introspection: { endpoint, client: CLIENT } }),
    'keys with introspect': issuerWith({ keys: 'https://as.example/jwks', introspect: () => ({ active: false }) }),
    'an async introspect': issuerWith({ introspect: async () => ({ active: false }) }),
    'a Map': stores(new Map()),
    'no response cached in this process': cacheSize({ active: 0, inactive: 0 }),
    'a JWK with alg and kid': signed({ key: { ...jwk, alg: 'ES256', kid: 'x', use: 'sig' } }),
    prefixes: issuerWith({ tokenPrefix: ['gho_', 'ghp_'], introspect: () => ({ active: false }) }),
  }
  it.each(Object.entries(RIGHT))('%s', (_, options) => {
    expect(make(options)).toBe('nothing was thrown')
  })
})
