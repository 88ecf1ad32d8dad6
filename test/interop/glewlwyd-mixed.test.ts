import { type BearwardEvent, type IssuerOptions, introspected } from 'bearward'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { App, Route } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal, responseOfAll } from '../support/apps/expect-response.ts'
import { API, makeKey, type Realm, SHOP, signingWith, startRealm } from '../support/glewlwyd/realm.ts'
import { describeWithGlewlwyd } from '../support/glewlwyd/server.ts'
import { bearer } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const ORDERS: Route = { path: '/orders', use: (to) => [to.requireScope('read:orders')] }
const PAYMENTS: Route = { path: '/payments', use: (to) => [to.protect(introspected({ maxAge: 0 }))] }

const CLIENT = { method: 'client_secret_basic', clientId: API.id, clientSecret: API.secret } as const

const INACTIVE = { error: 'invalid_token', reason: 'inactive' } as const

const readPart = (token: string, part: 0 | 1): unknown =>
  JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString())

const changed = (token: string): string => `${token.slice(0, -9)}${token.at(-9) === 'A' ? 'B' : 'A'}${token.slice(-8)}`

describeWithGlewlwyd("JWTs and introspection of Debian's glewlwyd, side by side", () => {
  let realm: Realm
  let issuer: string
  let legacy: string
  let started: App[] = []
  let events: BearwardEvent[] = []

  beforeAll(async () => {
    realm = await startRealm()
    issuer = await realm.add('current', signingWith.keySet(makeKey('ES256', 'key')))
    // Clients may introspect only if access tokens may not be used for it.
    const withIntrospection = { 'introspection-revocation-auth-scope': [] }
    legacy = await realm.add('legacy', { ...signingWith.pem('RS256'), ...withIntrospection }, 'oauth2-glewlwyd')
  })

  afterEach(async () => {
    await closeAll(started)
    started = []
    events = []
  })

  afterAll(() => realm?.stop())

  async function start(...issuers: readonly IssuerOptions[]): Promise<readonly App[]> {
    const onEvent = (event: BearwardEvent) => events.push(event)
    const routes = issuers.every(({ introspection }) => introspection) ? [ORDERS, PAYMENTS] : [ORDERS]
    const apps = await startAll({ resource: RESOURCE, issuer: issuers, onEvent }, routes)
    started.push(...apps)
    return apps
  }

  const introspections = () => events.filter((event) => event.type === 'fetch' && event.target === 'introspection')
  const current = (introspection = {}): IssuerOptions => ({
    issuer,
    introspection: { client: CLIENT, ...introspection },
  })
  /** Its tokens are signed but have no iss and no aud; it has neither metadata nor a key set. */
  const old = (): IssuerOptions => ({
    issuer: legacy,
    audience: null,
    keys: null,
    introspection: { client: CLIENT, endpoint: `${legacy}/introspect` },
  })

  it('a JWT is verified locally, and introspected only where the route requires it', async () => {
    const apps = await start(current())
    const { access_token } = await realm.userTokens(issuer)
    const lines = bearer(access_token)
    await expectReached(apps, { lines })
    expect(introspections()).toEqual([])
    await expectReached(apps, { target: '/payments', lines })
    expect(introspections()).toHaveLength(apps.length)
    await realm.revoke(issuer, access_token)
    await expectReached(apps, { lines })
    await expectRefusal(apps, { target: '/payments', lines }, INACTIVE)
  })

  it('a bad signature is final: the token is not introspected (RFC 9068 §4)', async () => {
    const apps = await start(current())
    const { access_token } = await realm.userTokens(issuer)
    await expectRefusal(
      apps,
      { target: '/payments', lines: bearer(changed(access_token)) },
      { ...INACTIVE, reason: 'signature' },
    )
    expect(introspections()).toEqual([])
  })

  it('a JWS without iss is opaque, and belongs to the issuer that accepts opaque tokens', async () => {
    const apps = await start({ issuer }, old())
    const token = await realm.apiToken(legacy, 'read:orders')
    expect(readPart(token, 1)).not.toHaveProperty('iss')
    expect(await expectReached(apps, { lines: bearer(token) })).toMatchObject({
      client: API.id,
      scopes: ['read:orders'],
      issuer: legacy,
      claims: { token_type: 'access_token' },
    })
    const { access_token } = await realm.clientTokens(issuer)
    expect(await expectReached(apps, { lines: bearer(access_token) })).toMatchObject({ client: SHOP.id, issuer })
    expect(introspections()).toHaveLength(apps.length)
  })

  it('such a token is inactive once revoked, and always with a changed signature', async () => {
    const apps = await start(old())
    const token = await realm.apiToken(legacy, 'read:orders')
    await expectRefusal(apps, { target: '/payments', lines: bearer(changed(token)) }, INACTIVE)
    await expectReached(apps, { target: '/payments', lines: bearer(token) })
    await realm.revoke(legacy, token)
    await expectRefusal(apps, { target: '/payments', lines: bearer(token) }, INACTIVE)
  })

  it('a JWT signed with a secret of the issuer is opaque to others', async () => {
    const secretive = await realm.add('secretive', signingWith.secret())
    const apps = await start({ ...current(), issuer: secretive, keys: null })
    const { access_token } = await realm.clientTokens(secretive)
    expect(readPart(access_token, 0)).toMatchObject({ alg: 'HS256' })
    await expectReached(apps, { lines: bearer(access_token) })
    await expectRefusal(apps, { target: '/payments', lines: bearer(changed(access_token)) }, INACTIVE)
  })

  it('a JWS with such a secret and without iss is opaque, too', async () => {
    const withIntrospection = { 'introspection-revocation-auth-scope': [] }
    const oldest = await realm.add('oldest', { ...signingWith.secret(), ...withIntrospection }, 'oauth2-glewlwyd')
    const introspection = { client: CLIENT, endpoint: `${oldest}/introspect` }
    const apps = await start({ ...old(), issuer: oldest, introspection })
    const token = await realm.apiToken(oldest, 'read:orders')
    expect(readPart(token, 0)).toEqual({ alg: 'HS256', typ: 'JWT' })
    await expectReached(apps, { lines: bearer(token) })
  })

  it('an API without introspection refuses it', async () => {
    const token = await realm.apiToken(legacy, 'read:orders')
    const refusal = { error: 'invalid_token', reason: 'missing_claim', claim: 'iss', scope: 'read:orders' } as const
    await expectRefusal(await start({ issuer }), { lines: bearer(token) }, refusal)
  })

  describe('signed introspection responses (RFC 9701)', () => {
    it('are verified, and the inner response decides', async () => {
      const apps = await start(current({ signed: 'require' }))
      const { access_token } = await realm.userTokens(issuer)
      await expectReached(apps, { target: '/payments', lines: bearer(access_token) })
      expect(introspections()).toHaveLength(apps.length)
    })

    it('are refused to us for inactive tokens, against §5: indistinguishable from our own failure', async () => {
      const apps = await start(current({ signed: 'require' }))
      const { access_token } = await realm.userTokens(issuer)
      await realm.revoke(issuer, access_token)
      const { status } = await responseOfAll(apps, { target: '/payments', lines: bearer(access_token) })
      expect(status).toBe(503)
      for (const event of introspections()) expect(event).toMatchObject({ code: 'client_refused', status: 400 })
    })
  })

  it('many requests with one new token are one introspection request', async () => {
    const apps = await start(old())
    const token = await realm.apiToken(legacy, 'read:orders')
    await Promise.all(Array.from({ length: 50 }, () => expectReached(apps, { lines: bearer(token) })))
    expect(introspections()).toHaveLength(apps.length)
  })

  it('once glewlwyd is gone, cached tokens are still served, and others are a 503', async () => {
    const doomed = await startRealm()
    try {
      const gone = await doomed.add('gone', signingWith.keySet(makeKey('ES256', 'key')))
      const apps = await start({ ...current(), issuer: gone, keys: null })
      const cached = bearer((await doomed.clientTokens(gone)).access_token)
      const unknown = bearer((await doomed.clientTokens(gone)).access_token)
      await expectReached(apps, { lines: cached })
      await doomed.stop()
      await expectReached(apps, { lines: cached })
      const { status, header } = await responseOfAll(apps, { lines: unknown })
      expect(status).toBe(503)
      expect(header('Retry-After')).toMatch(/^[1-9]\d*$/)
    } finally {
      await doomed.stop()
    }
  })
})
