import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App, Route } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal } from '../support/apps/expect-response.ts'
import {
  type Algorithm,
  makeKey,
  makePairWithZero,
  type Realm,
  SHOP,
  signingWith,
  startRealm,
} from '../support/glewlwyd/realm.ts'
import { describeWithGlewlwyd } from '../support/glewlwyd/server.ts'
import { bearer } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const ROUTES: readonly Route[] = [
  { path: '/orders', use: (to) => [to.requireScope('read:orders')] },
  { path: '/returns', use: (to) => [to.requireScope('returns')] },
]

/** glewlwyd publishes a key set as configured; PEM keys are converted to a JWKS by its own libraries. */
const SIGNING: readonly [string, Algorithm, () => object][] = [
  ['RS256, from a key set', 'RS256', () => signingWith.keySet(makeKey('RS256', 'rsa'), makeKey('ES256', 'spare'))],
  ['RS256, from PEM', 'RS256', () => signingWith.pem('RS256')],
  ['PS256, from PEM', 'PS256', () => signingWith.pem('PS256')],
  ['ES256, from a key set', 'ES256', () => signingWith.keySet(makeKey('ES256', 'ec'))],
  ['ES256, from PEM', 'ES256', () => signingWith.pem('ES256')],
  // RFC 7518 §6.2.1.2 requires coordinates in full length; glewlwyd drops the leading zero.
  ['ES256, from PEM, with a short coordinate', 'ES256', () => signingWith.pem('ES256', makePairWithZero())],
  ['EdDSA, from PEM', 'EdDSA', () => signingWith.pem('EdDSA')],
]

const headerOf = (token: string): unknown => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())

