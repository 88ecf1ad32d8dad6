import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal } from '../support/apps/expect-response.ts'
import { bearer, exchange } from '../support/http/raw-client.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { ORDERS, THROWING_PATHS } from './orders-api.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

let issuer: TestIssuer
let apps: readonly App[]

beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  apps = await startAll({ resource: RESOURCE, issuer: issuer.url }, ORDERS)
})

afterAll(async () => {
  await closeAll(apps)
  await issuer.stop()
})

const request = async (target: string, claims: Record<string, unknown> = {}) => ({
  target,
  lines: bearer(await issuer.sign(claims)),
})

const permits = async (target: string, claims?: Record<string, unknown>) => {
  expect((await expectReached(apps, await request(target, claims))).route).toBe(target)
}

const refuses = async (target: string, claims: Record<string, unknown> | undefined, scope?: string) => {
  const reason = scope === undefined ? 'guard' : 'scope'
  await expectRefusal(apps, await request(target, claims), {
    error: 'insufficient_scope',
    reason,
    ...(scope !== undefined && { scope }),
  })
}

describe('G1: guards', () => {
  it('each of them authenticates on its own', async () => {
    for (const { path } of ORDERS.filter((route) => !route.path.startsWith('/open'))) {
      const responses = await Promise.all(apps.map((app) => exchange(app.port, { target: path })))
      expect([path, ...responses.map(({ status }) => status)]).toEqual([path, ...apps.map(() => 401)])
    }
    expect(apps.flatMap(({ reached }) => reached)).toEqual([])
  })

  it('requireScope requires all of its scopes (RFC 6750 §3.1)', async () => {
    await permits('/both', { scope: 'write:orders read:orders' })
    await refuses('/both', { scope: 'read:orders' }, 'read:orders write:orders')
    await refuses('/both', { scope: '' }, 'read:orders write:orders')
  })

  it('requireAnyScope requires one, and its challenge names the first', async () => {
    await permits('/either', { scope: 'admin' })
    await permits('/either', { scope: 'write:orders' })
    await refuses('/either', { scope: 'read:orders' }, 'write:orders')
  })

  it('claim requires a value, or a list that contains it', async () => {
    await permits('/gold', { tier: 'gold' })
    await permits('/gold', { tier: ['silver', 'gold'] })
    for (const tier of ['silver', 'GOLD', 'gold ', '', null, true, 1, { gold: true }, [['gold']], undefined]) {
      await refuses('/gold', { tier })
    }
  })

  it('claim takes a predicate, and only true permits', async () => {
    await permits('/level', { level: 3 })
    await refuses('/level', { level: 2 })
    await refuses('/level', { level: '9' })
    await refuses('/level', {})
  })

  it('anyOf requires one of its guards', async () => {
    await permits('/any-of', { scope: 'admin' })
    await permits('/any-of', { tier: 'gold' })
    await refuses('/any-of', { scope: 'read:orders' }, 'admin')
  })

  it('allOf requires all of its guards, and its challenge names scopes only if one is missing', async () => {
    await permits('/all-of', { scope: 'write:orders', tier: 'gold' })
    await refuses('/all-of', { scope: 'read:orders', tier: 'gold' }, 'write:orders')
    await refuses('/all-of', { scope: 'write:orders', tier: 'silver' })
  })

  it.each(['/own', '/own-async'])('custom functions decide: %s', async (path) => {
    await permits(path)
    await refuses(path, { sub: 'user-2' })
  })

  it.each(['/own-truthy', '/own-async-truthy', '/own-nothing'])('only true permits: %s', async (path) => {
    await refuses(path, {})
  })

  it('a thenable is awaited', async () => {
    await permits('/thenable-yes')
    await refuses('/thenable-no', {})
  })
})

describe('A7: a guard that throws something else', () => {
  it.each(THROWING_PATHS)('is a 500 of the application, never an allow and never a 401: %s', async (path) => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined) // Hono reports application errors there
    const before = apps.map(({ reached }) => reached.length)
    const sent = await request(path)
    const responses = await Promise.all(apps.map(async (app) => [app.name, await exchange(app.port, sent)] as const))
    for (const [name, response] of responses) {
      expect([name, response.status]).toEqual([name, 500])
      expect([name, response.all('WWW-Authenticate')]).toEqual([name, []])
    }
    expect(apps.map(({ reached }) => reached.length)).toEqual(before)
  })
})
