import assert, { AssertionError } from 'node:assert'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createTestIssuer,
  expectChallenge,
  expectUnavailable,
  parseChallenges,
  type TestIssuer,
} from 'bearward/testing'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { request as playwright } from 'playwright-core'
import request from 'supertest'
import { beforeAll, describe, expect, it } from 'vitest'

const response = (challenge: string | undefined, status: number, headers: Record<string, string> = {}) =>
  new Response(null, { status, headers: { ...(challenge && { 'www-authenticate': challenge }), ...headers } })

const SCOPE = 'Bearer realm="r", error="insufficient_scope", error_description="x", scope="read:orders write:orders"'

describe('parseChallenges (RFC 9110 §11.6.1)', () => {
  it('reads several challenges in one header', () => {
    expect(
      parseChallenges('Bearer realm="a, b", error="x" , DPoP algs="ES256 PS256", Basic realm=c,Negotiate'),
    ).toEqual([
      { scheme: 'Bearer', parameters: { realm: 'a, b', error: 'x' } },
      { scheme: 'DPoP', parameters: { algs: 'ES256 PS256' } },
      { scheme: 'Basic', parameters: { realm: 'c' } },
      { scheme: 'Negotiate', parameters: {} },
    ])
  })

  it('names are case-insensitive, and escapes are decoded', () => {
    expect(parseChallenges('Bearer REALM="a\\"b\\\\"')).toEqual([{ scheme: 'Bearer', parameters: { realm: 'a"b\\' } }])
  })

  it('a parameter called __proto__ is an ordinary one', () => {
    expect(Object.keys(parseChallenges('Bearer __proto__="x"')[0]?.parameters ?? {})).toEqual(['__proto__'])
  })

  it.each([
    'Bearer realm="a", realm="b"',
    'Bearer realm="a", Realm="b"',
    'Bearer realm="a',
    'Bearer realm="a" error="b"',
    'Bearer realm="a",',
    'Bearer realm=',
    '"Bearer"',
    ', Bearer',
  ])('refuses %s', (header) => {
    expect(() => parseChallenges(header)).toThrow(SyntaxError)
  })

  it('an empty header has none', () => {
    expect(parseChallenges('')).toEqual([])
  })
})

describe('expectChallenge passes if everything named is there', () => {
  it('the bare challenge of a request without a token', () => {
    const challenge = expectChallenge(response('Bearer realm="r", scope="a"', 401))
    expect(challenge).toEqual({ scheme: 'Bearer', parameters: { realm: 'r', scope: 'a' } })
  })

  it('scopes in any order, as a string or a list', () => {
    expectChallenge(response(SCOPE, 403), { error: 'insufficient_scope', scope: 'write:orders read:orders' })
    expectChallenge(response(SCOPE, 403), { error: 'insufficient_scope', scope: ['write:orders', 'read:orders'] })
  })

  it('the challenge of the requested scheme', () => {
    const both = response(
      'Bearer realm="r", error="invalid_token", DPoP realm="r", error="invalid_dpop_proof", algs="ES256"',
      401,
    )
    expectChallenge(both, { error: 'invalid_token' })
    expectChallenge(both, { error: 'invalid_dpop_proof', parameters: { algs: 'ES256' } })
  })
})

describe('expectChallenge fails', () => {
  const failing: Record<string, () => unknown> = {
    'without a challenge': () => expectChallenge(response(undefined, 401)),
    'if the request was accepted': () => expectChallenge(response(undefined, 200), { error: 'invalid_token' }),
    'on another status': () => expectChallenge(response(SCOPE, 401), { error: 'insufficient_scope' }),
    'on another error': () => expectChallenge(response(SCOPE, 401), { error: 'invalid_token' }),
    'on an unexpected error': () => expectChallenge(response(SCOPE, 403), { status: 403 }),
    'on an extra scope': () =>
      expectChallenge(response(SCOPE, 403), { error: 'insufficient_scope', scope: 'read:orders' }),
    'on a missing scope': () =>
      expectChallenge(response(SCOPE, 403), { error: 'insufficient_scope', scope: 'read:orders write:orders admin' }),
    'on another reason': () => expectChallenge(response(SCOPE, 403), { error: 'insufficient_scope', reason: 'guard' }),
    'on another scheme': () => expectChallenge(response(SCOPE, 403), { error: 'insufficient_scope', scheme: 'DPoP' }),
    'on another parameter': () =>
      expectChallenge(response(SCOPE, 403), { error: 'insufficient_scope', parameters: { realm: 'other' } }),
    'on a malformed header': () => expectChallenge(response('Bearer realm="r', 401)),
  }

  it.each(Object.entries(failing))('%s', (_name, expectation) => {
    expect(expectation).toThrow(expect.objectContaining({ name: 'AssertionError', code: 'ERR_ASSERTION' }))
  })

  it('with a readable difference, and the values that test runners show side by side', () => {
    const thrown = caught(() => expectChallenge(response(SCOPE, 403), { error: 'invalid_token', scope: 'admin' }))
    expect(thrown.message).toBe(
      [
        'The response does not carry the expected challenge:',
        '  status: 403, expected 401',
        '  error: "insufficient_scope", expected "invalid_token"',
        '  scope: "read:orders write:orders", expected "admin"',
        `  WWW-Authenticate: ${SCOPE}`,
      ].join('\n'),
    )
    expect(thrown.actual).toEqual({
      status: 403,
      scheme: 'Bearer',
      error: 'insufficient_scope',
      scope: 'read:orders write:orders',
    })
    expect(thrown.expected).toEqual({ status: 401, scheme: 'Bearer', error: 'invalid_token', scope: 'admin' })
  })

  it.each([
    ['a misspelled member', { error: 'invalid_token', reson: 'audience' }, 'expectChallenge() has no option "reson"'],
    ['a claim without its reason', { error: 'invalid_token', claim: 'aud' }, 'claim only with reason'],
  ])('on %s, which would not be compared', (_, expected, message) => {
    const refused = response('Bearer realm="r", error="invalid_token"', 401)
    expect(() => expectChallenge(refused, expected as never)).toThrow(message)
    expect(() => expectChallenge(refused, expected as never)).toThrow(TypeError)
  })

  it('on a value that is not a response', () => {
    expect(() => expectChallenge({ headers: {} })).toThrow(TypeError)
    expect(() => expectChallenge(undefined as never)).toThrow('not a response: it has no headers')
    const pending = request(express()).get('/')
    expect(() => expectChallenge(pending as never)).toThrow('is an await missing?')
  })
})

