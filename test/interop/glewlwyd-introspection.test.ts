import {
  type BearwardEvent,
  type ClientAuthentication,
  type IntrospectionOptions,
  type IssuerOptions,
  introspected,
} from 'bearward'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { App, Route } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import {
  expectReached,
  expectRefusal,
  type Refusal,
  responseOfAll,
  SENTENCES,
} from '../support/apps/expect-response.ts'
import { API, API_WITH_KEY, makeKey, type Realm, SHOP, signingWith, startRealm } from '../support/glewlwyd/realm.ts'
import { describeWithGlewlwyd } from '../support/glewlwyd/server.ts'
import { bearer } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const ROUTES: readonly Route[] = [
  { path: '/orders', use: (to) => [to.requireScope('read:orders')] },
  { path: '/returns', use: (to) => [to.requireScope('returns')] },
  { path: '/payments', use: (to) => [to.protect(introspected({ maxAge: 0 }))] },
]

const BASIC: ClientAuthentication = { method: 'client_secret_basic', clientId: API.id, clientSecret: API.secret }
const POST: ClientAuthentication = { method: 'client_secret_post', clientId: API.id, clientSecret: API.secret }

const refused = (reason: Refusal['reason']): Refusal => ({ error: 'invalid_token', reason, scope: 'read:orders' })

interface StartOptions extends Partial<Omit<IssuerOptions, 'introspection'>> {
  readonly introspection?: Partial<IntrospectionOptions>
  readonly clock?: () => number
}

