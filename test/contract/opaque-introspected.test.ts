import { allOf, introspected, scope } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { App, Route } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import {
  activeResponse,
  CLIENT,
  createIntrospectingIssuer,
  type IntrospectingIssuer,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'

// I9 on every adapter: routes that require a recent introspection.

const clock = useMonotonicClock()
let auth: IntrospectingIssuer
let apps: readonly App[] = []

const ROUTES: readonly Route[] = [
  { path: '/orders', use: (to) => [to.requireScope('read:orders')] },
  { path: '/pay', use: (to) => [to.protect(scope('read:orders'), introspected({ maxAge: 5 }))] },
  { path: '/pay-all', use: (to) => [to.protect(allOf(introspected({ maxAge: 5 }), scope('read:orders')))] },
  { path: '/open-pay', use: (to) => [to.optionalAuth(introspected({ maxAge: 5 }))] },
  {
    path: '/stacked',
    use: (to) => [to.protect(), to.requireScope('read:orders'), to.protect(introspected({ maxAge: 5 }))],
  },
  {
    path: '/bank/pay',
    router: { prefix: '/bank', use: (to) => [to.requireScope('read:orders')] },
    use: (to) => [to.protect(introspected({ maxAge: 5 }))],
  },
]

beforeEach(async () => {
  auth = await createIntrospectingIssuer()
  const introspection = { endpoint: auth.endpoint.url, client: CLIENT, deadline: 5 }
  apps = await startAll({ resource: RESOURCE, issuer: { issuer: auth.issuer.url, introspection } }, ROUTES)
})
afterEach(async () => {
  await closeAll(apps)
  await auth.stop()
})

/** Introspection requests per adapter since the last call. */
function perApp(): number {
  const count = auth.endpoint.calls() / apps.length
  auth.endpoint.requests.length = 0
  return count
}

const STRICT = ['/pay', '/pay-all', '/open-pay', '/stacked', '/bank/pay']

describe.each(STRICT)('%s', (target) => {
  it('introspects once if the cached response is older than 5 s, and not if it is younger', async () => {
    const lines = bearer(auth.opaque())
    await expectReached(apps, { lines })
    clock.advance(4)
    await expectReached(apps, { target, lines })
    expect(perApp()).toBe(1)
    clock.advance(2)
    await expectReached(apps, { target, lines })
    expect(perApp()).toBe(1)
  })

  it('notices a revoked token immediately', async () => {
    const token = auth.opaque()
    await expectReached(apps, { lines: bearer(token) })
    auth.endpoint.responses.set(token, { active: false })
    clock.advance(6)
    await expectReached(apps, { lines: bearer(token) })
    const scopes = ['/open-pay'].includes(target) ? {} : { scope: 'read:orders' }
    await expectRefusal(
      apps,
      { target, lines: bearer(token) },
      { error: 'invalid_token', reason: 'inactive', ...scopes },
    )
  })

  it('notices a withdrawn scope immediately, also if the guard that requires it is mounted before (RFC 7662 §4)', async () => {
    const token = auth.opaque()
    await expectReached(apps, { lines: bearer(token) })
    auth.endpoint.responses.set(token, activeResponse({ scope: 'read:other' }))
    clock.advance(6)
    await expectReached(apps, { lines: bearer(token) })
    if (target === '/open-pay') await expectReached(apps, { target, lines: bearer(token) })
    else
      await expectRefusal(
        apps,
        { target, lines: bearer(token) },
        { error: 'insufficient_scope', reason: 'scope', scope: 'read:orders' },
      )
  })

  it('uses the current response of the issuer', async () => {
    const token = auth.opaque()
    await expectReached(apps, { lines: bearer(token) })
    auth.endpoint.responses.set(token, activeResponse({ sub: 'user-2' }))
    clock.advance(6)
    expect(await expectReached(apps, { target, lines: bearer(token) })).toMatchObject({ subject: 'user-2' })
  })

  it('refuses a JWT whose introspection response names another subject (RFC 7662 §2.2)', async () => {
    const token = await auth.issuer.sign({ sub: 'user-1' })
    auth.endpoint.responses.set(token, activeResponse({ sub: 'user-2' }))
    const scopes = ['/open-pay'].includes(target) ? {} : { scope: 'read:orders' }
    await expectRefusal(apps, { target, lines: bearer(token) }, { error: 'invalid_token', reason: 'claims', ...scopes })
  })

  it('introspects a JWT as well, and refuses a revoked one', async () => {
    const token = await auth.issuer.sign()
    auth.endpoint.responses.set(token, activeResponse())
    await expectReached(apps, { lines: bearer(token) })
    expect(perApp()).toBe(0)
    await expectReached(apps, { target, lines: bearer(token) })
    expect(perApp()).toBe(1)
    auth.endpoint.responses.set(token, { active: false })
    clock.advance(6)
    await expectReached(apps, { lines: bearer(token) })
    const scopes = ['/open-pay'].includes(target) ? {} : { scope: 'read:orders' }
    await expectRefusal(
      apps,
      { target, lines: bearer(token) },
      { error: 'invalid_token', reason: 'inactive', ...scopes },
    )
  })
})

it('a route with optional authentication serves anonymous callers without introspection', async () => {
  await expectReached(apps, { target: '/open-pay' })
  expect(perApp()).toBe(0)
})
