import { createDpopClient, parseChallenges } from 'bearward/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NOW } from '../corpus/kit.ts'
import { answerOfAll, expectReached, expectRefusal, SENTENCES } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import { dpop } from './dpop-kit.ts'
import { type FineApi, startFineApi } from './fine-guards.ts'

// SPEC G4 on every adapter.

let api: FineApi
beforeAll(async () => {
  api = await startFineApi({ dpop: 'accept' })
})
afterAll(() => api.close())

const refusal = { error: 'insufficient_user_authentication', reason: 'authentication' } as const
const lately = { auth_time: NOW - 10, acr: 'gold' }

describe.each(['jwt', 'opaque'] as const)('G4: step-up, %s', (format) => {
  const ask = (target: string, claims: object) => ({ target, lines: bearer(api.token(format, { ...claims })) })

  it('a recent sign-in in a strong way opens every route', async () => {
    for (const target of ['/recent', '/strong', '/either', '/step-stacked', '/step-open', '/bank/strong'])
      expect((await expectReached(api.apps, ask(target, lately))).route).toBe(target)
  })

  it('one that is too long ago is told how long ago it may be (RFC 9470 §3)', async () => {
    const asked = { ...refusal, max_age: '300', scope: 'orders:read' }
    for (const claims of [{ auth_time: NOW - 301 }, {}, { auth_time: NOW + 3600 }])
      await expectRefusal(api.apps, ask('/recent', claims), asked)
  })

  it('one in too weak a way is told which ways there are (RFC 9470 §3)', async () => {
    const asked = { ...refusal, acr_values: 'gold silver', max_age: '300' }
    await expectRefusal(api.apps, ask('/strong', { ...lately, acr: 'pwd' }), asked)
    await expectRefusal(api.apps, ask('/strong', { acr: 'gold' }), asked)
  })

  it('stacked guards ask for what suffices for all', async () => {
    await expectRefusal(api.apps, ask('/step-stacked', { acr: 'gold' }), {
      ...refusal,
      acr_values: 'gold silver',
      max_age: '300',
      scope: 'orders:read',
    })
    await expectRefusal(api.apps, ask('/bank/strong', { ...lately, acr: 'bronze' }), {
      ...refusal,
      acr_values: 'gold',
      max_age: '900',
    })
  })

  it('of alternatives, a scope is asked for first', async () => {
    const asked = { error: 'insufficient_scope', reason: 'scope', scope: 'orders:admin' } as const
    await expectRefusal(api.apps, ask('/either', { acr: 'pwd' }), asked)
    await expectReached(api.apps, ask('/either', { acr: 'pwd', scope: 'orders:admin' }))
  })

  it('a missing scope is told before a missing sign-in, where it is asked for first', async () => {
    const asked = { error: 'insufficient_scope', reason: 'scope', scope: 'orders:read' } as const
    await expectRefusal(api.apps, ask('/recent', { scope: 'users:read' }), asked)
  })

  it('optionalAuth refuses a token with too weak a sign-in, and lets the anonymous through', async () => {
    await expectRefusal(api.apps, ask('/step-open', {}), { ...refusal, max_age: '300' })
    await expectReached(api.apps, { target: '/step-open' })
  })
})

it('the challenge comes in the scheme that was used (RFC 9470 §3, RFC 9449 §7.1)', async () => {
  const client = await createDpopClient({ clock: () => NOW })
  const token = api.token('jwt', { cnf: client.confirmation, acr: 'pwd' })
  const url = 'https://api.example.com/strong'
  const answers = await answerOfAll(api.apps, {
    target: '/strong',
    lines: dpop(token, await client.proof({ url, token })),
  })
  const [challenge, ...others] = parseChallenges(answers.field('WWW-Authenticate') ?? '')
  expect([answers.status, challenge?.scheme, others]).toEqual([401, 'DPoP', []])
  expect(challenge?.parameters).toMatchObject({
    error: refusal.error,
    error_description: SENTENCES.authentication,
    acr_values: 'gold silver',
    max_age: '300',
  })
})
