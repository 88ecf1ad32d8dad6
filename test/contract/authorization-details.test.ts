import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { expectReached, expectRefusal } from '../support/apps/expect-response.ts'
import { bearer, exchange } from '../support/http/raw-client.ts'
import { type GuardedApi, startGuardedApi } from './guarded-api.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

// G5 on every adapter.

let api: GuardedApi
beforeAll(async () => {
  api = await startGuardedApi()
})
afterAll(() => api.close())

const refusal = { error: 'insufficient_scope', reason: 'guard' } as const
const payment = (amount: unknown) => ({ type: 'payment', amount })

describe.each(['jwt', 'opaque'] as const)('G5: authorization details, %s (RFC 9396 §9)', (format) => {
  const request = (target: string, authorization_details?: unknown) => ({
    target,
    lines: bearer(api.token(format, { authorization_details })),
  })

  it('one that matches opens the route', async () => {
    await expectReached(api.apps, request('/payment', [payment(100)]))
    await expectReached(api.apps, request('/payment', [null, { type: 'account' }, payment(1000), payment(1)]))
    await expectReached(api.apps, request('/payment-later', [payment(1), payment(5)]))
    await expectReached(api.apps, request('/payment-any', [payment('any')]))
  })

  it('no match is 403 without scope', async () => {
    for (const details of [undefined, null, {}, 'payment', [], [payment(101)], [payment('1')], [{ amount: 1 }]])
      await expectRefusal(api.apps, request('/payment', details), refusal)
    await expectRefusal(api.apps, request('/payment', [{ type: 'account', amount: 1 }]), refusal)
    await expectRefusal(api.apps, request('/payment-later', [payment(1)]), refusal)
    await expectRefusal(api.apps, request('/payment-any', [{ type: 'account' }]), refusal)
  })

  it('a match that throws is a 500 of the application (A7)', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined) // Hono reports application errors there
    const before = api.apps.map(({ reached }) => reached.length)
    const throwing = request('/payment-throws', [payment(1)])
    const responses = await Promise.all(api.apps.map((app) => exchange(app.port, throwing)))
    expect(responses.map(({ status }) => status)).toEqual(api.apps.map(() => 500))
    expect(responses.flatMap(({ all }) => all('WWW-Authenticate'))).toEqual([])
    expect(api.apps.map(({ reached }) => reached.length)).toEqual(before)
  })
})
