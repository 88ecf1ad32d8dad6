import { createResourceServer, type IssuerOptions } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { requestWith, send, tally } from '../support/upstream/requests.ts'

// M1: several issuers, each with its own rules and keys. The unverified `iss` only selects (RFC 8725 §3.8).

let a: TestIssuer
let b: TestIssuer
let calls: string[]
beforeEach(async () => {
  a = await createTestIssuer({ alg: 'ES256' })
  b = await createTestIssuer({ alg: 'ES256' })
  calls = []
})
afterEach(async () => {
  await a.stop()
  await b.stop()
})

const serverFor = (forA: Partial<IssuerOptions> = {}, forB: Partial<IssuerOptions> = {}) =>
  createResourceServer({
    resource: RESOURCE,
    issuer: [
      { issuer: a.url, ...forA },
      { issuer: b.url, ...forB },
    ],
    fetch: (input, init) => {
      calls.push(String(input))
      return fetch(input, init)
    },
  })

describe('each issuer has its own rules', () => {
  it('tokens of both are accepted and name their issuer', async () => {
    const server = serverFor()
    await server.ready()
    expect(await server.verify(await a.sign())).toMatchObject({ issuer: a.url })
    expect(await server.verify(await b.sign())).toMatchObject({ issuer: b.url })
  })

  it('audience', async () => {
    const server = serverFor({ audience: 'api-a' }, { audience: ['api-b', 'api-c'] })
    expect((await send(server, await a.sign({ aud: 'api-a' }))).status).toBe(200)
    expect(await send(server, await a.sign({ aud: 'api-b' }))).toMatchObject({ status: 401, reason: 'audience' })
    expect(await send(server, await a.sign())).toMatchObject({ status: 401, reason: 'audience' })
    expect((await send(server, await b.sign({ aud: ['x', 'api-c'] }))).status).toBe(200)
    expect(await send(server, await b.sign({ aud: 'api-a' }))).toMatchObject({ status: 401, reason: 'audience' })
  })

  it('algorithms', async () => {
    const server = serverFor({ algorithms: ['ES256'] }, { algorithms: ['RS256'] })
    expect((await send(server, await a.sign())).status).toBe(200)
    expect(await send(server, await b.sign())).toMatchObject({ status: 401, reason: 'algorithm' })
    expect(calls.filter((url) => url.startsWith(b.url))).toEqual([])
  })

  it('profile', async () => {
    const server = serverFor({ profile: 'rfc9068' }, { profile: 'compat' })
    const plain = { typ: 'JWT' }
    expect(await send(server, await a.sign({}, plain))).toMatchObject({ status: 401, reason: 'token_type' })
    expect((await send(server, await a.sign())).status).toBe(200)
    expect((await send(server, await b.sign({}, plain))).status).toBe(200)
  })

  it('scope claims', async () => {
    const server = serverFor({ scopeClaims: ['permissions'] })
    await server.ready()
    const claims = { permissions: ['p'], scope: 's' }
    expect(await server.verify(await a.sign(claims))).toMatchObject({ scopes: ['p'] })
    expect(await server.verify(await b.sign(claims))).toMatchObject({ scopes: ['s'] })
  })

  it('clock tolerance and maxAge', async () => {
    const server = serverFor({ clockTolerance: 0, maxAge: 60 }, { clockTolerance: 60 })
    const now = Math.floor(Date.now() / 1000)
    expect(await send(server, await a.sign({ exp: now - 10 }))).toMatchObject({ status: 401, reason: 'expired' })
    expect((await send(server, await b.sign({ exp: now - 10 }))).status).toBe(200)
    expect(await send(server, await a.sign({ iat: now - 100 }))).toMatchObject({ status: 401, reason: 'too_old' })
    expect((await send(server, await b.sign({ iat: now - 100 }))).status).toBe(200)
  })
})

describe('keys are never mixed', () => {
  it('the same kid at both: a key verifies only what its own issuer signed', async () => {
    const [keyA] = a.keys
    const [keyB] = b.keys
    if (!keyA || !keyB) throw new Error('no keys')
    a.keys = [{ ...keyA, kid: 'same', jwk: { ...keyA.jwk, kid: 'same' } }]
    b.keys = [{ ...keyB, kid: 'same', jwk: { ...keyB.jwk, kid: 'same' } }]
    const server = serverFor()
    expect((await send(server, await a.sign())).status).toBe(200)
    expect((await send(server, await b.sign())).status).toBe(200)
    expect(await send(server, await a.sign({}, {}, b.keys[0]))).toMatchObject({ status: 401, reason: 'signature' })
    expect(await send(server, await b.sign({}, {}, a.keys[0]))).toMatchObject({ status: 401, reason: 'signature' })
  })

  it('a key of one is unknown to the other', async () => {
    const server = serverFor()
    await server.ready()
    expect(await send(server, await a.sign({}, {}, b.keys[0]))).toMatchObject({ status: 401, reason: 'unknown_key' })
    expect(await send(server, await a.sign({}, { kid: undefined }, b.keys[0]))).toMatchObject({
      status: 401,
      reason: 'signature',
    })
  })
})

describe('a token of an untrusted issuer', () => {
  const STRANGERS: readonly unknown[] = [
    'https://evil.example',
    '',
    '/',
    ' ',
    '__proto__',
    'constructor',
    'toString',
    null,
    undefined,
    0,
    true,
    {},
    [],
    ['https://a'],
    { toString: 'x' },
  ]
  const variants = (): readonly unknown[] => [
    ...STRANGERS,
    `${a.url}/`,
    `${a.url} `,
    a.url.toUpperCase(),
    a.url.replace('http:', 'https:'),
    a.url.replace('127.0.0.1', 'localhost'),
    [a.url],
    { 0: a.url },
    a.url.slice(0, -1),
  ]

  it('is refused without a request, whatever its iss is', async () => {
    const server = serverFor()
    for (const iss of variants()) {
      expect(await send(server, await a.sign({ iss })), JSON.stringify(iss)).toMatchObject({
        status: 401,
        reason: iss === undefined ? 'missing_claim' : 'issuer',
      })
    }
    expect(calls).toEqual([])
    expect(server.state().issuers.map(({ issuer }) => issuer)).toEqual([a.url, b.url])
  })
})

describe('one issuer does not slow another', () => {
  it('while one hangs, tokens of the other are accepted', async () => {
    a.onMetadata = () => undefined
    const server = serverFor({ deadline: 60 })
    const waiting = Promise.all([1, 2, 3].map(async () => send(server, await a.sign())))
    const others = await Promise.all(Array.from({ length: 50 }, async () => send(server, await b.sign())))
    expect(tally(others)).toEqual({ 200: 50 })
    await server.authenticate(requestWith(await b.sign()))
    expect(server.state().issuers[0]?.keys).toMatchObject({ status: 'empty', lastError: undefined })
    expect(server.state()).toMatchObject({ status: 'degraded', ready: true })
    server.close()
    expect(tally(await waiting)).toEqual({ '503 keys_unavailable': 3 })
  })

  it('unknown keys of one do not use up the cooldown of the other', async () => {
    const server = serverFor()
    await server.ready()
    const before = a.hits.keys + b.hits.keys
    await send(server, await a.sign({}, { kid: 'x' }))
    const next = await b.rotate({ keepOld: true })
    expect((await send(server, await b.sign({}, {}, next))).status).toBe(200)
    expect(a.hits.keys + b.hits.keys - before).toBe(2)
  })
})
