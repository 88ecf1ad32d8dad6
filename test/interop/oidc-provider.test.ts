import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { closeAll } from '../support/apps/apps.ts'
import { expectRefusal } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import type { OidcProvider } from '../support/oidc-provider/oidc-provider.ts'
import { until } from '../support/upstream/requests.ts'
import { expectAccepted, expectInvalid, startApis } from './oidc-provider-api.ts'
import { OTHER_RESOURCE, refresh, signIn, startProvider, tokenOf, VISIT } from './oidc-provider-clients.ts'

// A real, independent authorization server: its tokens, and its introspection responses (RFC 7662).

let provider: OidcProvider
let apps: readonly App[]
beforeAll(async () => {
  provider = await startProvider()
  apps = await startApis(provider)
})
afterAll(async () => {
  await closeAll(apps)
  await provider.stop()
})

describe('an opaque token of a client (RFC 6749 §4.4)', () => {
  it('is accepted with its scopes and its client; it has no subject', async () => {
    const reached = await expectAccepted(apps, await tokenOf(provider, 'robot'))
    expect(reached).toMatchObject({
      subject: null,
      client: 'robot',
      scopes: ['read:orders'],
      issuer: provider.issuer,
      claims: { aud: RESOURCE, token_type: 'Bearer' },
    })
  })

  it('is introspected once by each API, however often it is sent (RFC 7662 §4)', async () => {
    const token = await tokenOf(provider, 'robot')
    const before = provider.introspections()
    for (let round = 0; round < 5; round++) await expectAccepted(apps, token)
    expect(provider.introspections() - before).toBe(apps.length)
  })

  it('is refused with 403 without a scope of the route, and the challenge names all that are required (RFC 6750 §3.1)', async () => {
    const lacking = { error: 'insufficient_scope', reason: 'scope', scope: 'read:orders write:orders' } as const
    const token = await tokenOf(provider, 'robot')
    await expectRefusal(apps, { target: '/orders/new', lines: bearer(token) }, lacking)
    await expectAccepted(apps, await tokenOf(provider, 'robot', { scope: 'read:orders write:orders' }), '/orders/new')
  })

  it('is refused for another resource, and without one (RFC 8707 §2)', async () => {
    await expectInvalid(apps, await tokenOf(provider, 'robot', { resource: OTHER_RESOURCE }), 'audience')
    await expectInvalid(apps, await tokenOf(provider, 'robot', { resource: null }), 'missing_claim')
  })

  it('is refused if it is unknown, and introspected once', async () => {
    const before = provider.introspections()
    for (let round = 0; round < 3; round++) await expectInvalid(apps, 'of-no-authorization-server', 'inactive')
    expect(provider.introspections() - before).toBe(apps.length)
  })
})

describe('the expiry of an opaque token', () => {
  it('ends its cached response as well', async () => {
    let ahead = 0
    const clock = () => Date.now() / 1000 + ahead
    const strict = await startApis(provider, {
      clock,
      introspection: { cache: { active: 3600 } },
      issuer: { clockTolerance: 0 },
    })
    try {
      const token = await tokenOf(provider, 'robot')
      await expectAccepted(strict, token)
      const before = provider.introspections()
      ahead = 301
      await expectInvalid(strict, token, 'expired')
      expect(provider.introspections(), 'the cached response has the expiry of the token').toBe(before)
      await expectInvalid(strict, await tokenOf(provider, 'robot'), 'expired')
    } finally {
      await closeAll(strict)
    }
  })

  it('is checked by the authorization server, which then calls it inactive', async () => {
    const token = await tokenOf(provider, 'visitor')
    const end = Date.now() + VISIT * 1000
    await until(() => Date.now() > end, 'the end of the token')
    await expectInvalid(apps, token, 'inactive')
  })
})

describe('the tokens of a user who signs in (RFC 6749 §4.1, RFC 7636)', () => {
  it('are accepted with subject, client and scopes', async () => {
    const { accessToken } = await signIn(provider)
    expect(await expectAccepted(apps, accessToken, '/orders/new')).toMatchObject({
      subject: 'alice',
      client: 'web',
      scopes: ['read:orders', 'write:orders'],
    })
  })

  it('work after each rotation of the refresh token (RFC 9700 §4.14.2)', async () => {
    const first = await signIn(provider)
    await expectAccepted(apps, first.accessToken)
    const second = await refresh(provider, first.refreshToken)
    const third = await refresh(provider, second.refreshToken)
    expect(new Set([first, second, third].map(({ accessToken }) => accessToken)).size).toBe(3)
    expect(await expectAccepted(apps, third.accessToken)).toMatchObject({ subject: 'alice', client: 'web' })
  })

  it('are all revoked when a used refresh token is reused (RFC 9700 §4.14.2)', async () => {
    const first = await signIn(provider)
    const second = await refresh(provider, first.refreshToken)
    await expect(refresh(provider, first.refreshToken)).rejects.toThrow()
    await expectInvalid(apps, second.accessToken, 'inactive')
  })

  it('are refused if they are refresh tokens, used or not (RFC 7662 §4)', async () => {
    const { refreshToken } = await signIn(provider)
    // The response calls it active, with subject and scopes, but without our audience.
    await expectInvalid(apps, refreshToken, 'missing_claim')
    await refresh(provider, refreshToken)
    await expectInvalid(apps, refreshToken, 'missing_claim')
    await Promise.all(apps.map((app) => app.server.forget(refreshToken)))
    await expectInvalid(apps, refreshToken, 'inactive')
  })

  it('are refused if they are ID tokens, without a call (RFC 9068 §4)', async () => {
    const { idToken } = await signIn(provider)
    const before = provider.introspections()
    await expectInvalid(apps, idToken, 'token_type')
    expect(provider.introspections()).toBe(before)
  })
})

describe('JWT and opaque tokens of one issuer', () => {
  it('are accepted side by side; a JWT needs no introspection (RFC 9068 §4)', async () => {
    const [jwt, opaque] = await Promise.all([tokenOf(provider, 'jwt-robot'), tokenOf(provider, 'robot')])
    const before = provider.introspections()
    expect(await expectAccepted(apps, jwt)).toMatchObject({ client: 'jwt-robot', scopes: ['read:orders'] })
    expect(provider.introspections()).toBe(before)
    expect(await expectAccepted(apps, opaque)).toMatchObject({ client: 'robot', scopes: ['read:orders'] })
    expect(provider.introspections() - before).toBe(apps.length)
  })

  it('do not replace each other: a JWT that fails locally is not introspected', async () => {
    const jwt = await tokenOf(provider, 'jwt-robot')
    const signature = jwt.slice(jwt.lastIndexOf('.') + 1)
    const forged = jwt.replace(signature, Buffer.from(signature, 'base64url').reverse().toString('base64url'))
    const foreign = await tokenOf(provider, 'jwt-robot', { resource: OTHER_RESOURCE })
    const before = provider.introspections()
    await expectInvalid(apps, forged, 'signature')
    await expectInvalid(apps, foreign, 'audience')
    expect(provider.introspections()).toBe(before)
  })
})
