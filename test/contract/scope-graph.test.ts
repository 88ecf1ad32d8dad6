import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectReached, expectRefusal, responseOfAll } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import { type GuardedApi, SCOPES, startGuardedApi } from './guarded-api.ts'

// G3 on every adapter.

let api: GuardedApi
beforeAll(async () => {
  api = await startGuardedApi()
})
afterAll(() => api.close())

describe.each(['jwt', 'opaque'] as const)('G3: the scope graph, %s', (format) => {
  const request = (target: string, scope: string) => ({ target, lines: bearer(api.token(format, { scope })) })
  const lacks = (scope: string) => ({ error: 'insufficient_scope', reason: 'scope', scope }) as const

  it('a scope opens routes that need the scopes it implies, and the token lists the issued scopes', async () => {
    for (const target of ['/read', '/write', '/admin-or-read'])
      expect((await expectReached(api.apps, request(target, 'orders:admin'))).scopes).toEqual(['orders:admin'])
    await expectReached(api.apps, request('/read', 'orders:write'))
    await expectReached(api.apps, request('/admin-or-read', 'orders:read'))
    await expectReached(api.apps, request('/graph-stacked', 'orders:admin users:read'))
  })

  it('it opens nothing else', async () => {
    await expectRefusal(api.apps, request('/write', 'orders:read'), lacks('orders:write orders:read'))
    await expectRefusal(api.apps, request('/graph-stacked', 'orders:admin'), lacks('orders:read users:read'))
  })

  it('the challenge names the least (RFC 6750 §3.1)', async () => {
    await expectRefusal(api.apps, request('/read', 'users:read'), lacks('orders:read'))
    await expectRefusal(api.apps, request('/admin-or-read', 'users:read'), lacks('orders:read'))
  })
})

it('the challenge names the least without a token, too (RFC 6750 §3.1)', async () => {
  await expectRefusal(api.apps, { target: '/admin-or-read' }, { reason: 'no_credentials', scope: 'orders:read' })
})

it('all scopes are published (RFC 9728 §2)', async () => {
  const { body } = await responseOfAll(api.apps, { target: '/.well-known/oauth-protected-resource' })
  expect(JSON.parse(body)).toMatchObject({ scopes_supported: Object.keys(SCOPES) })
})