describeWithGlewlwyd("introspection at Debian's glewlwyd", () => {
  let realm: Realm
  let issuer: string
  let started: App[] = []
  let events: BearwardEvent[] = []

  beforeAll(async () => {
    realm = await startRealm()
    issuer = await realm.add('opaque', signingWith.keySet(makeKey('ES256', 'key')))
  })

  afterEach(async () => {
    await closeAll(started)
    started = []
    events = []
  })

  afterAll(() => realm?.stop())

  /** APIs to which all tokens are opaque. */
  async function start(client: ClientAuthentication = BASIC, extra: StartOptions = {}): Promise<readonly App[]> {
    const { introspection, clock = () => Date.now() / 1000, ...more } = extra
    const apps = await startAll(
      {
        resource: RESOURCE,
        issuer: { issuer, keys: null, introspection: { client, ...introspection }, ...more },
        onEvent: (event) => events.push(event),
        clock,
      },
      ROUTES,
    )
    started.push(...apps)
    return apps
  }

  const introspections = () => events.filter((event) => event.type === 'fetch' && event.target === 'introspection')

  /** A failed introspection: 503 for the caller, and an event for the operator that our own credentials are wrong. */
  async function expectOurFault(apps: readonly App[], token: string, status: number): Promise<void> {
    const response = await responseOfAll(apps, { lines: bearer(token) })
    expect(response.status).toBe(503)
    expect(response.all('WWW-Authenticate')).toEqual([])
    expect(response.header('Retry-After')).toMatch(/^[1-9]\d*$/)
    const reason = 'introspection_unavailable'
    expect(JSON.parse(response.body)).toEqual({ error_description: SENTENCES[reason], reason })
    expect(introspections()).toHaveLength(apps.length)
    for (const event of introspections())
      expect(event).toMatchObject({ outcome: 'failed', code: 'client_refused', status })
  }

  describe.each([BASIC, POST])('introspection with $method', (client) => {
    it('a token for a client reaches the handler', async () => {
      const { access_token } = await realm.clientTokens(issuer)
      expect(await expectReached(await start(client), { lines: bearer(access_token) })).toEqual({
        route: '/orders',
        // The response does not name the audience of these tokens.
        subject: null,
        client: null,
        scopes: ['read:orders', 'write:orders'],
        issuer,
        boundBy: null,
        claims: {
          aud: RESOURCE,
          iat: expect.any(Number),
          nbf: expect.any(Number),
          exp: expect.any(Number),
          jti: expect.any(String),
          scope: 'read:orders write:orders',
          token_type: 'bearer',
        },
      })
    })

    it('a token for a user reaches the handler', async () => {
      const { access_token } = await realm.userTokens(issuer)
      expect(await expectReached(await start(client), { lines: bearer(access_token) })).toMatchObject({
        subject: expect.stringMatching(/^\w{32}$/),
        client: SHOP.id,
        scopes: ['openid', 'read:orders'],
        issuer,
        boundBy: null,
        claims: { username: 'ann', token_type: 'bearer' },
      })
    })

    it('is 401 for a token that was never issued', async () => {
      await expectRefusal(await start(client), { lines: bearer('unissued-token') }, refused('inactive'))
    })

    it("is 503 with a wrong secret, and an event for the operator: never the caller's fault (RFC 7662 §2.3)", async () => {
      const { access_token } = await realm.clientTokens(issuer)
      const apps = await start({ ...client, clientSecret: 'wrong' } as ClientAuthentication)
      await expectOurFault(apps, access_token, 401)
    })
  })

  it('is 503 for a client unknown to glewlwyd', async () => {
    const apps = await start({ method: 'client_secret_basic', clientId: 'unknown-client', clientSecret: 'x' })
    await expectOurFault(apps, 'unissued-token', 401)
  })

  it('accepts a secret with every kind of character in a form', async () => {
    const { access_token } = await realm.clientTokens(issuer)
    await expectReached(await start({ method: 'client_secret_post', clientId: SHOP.id, clientSecret: SHOP.secret }), {
      lines: bearer(access_token),
    })
  })

  it('does not decode a secret in Basic credentials, against RFC 6749 §2.3.1: such a secret is unusable there', async () => {
    const { access_token } = await realm.clientTokens(issuer)
    const apps = await start({ method: 'client_secret_basic', clientId: SHOP.id, clientSecret: SHOP.secret })
    await expectOurFault(apps, access_token, 401)
  })

  it('accepts an access token of our own', async () => {
    const { access_token } = await realm.clientTokens(issuer)
    await expectReached(await start({ method: 'bearer', token: () => realm.apiToken(issuer) }), {
      lines: bearer(access_token),
    })
  })

  describe('introspection with private_key_jwt', () => {
    const client: ClientAuthentication = { method: 'private_key_jwt', clientId: API_WITH_KEY.id, key: API_WITH_KEY.key }

    it('refuses assertions for the issuer, the only audience that RFC 7523bis allows', async () => {
      const { access_token } = await realm.clientTokens(issuer)
      await expectOurFault(await start(client), access_token, 401)
    })

    it('accepts them if the issuer is the URL of its endpoint, each once', async () => {
      const endpoint = `${realm.glewlwyd.api}/named/introspect`
      const token = async () => {
        const { access_token } = await realm.clientTokens(`${realm.glewlwyd.api}/named`)
        return access_token
      }
      await realm.add('named', { ...signingWith.keySet(makeKey('ES256', 'key')), iss: endpoint })
      const apps = await start(client, { issuer: endpoint, introspection: { endpoint } })
      for (const access_token of [await token(), await token()]) {
        const { issuer: named } = await expectReached(apps, { lines: bearer(access_token) })
        expect(named).toBe(endpoint)
      }
      await expectRefusal(apps, { lines: bearer('unissued-token') }, refused('inactive'))
    })
  })

  describe('active tokens that are not access tokens for this API', () => {
    it('a token requested without a resource has its scopes as audience', async () => {
      const { access_token } = await realm.clientTokens(issuer, {})
      await expectRefusal(await start(), { lines: bearer(access_token) }, refused('audience'))
      const { claims } = await expectReached(await start(BASIC, { audience: null }), { lines: bearer(access_token) })
      expect(claims).toMatchObject({ aud: 'read:orders write:orders' })
    })

    it('a refresh token and an ID token', async () => {
      const { refresh_token = '', id_token = '' } = await realm.userTokens(issuer)
      const apps = await start(BASIC, { audience: null })
      // We send token_type_hint=access_token. Without it, glewlwyd calls both of them active.
      await expectRefusal(apps, { lines: bearer(refresh_token) }, refused('inactive'))
      await expectRefusal(apps, { lines: bearer(id_token) }, refused('inactive'))
    })

    it('a token without the scope of the route is a 403', async () => {
      const { access_token } = await realm.clientTokens(issuer)
      const refusal: Refusal = { error: 'insufficient_scope', reason: 'scope', scope: 'returns' }
      await expectRefusal(await start(), { target: '/returns', lines: bearer(access_token) }, refusal)
    })

    it('a token of an untrusted authorization server, without introspection', async () => {
      const other = await realm.add('other', signingWith.keySet(makeKey('ES256', 'key')))
      const { access_token } = await realm.clientTokens(other)
      await expectRefusal(await start(), { lines: bearer(access_token) }, refused('issuer'))
      expect(introspections()).toEqual([])
    })

    it('a token bound to a key, without its proof (RFC 9449 §7.1)', async () => {
      const { publicKey, privateKey } = await generateKeyPair('ES256')
      const jwk = await exportJWK(publicKey)
      const dpop = (htu: string) =>
        new SignJWT({ htm: 'POST', htu, jti: crypto.randomUUID() })
          .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
          .setIssuedAt()
          .sign(privateKey)
      const { access_token } = await realm.userTokens(issuer, { dpop })
      await expectRefusal(await start(), { lines: bearer(access_token) }, refused('confirmation'))
    })
  })

  describe('time', () => {
    it('a token that has expired by our clock is refused, cached or not', async () => {
      let now = Date.now() / 1000
      const apps = await start(BASIC, { clock: () => now, introspection: { cache: { active: 86_400 } } })
      const seen = bearer((await realm.clientTokens(issuer)).access_token)
      const unseen = bearer((await realm.clientTokens(issuer)).access_token)
      await expectReached(apps, { lines: seen })
      now += 3600 + 32
      await expectRefusal(apps, { lines: seen }, refused('expired'))
      expect(introspections()).toHaveLength(apps.length)
      await expectRefusal(apps, { lines: unseen }, refused('expired'))
    })

    it('a token that has expired by its own clock is inactive', async () => {
      const short = await realm.add('short', {
        ...signingWith.keySet(makeKey('ES256', 'key')),
        'access-token-duration': 1,
      })
      const { access_token } = await realm.clientTokens(short)
      await isInactive(short, access_token)
      const apps = await start(BASIC, { issuer: short })
      await expectRefusal(apps, { lines: bearer(access_token) }, refused('inactive'))
    })

    it('a revoked token is refused at once if the route always introspects, and everywhere after forget()', async () => {
      const { access_token } = await realm.userTokens(issuer)
      const lines = bearer(access_token)
      const apps = await start()
      await expectReached(apps, { lines })
      await expectReached(apps, { target: '/payments', lines })
      await realm.revoke(issuer, access_token)
      // Until the cached response expires, no further introspection request is sent.
      const before = introspections().length
      await expectReached(apps, { lines })
      expect(introspections()).toHaveLength(before)
      await expectRefusal(apps, { target: '/payments', lines }, { error: 'invalid_token', reason: 'inactive' })
      await Promise.all(apps.map(({ server }) => server.forget(access_token)))
      await expectRefusal(apps, { lines }, refused('inactive'))
    })

    it('a revoked token is refused at once without a cache', async () => {
      const { access_token } = await realm.clientTokens(issuer)
      const apps = await start(BASIC, { introspection: { cache: { active: 0, inactive: 0 } } })
      await expectReached(apps, { lines: bearer(access_token) })
      await realm.revoke(issuer, access_token)
      await expectRefusal(apps, { lines: bearer(access_token) }, refused('inactive'))
    })
  })

  /** Waits until glewlwyd itself says so to another client. */
  async function isInactive(at: string, token: string): Promise<void> {
    for (let round = 0; round < 1000; round++) {
      const headers = { authorization: `Basic ${btoa(`${API.id}:${API.secret}`)}` }
      const response = await fetch(`${at}/introspect`, {
        method: 'POST',
        headers,
        body: new URLSearchParams({ token }),
      })
      if (((await response.json()) as { active: unknown }).active === false) return
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error('the token does not expire')
  }
})
