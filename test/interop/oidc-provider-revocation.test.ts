import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { closeAll } from '../support/apps/apps.ts'
import type { OidcProvider } from '../support/oidc-provider/oidc-provider.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { createLog } from '../support/upstream/requests.ts'
import { type ApiOptions, expectAccepted, expectInvalid, expectUnavailable, startApis } from './oidc-provider-api.ts'
import { revoke, startProvider, tokenOf } from './oidc-provider-clients.ts'

// The effect of a revocation (RFC 7009) under each setting, as described in docs/caching.md.

let provider: OidcProvider
let apps: readonly App[] = []
beforeAll(async () => {
  provider = await startProvider()
})
afterEach(async () => {
  await closeAll(apps)
  apps = []
})
afterAll(() => provider.stop())

const clock = useMonotonicClock()

async function start(options: ApiOptions = {}): Promise<void> {
  apps = await startApis(provider, options)
}

/** A token that was accepted before it was revoked. */
async function revoked(client = 'robot'): Promise<string> {
  const token = await tokenOf(provider, client)
  await expectAccepted(apps, token)
  await revoke(provider, client, token)
  return token
}

describe('a revoked opaque token', () => {
  it('is accepted until the cached response expires after 60 seconds, and not longer (RFC 7662 §4)', async () => {
    await start()
    const token = await revoked()
    await expectAccepted(apps, token)
    clock.advance(59)
    await expectAccepted(apps, token)
    clock.advance(2)
    await expectInvalid(apps, token, 'inactive')
  })

  it('is accepted for as long as `active` says', async () => {
    await start({ introspection: { cache: { active: 5 } } })
    const token = await revoked()
    clock.advance(4)
    await expectAccepted(apps, token)
    clock.advance(2)
    await expectInvalid(apps, token, 'inactive')
  })

  it('is refused at once without a cache', async () => {
    await start({ introspection: { cache: { active: 0 } } })
    await expectInvalid(apps, await revoked(), 'inactive')
  })

  it('is refused at once on a route with introspected(), and from then on everywhere', async () => {
    await start()
    const token = await revoked()
    await expectAccepted(apps, token)
    await expectInvalid(apps, token, 'inactive', '/orders/pay')
    await expectInvalid(apps, token, 'inactive')
  })

  it('is refused at once after forget()', async () => {
    await start()
    const token = await revoked()
    await Promise.all(apps.map(({ server }) => server.forget(token)))
    await expectInvalid(apps, token, 'inactive')
  })

  it('is refused at once after forget() of all tokens of its client; those of others stay cached', async () => {
    await start()
    const other = await tokenOf(provider, 'jwt-robot')
    const [token, unrevoked] = [await revoked(), await tokenOf(provider, 'visitor')]
    await expectAccepted(apps, unrevoked)
    await Promise.all(apps.map(({ server }) => server.forget(({ clientId }) => clientId === 'robot')))
    const before = provider.introspections()
    await expectAccepted(apps, unrevoked)
    await expectAccepted(apps, other)
    expect(provider.introspections()).toBe(before)
    await expectInvalid(apps, token, 'inactive')
  })

  it('is refused if it was revoked before its first use', async () => {
    await start()
    const token = await tokenOf(provider, 'robot')
    await revoke(provider, 'robot', token)
    await expectInvalid(apps, token, 'inactive')
  })
})

describe('a route with introspected()', () => {
  it('introspects each time, and its response serves the other routes', async () => {
    await start()
    const token = await tokenOf(provider, 'robot')
    const before = provider.introspections()
    await expectAccepted(apps, token, '/orders/pay')
    await expectAccepted(apps, token, '/orders/pay')
    expect(provider.introspections() - before).toBe(2 * apps.length)
    await expectAccepted(apps, token)
    expect(provider.introspections() - before).toBe(2 * apps.length)
  })

  it('gets no introspection response for a JWT from this server: 503, and the event names the error', async () => {
    const log = createLog()
    await start({ log })
    const jwt = await tokenOf(provider, 'jwt-robot')
    await expectAccepted(apps, jwt)
    await expectUnavailable(apps, jwt, '/orders/pay')
    const refused = log.of('fetch').filter(({ outcome }) => outcome === 'failed')
    expect(refused).toHaveLength(apps.length)
    for (const event of refused) {
      expect(event).toMatchObject({ target: 'introspection', code: 'client_refused', status: 400 })
    }
    // Our mistake is not an outage: everything else works.
    await expectAccepted(apps, jwt)
    await expectAccepted(apps, await tokenOf(provider, 'robot'), '/orders/pay')
  })
})

describe('an authorization server that is down', () => {
  afterEach(async () => {
    await provider.stop()
    await provider.start()
  })

  it('does not affect cached tokens, and is a 503 for all others', async () => {
    await start()
    const [cached, unknown] = [await tokenOf(provider, 'robot'), await tokenOf(provider, 'robot')]
    await expectAccepted(apps, cached)
    await provider.stop()
    await expectAccepted(apps, cached)
    await expectUnavailable(apps, unknown)
    await expectUnavailable(apps, cached, '/orders/pay')
    clock.advance(61)
    await expectUnavailable(apps, cached)
  })

  it('is called again when it is back', async () => {
    await start()
    const token = await tokenOf(provider, 'robot')
    await provider.stop()
    await expectUnavailable(apps, token)
    await provider.start()
    clock.advance(61)
    await expectAccepted(apps, token)
  })
})