describe('expectUnavailable', () => {
  it('returns the seconds', () => {
    expect(expectUnavailable(response(undefined, 503, { 'retry-after': '7' }))).toBe(7)
  })

  it.each([
    response('Bearer realm="r"', 503, { 'retry-after': '7' }),
    response(undefined, 500, { 'retry-after': '7' }),
    response(undefined, 503),
    response(undefined, 503, { 'retry-after': 'soon' }),
  ])('fails on anything else', (response) => {
    expect(() => expectUnavailable(response)).toThrow(expect.objectContaining({ name: 'AssertionError' }))
  })
})

describe('responses of all frameworks', () => {
  let issuer: TestIssuer
  beforeAll(async () => {
    issuer = await createTestIssuer()
  })
  const refusal = { error: 'insufficient_scope', scope: 'read:orders', reason: 'scope' } as const

  it('supertest on Express', async () => {
    const { resourceServer } = await import('bearward/express')
    const { requireScope } = resourceServer(issuer.options)
    const app = express().get('/orders', requireScope('read:orders'), (_request, response) => void response.json([]))
    expectChallenge(await request(app).get('/orders'), { scope: 'read:orders' })
    expectChallenge(
      await request(app)
        .get('/orders')
        .auth(await issuer.jwt(), { type: 'bearer' }),
      refusal,
    )
    issuer.goDown()
    const other = express().get('/', resourceServer(issuer.options).protect())
    expectUnavailable(
      await request(other)
        .get('/')
        .auth(await issuer.jwt(), { type: 'bearer' }),
    )
    issuer.recover()
  })

  it.skipIf('Deno' in globalThis || 'Bun' in globalThis)('Playwright, whose members are functions', async () => {
    const { resourceServer } = await import('bearward/node')
    const guard = resourceServer(issuer.options).requireScope('read:orders')
    const server = createServer((request, response) => void guard(request, response)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const context = await playwright.newContext({
      baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    })
    const headers = { authorization: `Bearer ${await issuer.jwt()}` }
    try {
      expectChallenge(await context.get('/orders'), { scope: 'read:orders' })
      expectChallenge(await context.get('/orders', { headers }), refusal)
    } finally {
      await context.dispose()
      server.close()
    }
  })

  it('inject on Fastify', async () => {
    const { resourceServer } = await import('bearward/fastify')
    const app = Fastify()
    app.get('/orders', { onRequest: resourceServer(issuer.options).requireScope('read:orders') }, async () => [])
    expectChallenge(await app.inject('/orders'), { scope: 'read:orders' })
    const headers = { authorization: `Bearer ${await issuer.jwt()}` }
    expectChallenge(await app.inject({ url: '/orders', headers }), refusal)
    await app.close()
  })

  it('request on Hono', async () => {
    const { resourceServer } = await import('bearward/hono')
    const { requireScope } = resourceServer(issuer.options)
    const app = new Hono().get('/orders', requireScope('read:orders'), (c) => c.json([]))
    expectChallenge(await app.request('/orders'), { scope: 'read:orders' })
    const headers = { authorization: `Bearer ${await issuer.jwt()}` }
    expectChallenge(await app.request('/orders', { headers }), refusal)
  })

  it('throws errors like those of node:assert', () => {
    const ours = caught(() => expectChallenge(response(undefined, 200)))
    const theirs = new AssertionError({ actual: 1, expected: 2, operator: 'strictEqual' })
    expect([ours.name, ours.code]).toEqual([theirs.name, theirs.code])
    expect(Object.keys(ours)).toEqual(expect.arrayContaining(['actual', 'expected', 'operator']))
    // jest formats its message and supports no others: test/package/runners.test.ts
    for (const operator of [ours.operator, caught(() => expectChallenge(response('Bearer realm="x', 401))).operator]) {
      expect(assert).toHaveProperty(operator)
    }
    expect(ours.stack?.split('\n').find((line) => line.trim().startsWith('at '))).toContain('expectations.test.ts')
  })
})

interface Thrown extends Error {
  readonly code: string
  readonly actual: unknown
  readonly expected: unknown
  readonly operator: string
}

function caught(step: () => unknown): Thrown {
  try {
    step()
  } catch (thrown) {
    return thrown as Thrown
  }
  throw new Error('nothing was thrown')
}
