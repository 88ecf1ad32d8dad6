import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal, responseOfAll, SENTENCES } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import {
  CLIENT,
  createIntrospectingIssuer,
  type IntrospectingIssuer,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { ORDERS } from './orders-api.ts'

// Introspection on the wire: what clients of each framework read when their tokens are opaque.

let auth: IntrospectingIssuer
let apps: readonly App[]

beforeAll(async () => {
  auth = await createIntrospectingIssuer()
  const introspection = { endpoint: auth.endpoint.url, client: CLIENT, deadline: 5 }
  apps = await startAll({ resource: RESOURCE, issuer: { issuer: auth.issuer.url, introspection } }, ORDERS)
})
beforeEach(() => {
  auth.endpoint.requests.length = 0
})
afterAll(async () => {
  await closeAll(apps)
  await auth.stop()
})

const METADATA = 'https://api.example.com/.well-known/oauth-protected-resource'
const refuses = (token: string, reason: Parameters<typeof expectRefusal>[2]['reason']) =>
  expectRefusal(apps, { lines: bearer(token) }, { error: 'invalid_token', reason, scope: 'read:orders' })

describe('an opaque token', () => {
  it('that is active reaches the handler, the second time without introspection (RFC 7662 §2.2)', async () => {
    const token = auth.opaque({ tier: 'gold' })
    for (const round of [1, 2]) {
      const reached = await expectReached(apps, { lines: bearer(token) })
      expect([round, reached]).toMatchObject([
        round,
        {
          route: '/orders',
          subject: 'user-1',
          client: 'client-1',
          scopes: ['read:orders'],
          issuer: auth.issuer.url,
          claims: { tier: 'gold' },
        },
      ])
      expect(auth.endpoint.calls(token)).toBe(apps.length)
    }
  })

  it('with cache.active 0 is introspected for each of several requests at once (I13)', async () => {
    const introspection = { endpoint: auth.endpoint.url, client: CLIENT, deadline: 5, cache: { active: 0 } }
    const options = { resource: RESOURCE, issuer: { issuer: auth.issuer.url, introspection } }
    const strict = await startAll(options, ORDERS)
    try {
      const token = auth.opaque()
      const requests = Array.from({ length: 10 }, () => expectReached(strict, { lines: bearer(token) }))
      await Promise.all(requests)
      expect(auth.endpoint.calls(token)).toBe(10 * strict.length)
      auth.endpoint.responses.set(token, { active: false })
      await expectRefusal(
        strict,
        { lines: bearer(token) },
        { error: 'invalid_token', reason: 'inactive', scope: 'read:orders' },
      )
    } finally {
      await closeAll(strict)
    }
  })

  it('I12: is accepted with a scope list, null members and times as strings (RFC 7662 §2.2)', async () => {
    const exp = Math.floor(Date.now() / 1000) + 60
    const token = auth.opaque({ scope: ['read:orders'], exp: String(exp), sub: null, jti: null })
    expect(await expectReached(apps, { lines: bearer(token) })).toMatchObject({
      scopes: ['read:orders'],
      claims: { exp },
    })
    await refuses(auth.opaque({ exp: String(exp - 120) }), 'expired')
    await refuses(auth.opaque({ cnf: null }), 'confirmation')
  })

  it('that is inactive gets 401 with exactly this challenge (RFC 6750 §3.1)', async () => {
    await refuses('unknown-token', 'inactive')
    const { header, body } = await responseOfAll(apps, { lines: bearer('unknown-token') })
    expect(header('WWW-Authenticate')).toBe(
      `Bearer realm="https://api.example.com", error="invalid_token", error_description="${SENTENCES.inactive}", ` +
        `scope="read:orders", resource_metadata="${METADATA}"`,
    )
    expect(JSON.parse(body)).toEqual({
      error: 'invalid_token',
      error_description: SENTENCES.inactive,
      reason: 'inactive',
    })
  })

  it('for another resource, from another issuer, expired, bound or of another kind gets 401', async () => {
    await refuses(auth.opaque({ aud: 'https://other.example' }), 'audience')
    await refuses(auth.opaque({ aud: undefined }), 'missing_claim')
    await refuses(auth.opaque({ iss: 'https://other.example' }), 'issuer')
    await refuses(auth.opaque({ exp: 1 }), 'expired')
    await refuses(auth.opaque({ cnf: { jkt: 'x' } }), 'confirmation')
    await refuses(auth.opaque({ token_type: 'refresh_token' }), 'token_type')
  })

  it('that lacks a scope gets 403 with every scope of the route (RFC 6750 §3.1)', async () => {
    const lines = bearer(auth.opaque({ scope: 'write:orders' }))
    const refusal = { error: 'insufficient_scope', reason: 'scope' } as const
    await expectRefusal(apps, { lines }, { ...refusal, scope: 'read:orders' })
    await expectRefusal(apps, { target: '/both', lines }, { ...refusal, scope: 'read:orders write:orders' })
    await expectReached(apps, { target: '/either', lines })
  })

  it('works with every kind of guard', async () => {
    const lines = bearer(auth.opaque({ tier: 'gold', level: 3, scope: 'write:orders' }))
    for (const target of ['/signed-in', '/gold', '/level', '/any-of', '/all-of', '/own', '/own-async']) {
      await expectReached(apps, { target, lines })
    }
    const poor = bearer(auth.opaque({ sub: 'user-2' }))
    for (const target of ['/gold', '/level', '/own', '/own-async']) {
      await expectRefusal(apps, { target, lines: poor }, { error: 'insufficient_scope', reason: 'guard' })
    }
  })

  it('that looks like a JWT is decided locally: 401 without introspection (M3)', async () => {
    const good = await auth.issuer.sign()
    await expectReached(apps, { lines: bearer(good) })
    const other = await auth.issuer.sign({ sub: 'x' })
    const forged = `${good.slice(0, good.lastIndexOf('.'))}${other.slice(other.lastIndexOf('.'))}`
    await refuses(forged, 'signature')
    await refuses(await auth.issuer.sign({ iss: 'https://stranger.example' }), 'issuer')
    expect(auth.endpoint.calls()).toBe(0)
  })
})

describe('a request without a token68', () => {
  it.each(['', 'a b', 'ä', '"a"', 'a=b', '=', 'tökén', 'a\tb', 'a;b', 'a%20b'])(
    'Bearer %j: 400 without introspection (RFC 6750 §2.1)',
    async (value) => {
      const request = { lines: [`Authorization: Bearer ${Buffer.from(value).toString('latin1')}`] }
      await expectRefusal(apps, request, { error: 'invalid_request', reason: 'credentials_syntax' })
      expect(auth.endpoint.calls()).toBe(0)
    },
  )

  it('no token, two tokens, a token in the query: no introspection', async () => {
    await expectRefusal(apps, {}, { reason: 'no_credentials', scope: 'read:orders' })
    const token = auth.opaque()
    const twice = { lines: [...bearer(token), ...bearer(token)] }
    await expectRefusal(apps, twice, { error: 'invalid_request', reason: 'several_credentials' })
    const query = { target: `/orders?access_token=${token}` }
    await expectRefusal(apps, query, { error: 'invalid_request', reason: 'query_token' })
    expect(auth.endpoint.calls()).toBe(0)
  })
})

describe('a route that also serves anonymous callers (R6)', () => {
  it('serves them without introspection', async () => {
    expect(await expectReached(apps, { target: '/open' })).toMatchObject({ subject: null })
    expect(auth.endpoint.calls()).toBe(0)
  })

  it('identifies the subject of a good token', async () => {
    expect(await expectReached(apps, { target: '/open', lines: bearer(auth.opaque()) })).toMatchObject({
      subject: 'user-1',
    })
  })

  it('still refuses a bad one', async () => {
    const request = { target: '/open', lines: bearer('unknown-token') }
    await expectRefusal(apps, request, { error: 'invalid_token', reason: 'inactive' })
  })
})

describe('several guards for one request (R7)', () => {
  it.each(['/twice', '/stacked', '/open-then-closed'])('introspect once: %s', async (target) => {
    const token = auth.opaque({ scope: 'read:orders write:orders' })
    await expectReached(apps, { target, lines: bearer(token) })
    expect(auth.endpoint.calls(token)).toBe(apps.length)
  })

  it('of a router and its route introspect once', async () => {
    const token = auth.opaque({ scope: 'team read:orders' })
    await expectReached(apps, { target: '/team/orders', lines: bearer(token) })
    expect(auth.endpoint.calls(token)).toBe(apps.length)
  })
})
