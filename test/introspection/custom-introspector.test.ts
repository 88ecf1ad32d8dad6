import { inspect } from 'node:util'
import { createResourceServer, type IntrospectToken, Unavailable } from 'bearward'
import { expect, it } from 'vitest'
import { ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'
import { introspectionOf } from './kit.ts'

// I11: what a function of the application returns or throws. Whatever is no response of RFC 7662 is an outage: 503.

const TOKEN = 'an-opaque-token'

async function outcomeOf(introspect: unknown) {
  const issuer = { issuer: ISSUER, keys: null, introspect: introspect as IntrospectToken }
  const server = createResourceServer({ resource: RESOURCE, issuer, clock: () => NOW })
  const { status, retryAfter } = await send(server, TOKEN)
  return { status, retryAfter, lastError: introspectionOf(server)?.lastError }
}

const response = { active: true, aud: RESOURCE, iss: ISSUER }

it('a response is used, with numbers and other members', async () => {
  expect(await outcomeOf(() => ({ ...response, exp: NOW + 60, n: 0.5, list: [1], none: null }))).toMatchObject({
    status: 200,
  })
})

it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  'the number %s, which JSON would make null, is no expiry',
  async (exp) => {
    const { status, lastError } = await outcomeOf(() => ({ ...response, exp }))
    expect(status).toBe(503)
    expect(lastError).toMatchObject({ code: 'shape', message: expect.stringContaining('a number that is not finite') })
  },
)

it.each<[string, () => unknown]>([
  ['a member with a bigint', () => ({ ...response, n: 1n })],
  [
    'a circle',
    () => {
      const circle: Record<string, unknown> = { ...response }
      circle.self = circle
      return circle
    },
  ],
  ['nothing', () => undefined],
])('%s is not JSON', async (_, introspect) => {
  const { status, lastError } = await outcomeOf(introspect)
  expect(status).toBe(503)
  expect(lastError).toMatchObject({ code: 'shape', message: expect.stringContaining('a value that is not JSON') })
})

it('what it throws is an outage, without the token', async () => {
  const { status, lastError } = await outcomeOf(() => {
    throw new Error(`GET /check?token=${TOKEN} failed`)
  })
  expect(status).toBe(503)
  expect(lastError).toMatchObject({ code: 'network', message: 'the introspect function of the options failed' })
  expect(inspect(lastError, { depth: 9 })).toContain('quotes the request')
  expect(inspect(lastError, { depth: 9 })).not.toContain(TOKEN)
})

it('Unavailable says when to retry (RFC 9110 §10.2.3)', async () => {
  const introspect = () => Promise.reject(new Unavailable('introspection_unavailable', { retryAfter: 7 }))
  expect(await outcomeOf(introspect)).toMatchObject({ status: 503, retryAfter: 7 })
})

it.each([Number.NaN, -5, null, {}])(
  'Unavailable with retryAfter %s says nothing about when to retry',
  async (wrong) => {
    let calls = 0
    const check = () => {
      calls++
      throw new Unavailable('introspection_unavailable', { retryAfter: wrong as number })
    }
    const breaker = { failures: 2, delay: 30 }
    const issuer = { issuer: ISSUER, keys: null, introspect: { check, breaker } }
    const server = createResourceServer({ resource: RESOURCE, issuer, clock: () => NOW })
    for (let round = 0; round < 9; round++) expect((await send(server, `${TOKEN}-${round}`)).status).toBe(503)
    // Two failures, and a retry of each.
    expect(calls).toBe(4)
    expect(introspectionOf(server)?.retryIn).toBeGreaterThan(20)
  },
)
