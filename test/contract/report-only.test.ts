import type { ResourceServerOptions } from 'bearward'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER, NOW } from '../corpus/kit.ts'
import { expectReached, expectRefusal, responseOfAll } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { type GuardedApi, kit, startGuardedApi } from './guarded-api.ts'

// G6 on every adapter.

const started = new Map<string, GuardedApi>()
async function start(name: string, more: Partial<ResourceServerOptions> = {}): Promise<GuardedApi> {
  const api = started.get(name) ?? (await startGuardedApi(more))
  started.set(name, api)
  for (const list of api.reports) list.length = 0
  return api
}
let api: GuardedApi
beforeEach(async () => {
  api = await start('plain')
})
afterAll(() => Promise.all([...started.values()].map((one) => one.close())))

const onAll = (...events: readonly object[]) => api.apps.map(() => events)
const refused = (status: number, code: string, reason: string, claim: string, scopes: readonly string[] = []) => ({
  type: 'report',
  outcome: 'refused',
  status,
  code,
  reason,
  claim,
  scopes,
  issuer: ISSUER,
})

describe.each(['jwt', 'opaque'] as const)('G6: a report-only guard, %s', (format) => {
  const request = (target: string, claims: object = {}) => ({ target, lines: bearer(api.token(format, { ...claims })) })

  it('lets a request through, and an event reports the refusal', async () => {
    await expectReached(api.apps, request('/report-scope'))
    expect(api.reports).toEqual(
      onAll({ ...refused(403, 'ERR_INSUFFICIENT_SCOPE', 'scope', 'scope', ['orders:admin']), format }),
    )
  })

  it('reports nothing if it permits', async () => {
    await expectReached(api.apps, request('/report-scope', { scope: 'orders:admin' }))
    await expectReached(api.apps, request('/report-step-up', { auth_time: NOW }))
    expect(api.reports).toEqual(onAll())
  })

  it('does not change the response', async () => {
    const response = await responseOfAll(api.apps, request('/report-step-up'))
    expect([response.status, response.all('WWW-Authenticate')]).toEqual([200, []])
    const code = 'ERR_INSUFFICIENT_USER_AUTHENTICATION'
    expect(api.reports).toEqual(onAll({ ...refused(401, code, 'authentication', 'auth_time'), format }))
    await expectRefusal(api.apps, request('/report-step-up', { scope: 'users:read' }), {
      error: 'insufficient_scope',
      reason: 'scope',
      scope: 'orders:read',
    })
    await expectRefusal(api.apps, { target: '/report-scope' }, { reason: 'no_credentials' })
    await expectReached(api.apps, { target: '/report-open' })
  })

  it('may throw, and may never settle', async () => {
    await expectReached(api.apps, request('/report-throws'))
    await expectReached(api.apps, request('/report-never'))
    const failed = { status: undefined, code: undefined, reason: undefined, claim: undefined, scopes: [] }
    expect(api.reports).toEqual(onAll({ type: 'report', outcome: 'failed', ...failed, issuer: ISSUER, format }))
  })

  it('is reported once per request, even if it is stacked', async () => {
    await expectReached(api.apps, request('/report-stacked'))
    expect(api.reports.map((list) => list.length)).toEqual(api.apps.map(() => 1))
    await expectReached(api.apps, request('/report-stacked'))
    expect(api.reports.map((list) => list.length)).toEqual(api.apps.map(() => 2))
  })
})

describe('G6: a report-only rule for the whole server', () => {
  const read = (claims: object = {}, header: object = {}) => {
    const token = kit.token({
      claims: kit.claims({ scope: 'orders:read', ...claims }),
      header: kit.header({ ...header }),
    })
    return { target: '/read', lines: bearer(token) }
  }
  const unbound = { ...refused(401, 'ERR_INVALID_TOKEN', 'unbound', 'cnf'), format: 'jwt' }

  it.each([
    ['dpop', { dpop: { mode: 'report-only' } } as const],
    ['mtls', { mtls: { mode: 'report-only' } } as const],
  ])('%s: bearer tokens are accepted and reported', async (name, options) => {
    api = await start(name, options)
    await expectReached(api.apps, read())
    expect(api.reports).toEqual(onAll(unbound))
    await expectRefusal(api.apps, read({ scope: 'users:read' }), {
      error: 'insufficient_scope',
      reason: 'scope',
      scope: 'orders:read',
    })
  })

  it("profile: 'report-only': tokens that violate RFC 9068 are accepted, and reported each time", async () => {
    const issuer = { issuer: ISSUER, keys: keySetOf(kit.signers.ES256), profile: 'report-only' } as const
    api = await start('profile', { resource: RESOURCE, issuer })
    const request = read({}, { typ: 'JWT' })
    const expected = { ...refused(401, 'ERR_INVALID_TOKEN', 'token_type', 'typ'), format: 'jwt' }
    await expectReached(api.apps, request)
    await expectReached(api.apps, request)
    await expectReached(api.apps, read())
    expect(api.reports).toEqual(onAll(expected, expected))
  })
})
