import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal, responseOfAll } from '../support/apps/expect-response.ts'
import { bearer, exchange } from '../support/http/raw-client.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { ORDERS } from './orders-api.ts'

let issuer: TestIssuer
let apps: readonly App[]
let lenient: readonly App[]
let good: string
let bad: string

beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  const options = { resource: RESOURCE, issuer: issuer.url }
  apps = await startAll(options, ORDERS)
  lenient = await startAll({ ...options, queryTokens: 'ignore' }, ORDERS)
  good = await issuer.sign()
  bad = await issuer.sign({ exp: 1 })
})

afterAll(async () => {
  await closeAll([...apps, ...lenient])
  await issuer.stop()
})

const credentials = (...values: readonly string[]) => ({ lines: values.map((value) => `Authorization: ${value}`) })

describe('R1: the Authorization header', () => {
  it('carries a scheme and one token68 (RFC 6750 §2.1)', async () => {
    const reached = await expectReached(apps, { lines: bearer(good) })
    expect(reached).toMatchObject({ route: '/orders', subject: 'user-1', client: 'client-1', scopes: ['read:orders'] })
  })

  it('names the scheme in any case (RFC 9110 §11.1)', async () => {
    for (const scheme of ['bearer', 'BEARER', 'bEARER']) await expectReached(apps, credentials(`${scheme} ${good}`))
  })

  it('may have several spaces after the scheme (RFC 9110 §11.4)', async () => {
    await expectReached(apps, credentials(`Bearer     ${good}`))
  })

  it('is refused with 400 if nothing follows an accepted scheme (RFC 6750 §3.1)', async () => {
    await expectRefusal(apps, credentials('Bearer'), { error: 'invalid_request', reason: 'credentials_syntax' })
  })

  it('is refused with 400 if a tab replaces the space (RFC 9110 §11.4)', async () => {
    await expectRefusal(apps, credentials(`Bearer\t${good}`), {
      error: 'invalid_request',
      reason: 'credentials_syntax',
    })
  })

  it('is ignored with another scheme (RFC 6750 §3.1)', async () => {
    await expectRefusal(apps, credentials('Basic dTpw'), { reason: 'no_credentials', scope: 'read:orders' })
  })
})

describe('R2: the query string', () => {
  const query = { target: '/orders?access_token=abc' }

  it('must not carry a token, even beside a good header (RFC 9700 §4.3.2)', async () => {
    await expectRefusal(apps, query, { error: 'invalid_request', reason: 'query_token' })
    await expectRefusal(apps, { ...query, lines: bearer(good) }, { error: 'invalid_request', reason: 'query_token' })
  })

  it("is ignored with queryTokens: 'ignore'", async () => {
    await expectReached(lenient, { ...query, lines: bearer(good) })
  })

  it("is still not a credential with queryTokens: 'ignore'", async () => {
    const target = `/orders?access_token=${good}`
    await expectRefusal(lenient, { target }, { reason: 'no_credentials', scope: 'read:orders' })
  })
})

describe('R3: exactly one credential', () => {
  it('refuses two Authorization lines (RFC 6750 §2)', async () => {
    const twice = credentials(`Bearer ${good}`, `Bearer ${bad}`)
    await expectRefusal(apps, twice, { error: 'invalid_request', reason: 'several_credentials' })
  })

  it('refuses two identical Authorization lines (RFC 6750 §2)', async () => {
    const twice = credentials(`Bearer ${good}`, `Bearer ${good}`)
    await expectRefusal(apps, twice, { error: 'invalid_request', reason: 'several_credentials' })
  })

  it('refuses two Authorization lines on routes with optional authentication, too', async () => {
    const request = { target: '/open', ...credentials(`Bearer ${good}`, `Bearer ${good}`) }
    await expectRefusal(apps, request, { error: 'invalid_request', reason: 'several_credentials' })
  })
})

describe('R6: a route that also serves anonymous callers', () => {
  it('runs without a token', async () => {
    const reached = await expectReached(apps, { target: '/open' })
    expect(reached).toMatchObject({ route: '/open', subject: null, scopes: null, claims: null })
  })

  it('runs without a token if the scheme is not accepted', async () => {
    expect(await expectReached(apps, { target: '/open', ...credentials('Basic dTpw') })).toMatchObject({
      subject: null,
    })
  })

  it('runs with a good token', async () => {
    expect(await expectReached(apps, { target: '/open', lines: bearer(good) })).toMatchObject({ subject: 'user-1' })
  })

  it('refuses a bad token', async () => {
    await expectRefusal(apps, { target: '/open', lines: bearer(bad) }, { error: 'invalid_token', reason: 'expired' })
  })

  it('refuses a token in the query', async () => {
    const request = { target: '/open?access_token=a' }
    await expectRefusal(apps, request, { error: 'invalid_request', reason: 'query_token' })
  })

  it('applies its guards to requests with a token, and to no others', async () => {
    const other = bearer(await issuer.sign({ scope: 'other' }))
    await expectReached(apps, { target: '/open-orders' })
    await expectReached(apps, { target: '/open-orders', lines: bearer(good) })
    await expectRefusal(
      apps,
      { target: '/open-orders', lines: other },
      { error: 'insufficient_scope', reason: 'scope', scope: 'read:orders' },
    )
  })

  it('still needs a token for a stricter guard after it', async () => {
    const refusal = { reason: 'no_credentials', scope: 'read:orders' } as const
    await expectRefusal(apps, { target: '/open-then-closed' }, refusal)
    await expectReached(apps, { target: '/open-then-closed', lines: bearer(good) })
  })
})

describe('methods', () => {
  it('HEAD gets the same response as GET, without the body (RFC 9110 §9.3.2)', async () => {
    const refusal = { reason: 'no_credentials', scope: 'read:orders' } as const
    await expectRefusal(apps, { method: 'HEAD' }, refusal)
    const responses = await Promise.all(apps.map((app) => exchange(app.port, { method: 'HEAD', lines: bearer(good) })))
    expect(responses.map(({ status, body }) => [status, body])).toEqual(apps.map(() => [200, '']))
  })

  it('the host of an absolute target is ignored (RFC 9112 §3.2.2)', async () => {
    const { status } = await responseOfAll(apps, { target: 'http://attacker.example/orders', lines: bearer(good) })
    expect(status).toBe(200)
  })
})
