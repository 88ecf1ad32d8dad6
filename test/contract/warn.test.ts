import type { ResourceServerOptions } from 'bearward'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER, NOW } from '../corpus/kit.ts'
import { answerOfAll, expectReached, expectRefusal } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { type FineApi, kit, startFineApi } from './fine-guards.ts'

// SPEC G6 on every adapter.

const started = new Map<string, FineApi>()
async function start(name: string, more: Partial<ResourceServerOptions> = {}): Promise<FineApi> {
  const api = started.get(name) ?? (await startFineApi(more))
  started.set(name, api)
  for (const list of api.warnings) list.length = 0
  return api
}
let api: FineApi
beforeEach(async () => {
  api = await start('plain')
})
afterAll(() => Promise.all([...started.values()].map((one) => one.close())))

const onAll = (...events: readonly object[]) => api.apps.map(() => events)
const refused = (status: number, code: string, reason: string, scopes: readonly string[] = []) => ({
  type: 'report',
  outcome: 'refused',
  status,
  code,
  reason,
  scopes,
  issuer: ISSUER,
})

describe.each(['jwt', 'opaque'] as const)('G6: a guard on trial, %s', (format) => {
  const ask = (target: string, claims: object = {}) => ({ target, lines: bearer(api.token(format, { ...claims })) })

  it('lets a request through, and an event tells what it would have refused', async () => {
    await expectReached(api.apps, ask('/warn-scope'))
    expect(api.warnings).toEqual(
      onAll({ ...refused(403, 'ERR_INSUFFICIENT_SCOPE', 'scope', ['orders:admin']), format }),
    )
  })

  it('tells nothing where it permits', async () => {
    await expectReached(api.apps, ask('/warn-scope', { scope: 'orders:admin' }))
    await expectReached(api.apps, ask('/warn-step-up', { auth_time: NOW }))
    expect(api.warnings).toEqual(onAll())
  })

  it('changes nothing of an answer', async () => {
    const answer = await answerOfAll(api.apps, ask('/warn-step-up'))
    expect([answer.status, answer.all('WWW-Authenticate')]).toEqual([200, []])
    const code = 'ERR_INSUFFICIENT_USER_AUTHENTICATION'
    expect(api.warnings).toEqual(onAll({ ...refused(401, code, 'authentication'), format }))
    await expectRefusal(api.apps, ask('/warn-step-up', { scope: 'users:read' }), {
      error: 'insufficient_scope',
      reason: 'scope',
      scope: 'orders:read',
    })
    await expectRefusal(api.apps, { target: '/warn-scope' }, { reason: 'no_credentials' })
    await expectReached(api.apps, { target: '/warn-open' })
  })

  it('may throw, and may never answer', async () => {
    await expectReached(api.apps, ask('/warn-throws'))
    await expectReached(api.apps, ask('/warn-never'))
    const failed = { status: undefined, code: undefined, reason: undefined, scopes: [] }
    expect(api.warnings).toEqual(onAll({ type: 'report', outcome: 'failed', ...failed, issuer: ISSUER, format }))
  })

  it('is told of once for a request, though it is stacked', async () => {
    await expectReached(api.apps, ask('/warn-stacked'))
    expect(api.warnings.map((list) => list.length)).toEqual(api.apps.map(() => 1))
    await expectReached(api.apps, ask('/warn-stacked'))
    expect(api.warnings.map((list) => list.length)).toEqual(api.apps.map(() => 2))
  })
})

describe('G6: a new rule for the whole server on trial', () => {
  const read = (claims: object = {}, header: object = {}) => {
    const token = kit.token({
      claims: kit.claims({ scope: 'orders:read', ...claims }),
      header: kit.header({ ...header }),
    })
    return { target: '/read', lines: bearer(token) }
  }
  const unbound = { ...refused(401, 'ERR_INVALID_TOKEN', 'unbound'), format: 'jwt' }

  it.each([
    ['dpop', { dpop: { mode: 'report-only' } } as const],
    ['mtls', { mtls: { mode: 'report-only' } } as const],
  ])('%s: bearer tokens go on, and are told of', async (name, options) => {
    api = await start(name, options)
    await expectReached(api.apps, read())
    expect(api.warnings).toEqual(onAll(unbound))
    await expectRefusal(api.apps, read({ scope: 'users:read' }), {
      error: 'insufficient_scope',
      reason: 'scope',
      scope: 'orders:read',
    })
  })

  it("profile: 'report-only': tokens that RFC 9068 does not describe go on, and are told of each time", async () => {
    const issuer = { issuer: ISSUER, keys: keySetOf(kit.signers.ES256), profile: 'report-only' } as const
    api = await start('profile', { resource: RESOURCE, issuer })
    const request = read({}, { typ: 'JWT' })
    const told = { ...refused(401, 'ERR_INVALID_TOKEN', 'token_type'), format: 'jwt' }
    await expectReached(api.apps, request)
    await expectReached(api.apps, request)
    await expectReached(api.apps, read())
    expect(api.warnings).toEqual(onAll(told, told))
  })
})
