import { createDpopClient, parseChallenges } from 'bearward/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NOW } from '../corpus/kit.ts'
import { expectReached, expectRefusal, responseOfAll, SENTENCES } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import { dpop } from './dpop-kit.ts'
import { type GuardedApi, startGuardedApi } from './guarded-api.ts'

// G4 on every adapter.

let api: GuardedApi
beforeAll(async () => {
  api = await startGuardedApi({ dpop: 'accept' })
})
afterAll(() => api.close())

const refusal = { error: 'insufficient_user_authentication', reason: 'authentication' } as const
const recent = { auth_time: NOW - 10, acr: 'gold' }

describe.each(['jwt', 'opaque'] as const)('G4: step-up, %s', (format) => {
  const request = (target: string, claims: object) => ({ target, lines: bearer(api.token(format, { ...claims })) })

  it('a recent, strong sign-in opens every route', async () => {
    for (const target of ['/recent', '/strong', '/either', '/step-stacked', '/step-open', '/bank/strong'])
      expect((await expectReached(api.apps, request(target, recent))).route).toBe(target)
  })

  it('an old sign-in gets max_age in the challenge (RFC 9470 §3)', async () => {
    const challenge = { ...refusal, max_age: '300', scope: 'orders:read' }
    for (const claims of [{ auth_time: NOW - 301 }, {}, { auth_time: NOW + 3600 }])
      await expectRefusal(api.apps, request('/recent', claims), challenge)
  })

  it('a weak sign-in gets acr_values in the challenge (RFC 9470 §3)', async () => {
    const challenge = { ...refusal, acr_values: 'gold silver', max_age: '300' }
    await expectRefusal(api.apps, request('/strong', { ...recent, acr: 'pwd' }), challenge)
    await expectRefusal(api.apps, request('/strong', { acr: 'gold' }), challenge)
  })

  it('the challenge of stacked guards is enough for all of them', async () => {
    await expectRefusal(api.apps, request('/step-stacked', { acr: 'gold' }), {
      ...refusal,
      acr_values: 'gold silver',
      max_age: '300',
      scope: 'orders:read',
    })
    await expectRefusal(api.apps, request('/bank/strong', { ...recent, acr: 'bronze' }), {
      ...refusal,
      acr_values: 'gold',
      max_age: '900',
    })
  })

  it('with alternatives, the challenge prefers a scope', async () => {
    const challenge = { error: 'insufficient_scope', reason: 'scope', scope: 'orders:admin' } as const
    await expectRefusal(api.apps, request('/either', { acr: 'pwd' }), challenge)
    await expectReached(api.apps, request('/either', { acr: 'pwd', scope: 'orders:admin' }))
  })

  it('a missing scope is reported before a missing sign-in, if its guard is first', async () => {
    const challenge = { error: 'insufficient_scope', reason: 'scope', scope: 'orders:read' } as const
    await expectRefusal(api.apps, request('/recent', { scope: 'users:read' }), challenge)
  })

  it('optionalAuth refuses a token with a weak sign-in, and lets anonymous callers through', async () => {
    await expectRefusal(api.apps, request('/step-open', {}), { ...refusal, max_age: '300' })
    await expectReached(api.apps, { target: '/step-open' })
  })
})

it('the challenge has the scheme of the request (RFC 9470 §3, RFC 9449 §7.1)', async () => {
  const client = await createDpopClient({ clock: () => NOW })
  const token = api.token('jwt', { cnf: client.confirmation, acr: 'pwd' })
  const url = 'https://api.example.com/strong'
  const response = await responseOfAll(api.apps, {
    target: '/strong',
    lines: dpop(token, await client.proof({ url, token })),
  })
  const [challenge, ...others] = parseChallenges(response.header('WWW-Authenticate') ?? '')
  expect([response.status, challenge?.scheme, others]).toEqual([401, 'DPoP', []])
  expect(challenge?.parameters).toMatchObject({
    error: refusal.error,
    error_description: SENTENCES.authentication,
    acr_values: 'gold silver',
    max_age: '300',
  })
})
