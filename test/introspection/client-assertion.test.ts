import { type CryptoKey, decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import type { IntrospectionRequest } from '../support/issuer/introspection-endpoint.ts'
import { send, tally } from '../support/upstream/requests.ts'
import { type Client, together, useBench } from './kit.ts'

// I1: private_key_jwt. The endpoint in these tests checks each assertion as an authorization server would.

const bench = useBench()

type PrivateKeyJwt = Extract<Client, { method: 'private_key_jwt' }>

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const assertionOf = (request: IntrospectionRequest | undefined): string => request?.form.get('client_assertion') ?? ''

/** Sends an introspection request and returns what the endpoint received. */
async function requestFrom(client: Omit<PrivateKeyJwt, 'method' | 'clientId'>): Promise<IntrospectionRequest> {
  bench.endpoint.accepts = () => true
  const server = bench.server({ client: { method: 'private_key_jwt', clientId: 'orders api', ...client } })
  expect((await send(server, bench.opaque())).status).toBe(200)
  return bench.endpoint.requests.at(-1) as IntrospectionRequest
}

async function expectSigned(
  request: IntrospectionRequest,
  publicKey: CryptoKey,
  algorithm: string,
  audience = bench.issuer.url,
): Promise<void> {
  expect(request.headers.authorization).toBeUndefined()
  expect(request.form.get('client_assertion_type')).toBe(TYPE)
  expect(request.form.get('client_secret')).toBeNull()
  const before = Date.now() / 1000
  const { payload, protectedHeader } = await jwtVerify(assertionOf(request), publicKey, {
    algorithms: [algorithm],
    typ: 'client-authentication+jwt',
    issuer: 'orders api',
    subject: 'orders api',
    requiredClaims: ['jti', 'exp', 'iat'],
    clockTolerance: 1,
  })
  expect(protectedHeader.alg).toBe(algorithm)
  // RFC 7523bis §3: the issuer, as a string, is the sole audience; an endpoint as audience allows forwarded assertions.
  expect(payload.aud).toBe(audience)
  expect(payload.exp).toBeGreaterThan(before)
  expect(payload.exp).toBeLessThanOrEqual(before + 300)
  expect(payload.jti?.length).toBeGreaterThanOrEqual(16)
}

describe('private_key_jwt (RFC 7523 §3)', () => {
  for (const algorithm of ['RS256', 'PS256', 'RS512', 'ES256', 'ES384', 'ES512', 'Ed25519'] as const) {
    it(`${algorithm}: signs with a JWK, using its alg and kid`, async () => {
      const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
      const jwk = { ...(await exportJWK(privateKey)), alg: algorithm, kid: 'client-key-1' }
      const request = await requestFrom({ key: jwk as PrivateKeyJwt['key'] })
      await expectSigned(request, publicKey, algorithm)
      expect(decodeProtectedHeader(assertionOf(request)).kid).toBe('client-key-1')
    })

    it(`${algorithm}: signs with a non-extractable CryptoKey`, async () => {
      const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: false })
      const request = await requestFrom({ key: privateKey as PrivateKeyJwt['key'], algorithm })
      await expectSigned(request, publicKey, algorithm)
      expect(decodeProtectedHeader(assertionOf(request))).not.toHaveProperty('kid')
    })
  }

  it('keyId and audience are options, for keys without kid and servers that require their endpoint as audience', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const key = privateKey as PrivateKeyJwt['key']
    const request = await requestFrom({ key, keyId: 'client-key-2', audience: bench.endpoint.url })
    await expectSigned(request, publicKey, 'ES256', bench.endpoint.url)
    expect(decodeProtectedHeader(assertionOf(request)).kid).toBe('client-key-2')
  })

  it('the algorithm option applies if the JWK has no alg', async () => {
    const { publicKey, privateKey } = await generateKeyPair('PS384', { extractable: true })
    const { alg: _, ...jwk } = await exportJWK(privateKey)
    const request = await requestFrom({ key: jwk as PrivateKeyJwt['key'], algorithm: 'PS384' })
    await expectSigned(request, publicKey, 'PS384')
  })

  it('no request contains a private member of the key', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const jwk = await exportJWK(privateKey)
    const request = await requestFrom({ key: { ...jwk, kid: 'one' } as PrivateKeyJwt['key'] })
    const [header, payload] = assertionOf(request)
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('utf8'))
    expect(`${header} ${payload} ${request.body}`).not.toContain(jwk.d)
    expect(Object.keys(JSON.parse(header ?? '') as object).sort()).toEqual(['alg', 'kid', 'typ'])
  })

  it('each request has its own assertion: no jti is repeated (RFC 7523 §3)', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    bench.endpoint.accepts = () => true
    const key = (await exportJWK(privateKey)) as PrivateKeyJwt['key']
    const server = bench.server({ client: { method: 'private_key_jwt', clientId: 'orders api', key } })
    expect(tally(await together(50, () => send(server, bench.opaque())))).toEqual({ 200: 50 })
    const ids = bench.endpoint.requests.map((request) => {
      const payload = assertionOf(request).split('.')[1] ?? ''
      return (JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { jti: string }).jti
    })
    expect(new Set(ids).size).toBe(50)
  })

  it('a retry has a new assertion: the server may already have recorded the first', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    bench.endpoint.accepts = () => true
    const { respondByToken } = bench.endpoint
    bench.endpoint.reply = (_request, response) => {
      bench.endpoint.reply = respondByToken
      response.writeHead(502).end()
    }
    const key = (await exportJWK(privateKey)) as PrivateKeyJwt['key']
    const server = bench.server({ client: { method: 'private_key_jwt', clientId: 'orders api', key } })
    expect((await send(server, bench.opaque())).status).toBe(200)
    const [first, second] = bench.endpoint.requests.map(assertionOf)
    expect(bench.endpoint.calls()).toBe(2)
    expect(first).not.toBe(second)
  })
})