describeWithGlewlwyd("JWTs of Debian's glewlwyd", () => {
  let realm: Realm
  let issuers: string[]
  let apps: readonly App[]
  const started: App[] = []
  const first = () => issuers[0] as string

  const start = async (...issuer: readonly (string | object)[]): Promise<readonly App[]> => {
    const options = { resource: RESOURCE, realm: RESOURCE, issuer: issuer as string[] }
    const more = await startAll(options, ROUTES)
    started.push(...more)
    return more
  }

  beforeAll(async () => {
    realm = await startRealm()
    issuers = []
    for (const [index, [, , parameters]] of SIGNING.entries()) issuers.push(await realm.add(`as${index}`, parameters()))
    // All of them at once: an API that trusts several issuers, each with its own keys.
    apps = await start(...issuers)
  })

  afterAll(async () => {
    await closeAll(started)
    await realm?.stop()
  })

  describe.each(SIGNING.map(([name, alg], index) => ({ name, alg, index })))('$name', ({ alg, index }) => {
    const issuer = () => issuers[index] as string

    it('a token for a client reaches the handler', async () => {
      const { access_token } = await realm.clientTokens(issuer())
      expect(headerOf(access_token)).toEqual({ typ: 'at+jwt', alg, kid: expect.any(String) })
      expect(await expectReached(apps, { lines: bearer(access_token) })).toMatchObject({
        subject: SHOP.id,
        client: SHOP.id,
        scopes: ['read:orders', 'write:orders'],
        issuer: issuer(),
        claims: { iss: issuer(), aud: RESOURCE, jti: expect.any(String), type: 'access_token' },
      })
    })

    it('a token for a user reaches the handler', async () => {
      const { access_token } = await realm.userTokens(issuer())
      const { subject, client, scopes } = await expectReached(apps, { lines: bearer(access_token) })
      expect({ client, scopes }).toEqual({ client: SHOP.id, scopes: ['openid', 'read:orders'] })
      expect(subject).toMatch(/^\w{32}$/)
    })

    it('a token with a changed signature is refused', async () => {
      const { access_token } = await realm.clientTokens(issuer())
      const at = access_token.lastIndexOf('.') + 9
      const other = access_token[at] === 'A' ? 'B' : 'A'
      const changed = access_token.slice(0, at) + other + access_token.slice(at + 1)
      await expectRefusal(
        apps,
        { lines: bearer(changed) },
        { error: 'invalid_token', reason: 'signature', scope: 'read:orders' },
      )
    })
  })

  const refused = (reason: Parameters<typeof expectRefusal>[2]['reason']) =>
    ({ error: 'invalid_token', reason, scope: 'read:orders' }) as const

  it('has every claim that RFC 9068 §2.2 requires', async () => {
    const strict = await start({ issuer: first(), profile: 'rfc9068' })
    for (const { access_token } of [await realm.clientTokens(first()), await realm.userTokens(first())]) {
      await expectReached(strict, { lines: bearer(access_token) })
    }
  })

  it('a token without the scope of the route is a 403', async () => {
    const { access_token } = await realm.userTokens(first())
    await expectRefusal(
      apps,
      { target: '/returns', lines: bearer(access_token) },
      { error: 'insufficient_scope', reason: 'scope', scope: 'returns' },
    )
  })

  it('a token requested without a resource has its scopes as audience, and is refused (RFC 8707 §2)', async () => {
    const { access_token } = await realm.clientTokens(first(), {})
    await expectRefusal(apps, { lines: bearer(access_token) }, refused('audience'))
    const lax = await start({ issuer: first(), audience: null })
    const { claims } = await expectReached(lax, { lines: bearer(access_token) })
    expect(claims).toMatchObject({ aud: 'read:orders write:orders' })
  })

  it('an ID token is refused (RFC 8725 §3.11)', async () => {
    const { id_token = '' } = await realm.userTokens(first())
    expect(headerOf(id_token)).toMatchObject({ typ: 'JWT' })
    await expectRefusal(apps, { lines: bearer(id_token) }, refused('token_type'))
  })

  it('a refresh token is refused', async () => {
    const { refresh_token = '' } = await realm.userTokens(first())
    await expectRefusal(apps, { lines: bearer(refresh_token) }, refused('malformed'))
  })

  it('a token of an untrusted authorization server is refused', async () => {
    const one = await start(issuers[1] as string)
    const { access_token } = await realm.clientTokens(first())
    await expectRefusal(one, { lines: bearer(access_token) }, refused('issuer'))
  })

  it('a token bound to a key is refused without its proof (RFC 9449 §7.1)', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const jwk = await exportJWK(publicKey)
    const dpop = (htu: string) =>
      new SignJWT({ htm: 'POST', htu, jti: crypto.randomUUID() })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
        .setIssuedAt()
        .sign(privateKey)
    const { access_token, token_type } = await realm.userTokens(first(), { dpop })
    expect(token_type).toBe('DPoP')
    await expectRefusal(apps, { lines: bearer(access_token) }, refused('confirmation'))
  })

  it('an expired token is refused', async () => {
    let now = Date.now() / 1000
    const options = { resource: RESOURCE, realm: RESOURCE, issuer: first(), clock: () => now }
    const aging = await startAll(options, ROUTES)
    started.push(...aging)
    const { access_token } = await realm.clientTokens(first())
    await expectReached(aging, { lines: bearer(access_token) })
    now += 3600 + 32
    await expectRefusal(aging, { lines: bearer(access_token) }, refused('expired'))
  })

  it('the key with the short coordinate is published as described', async () => {
    const jwks = issuers[SIGNING.findIndex(([name]) => name.endsWith('short coordinate'))]
    const { keys } = (await (await fetch(`${jwks}/jwks`)).json()) as { keys: { x: string }[] }
    expect(Buffer.from(keys[0]?.x ?? '', 'base64url')).toSatisfy(({ length }: Buffer) => length < 32)
  })

  it('a new key is loaded when the first token signed with it arrives', async () => {
    const old = makeKey('ES256', 'old')
    const issuer = await realm.add('rotating', signingWith.keySet(old))
    const rotated = await start(issuer)
    const before = await realm.clientTokens(issuer)
    await expectReached(rotated, { lines: bearer(before.access_token) })
    await realm.change('rotating', signingWith.keySet(makeKey('ES256', 'new'), old))
    const after = await realm.clientTokens(issuer)
    expect(headerOf(after.access_token)).toMatchObject({ kid: 'new' })
    await expectReached(rotated, { lines: bearer(after.access_token) })
    await expectReached(rotated, { lines: bearer(before.access_token) })
  })
})
