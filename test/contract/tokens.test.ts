import type { Reason } from 'bearward'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import {
  createSigningKey,
  createTestIssuer,
  RESOURCE,
  type SigningKey,
  type TestIssuer,
} from '../support/issuer/issuer.ts'
import { ORDERS } from './orders-api.ts'

// One test for each of J1 to J15, against an issuer on real sockets. The corpus has the variants.

let issuer: TestIssuer
let strict: TestIssuer
let apps: readonly App[]
let stranger: SigningKey
let special: TestIssuer

beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  strict = await createTestIssuer({ alg: 'ES256', path: '/tenant' })
  special = await createTestIssuer({ alg: 'ES256', path: '/special' })
  stranger = await createSigningKey('ES256', issuer.keys[0]?.kid)
  apps = await startAll(
    {
      resource: RESOURCE,
      issuer: [
        issuer.url,
        { issuer: strict.url, profile: 'rfc9068', scopeClaims: ['permissions'] },
        {
          issuer: special.url,
          allowIdTokenClaims: true,
          clients: ['client-1'],
          scopeClaims: ['scope', ['realm_access', 'roles']],
          soleAudience: true,
        },
      ],
    },
    ORDERS,
  )
  await Promise.all(apps.map((app) => app.server.ready()))
})

afterAll(async () => {
  await closeAll(apps)
  await Promise.all([issuer.stop(), strict.stop(), special.stop()])
})

const refuses = (token: string, reason: Reason) =>
  expectRefusal(apps, { lines: bearer(token) }, { error: 'invalid_token', reason, scope: 'read:orders' })

const accepts = (token: string) => expectReached(apps, { lines: bearer(token) })

describe('A9: a refusal names the claim that caused it', () => {
  const now = Math.floor(Date.now() / 1000)

  it.each<
    [claim: string | undefined, reason: Reason, claims: Record<string, unknown>, header?: Record<string, unknown>]
  >([
    ['aud', 'missing_claim', { aud: undefined }],
    ['aud', 'audience', { aud: 'urn:other' }],
    ['aud', 'malformed', { aud: 7 }],
    ['exp', 'missing_claim', { exp: undefined }],
    ['exp', 'malformed', { exp: 'soon' }],
    ['exp', 'expired', { exp: 1 }],
    ['nbf', 'not_yet_valid', { nbf: now + 600 }],
    ['nbf', 'malformed', { nbf: null }],
    ['iat', 'not_yet_valid', { iat: now + 600 }],
    ['iss', 'missing_claim', { iss: undefined }],
    ['iss', 'issuer', { iss: 'https://other.example' }],
    ['sub', 'malformed', { sub: 7 }],
    ['jti', 'malformed', { jti: [] }],
    ['client_id', 'malformed', { client_id: {} }],
    ['typ', 'token_type', {}, { typ: 'logout+jwt' }],
    ['typ', 'token_type', { typ: 'ID' }],
    ['nonce', 'token_type', { nonce: 'n' }],
    ['at_hash', 'token_type', { at_hash: 'n' }],
    ['c_hash', 'token_type', { c_hash: 'n' }],
    [undefined, 'token_type', { events: {} }],
    ['cnf', 'confirmation', { cnf: {} }],
  ])('%s: %s', async (claim, reason, claims, header) => {
    const token = await issuer.sign(claims, header)
    await expectRefusal(
      apps,
      { lines: bearer(token) },
      { error: 'invalid_token', reason, claim: claim ?? '', scope: 'read:orders' },
    )
    for (const app of apps) {
      const error = await app.server.verify(token).catch((thrown) => thrown)
      expect(error).toMatchObject({ reason, claim })
    }
  })

  it('also for the client, in client_id or azp', async () => {
    const refusesFor = async (claims: Record<string, unknown>, claim: string) => {
      const error: unknown = await apps[0]?.server.verify(await special.sign(claims)).catch((thrown) => thrown)
      expect(error).toMatchObject({ claim })
    }
    await refusesFor({ client_id: 'x' }, 'client_id')
    await refusesFor({ client_id: undefined, azp: 'x' }, 'azp')
    await refusesFor({ client_id: undefined }, 'client_id')
  })

  it('a JWE is encrypted, not malformed (RFC 7516 §7.1)', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    await refuses(`${part({ alg: 'RSA-OAEP-256', enc: 'A256GCM' })}.AAAA.AAAA.AAAA.AAAA`, 'encrypted')
    await refuses(`${part({ alg: 'RSA-OAEP-256' })}.AAAA.AAAA.AAAA.AAAA`, 'malformed')
  })
})

describe('JWT access tokens', () => {
  it('are accepted from a discovered issuer', async () => {
    const reached = await accepts(await issuer.sign({ custom: { a: [1] } }))
    expect(reached).toMatchObject({
      issuer: issuer.url,
      subject: 'user-1',
      claims: { custom: { a: [1] }, aud: RESOURCE },
    })
  })

  it('J1: are refused without signature, and with one by an untrusted key (RFC 8725 §3.1)', async () => {
    const good = await issuer.sign()
    await refuses(good.slice(0, good.lastIndexOf('.') + 1), 'malformed')
    await refuses(await issuer.sign({}, {}, stranger), 'signature')
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`
    await refuses(none, 'algorithm')
  })

  it('J2: are refused in any but the compact form (RFC 7515 §7.1)', async () => {
    const good = await issuer.sign()
    await refuses(`${good}.`, 'malformed')
    await refuses(`${good}==`, 'malformed')
  })

  it('J3: are refused from another issuer, and for another audience (RFC 9068 §4)', async () => {
    await refuses(await issuer.sign({ iss: `${issuer.url}/` }), 'issuer')
    await refuses(await issuer.sign({ aud: `${RESOURCE}/` }), 'audience')
    await accepts(await issuer.sign({ aud: ['urn:other', RESOURCE] }))
  })

  it('J3: are refused with the key of one issuer and the name of another (RFC 8725 §3.8)', async () => {
    await refuses(await issuer.sign({ iss: strict.url }), 'unknown_key')
  })

  it('J4: are refused after exp, before nbf, and without exp (RFC 7519 §4.1.4–6)', async () => {
    const now = Math.floor(Date.now() / 1000)
    await refuses(await issuer.sign({ exp: now - 40 }), 'expired')
    await accepts(await issuer.sign({ exp: now - 10 }))
    await refuses(await issuer.sign({ nbf: now + 60 }), 'not_yet_valid')
    await refuses(await issuer.sign({ iat: now + 60 }), 'not_yet_valid')
    await refuses(await issuer.sign({ exp: undefined }), 'missing_claim')
  })

  it('J5: other kinds of JWT are refused (RFC 8725 §3.11)', async () => {
    await refuses(await issuer.sign({}, { typ: 'logout+jwt' }), 'token_type')
    await refuses(await issuer.sign({ nonce: 'n' }, { typ: 'JWT' }), 'token_type')
    await accepts(await issuer.sign({}, { typ: 'JWT' }))
    await accepts(await issuer.sign({}, { typ: undefined }))
  })

  it("J5: profile 'rfc9068' requires at+jwt and all seven claims (RFC 9068 §2, §4)", async () => {
    const permissions = ['read:orders']
    await accepts(await strict.sign({ permissions }, { typ: 'application/AT+jwt' }))
    await refuses(await strict.sign({ permissions }, { typ: 'JWT' }), 'token_type')
    for (const claim of ['sub', 'client_id', 'iat', 'jti']) {
      await refuses(await strict.sign({ permissions, [claim]: undefined }), 'missing_claim')
    }
  })

  it('J6: key material in a token is not used, and hostile tokens cause no request (RFC 8725 §3.10)', async () => {
    const before = [{ ...issuer.hits }, { ...strict.hits }]
    const key = stranger.jwk
    await refuses(await issuer.sign({ iss: 'https://attacker.example' }, { jku: `${issuer.url}/attack` }), 'issuer')
    await refuses(
      await issuer.sign({ aud: 'x' }, { kid: 'unknown', jwk: key, jku: `${issuer.url}/attack` }),
      'audience',
    )
    await refuses(await issuer.sign({ exp: 1 }, { kid: 'unknown', x5u: `${issuer.url}/attack` }), 'expired')
    expect([issuer.hits, strict.hits]).toEqual(before)
  })

  it('J7: scopes come from scope and scp, or from configured claims (RFC 9068 §2.2.3)', async () => {
    await accepts(await issuer.sign({ scope: undefined, scp: ['read:orders'] }))
    await accepts(await strict.sign({ scope: undefined, permissions: ['read:orders'] }))
    for (const token of [
      await issuer.sign({ scope: ['read:orders x'] }),
      await strict.sign({ scope: 'read:orders' }),
    ]) {
      const refusal = { error: 'insufficient_scope', reason: 'scope', scope: 'read:orders' } as const
      await expectRefusal(apps, { lines: bearer(token) }, refusal)
    }
  })

  it('J12: ID token claims are accepted from an issuer with allowIdTokenClaims only (RFC 8725 §3.11)', async () => {
    const claims = { nonce: 'n', at_hash: 'h', c_hash: 'h' }
    await refuses(await issuer.sign(claims), 'token_type')
    await accepts(await special.sign(claims))
    await refuses(await special.sign({ ...claims, token_use: 'id' }), 'token_type')
    await refuses(await special.sign(claims, { typ: 'logout+jwt' }), 'token_type')
  })

  it('J13: tokens of clients other than the listed ones are refused (RFC 9068 §2.2)', async () => {
    await refuses(await special.sign({ client_id: 'client-2' }), 'client')
    await accepts(await special.sign({ client_id: undefined, azp: 'client-1' }))
    await refuses(await special.sign({ client_id: 'client-2', azp: 'client-1' }), 'client')
    await refuses(await special.sign({ client_id: undefined }), 'missing_claim')
  })

  it('J14: scopes come from a member of a claim, where scopeClaims has a path', async () => {
    const roles = (names: readonly unknown[]) => ({ scope: undefined, realm_access: { roles: names } })
    await accepts(await special.sign(roles(['read:orders'])))
    const refusal = { error: 'insufficient_scope', reason: 'scope', scope: 'read:orders' } as const
    await expectRefusal(apps, { lines: bearer(await special.sign(roles(['read:orders x']))) }, refusal)
  })

  it('J15: a token with any other audience is refused with soleAudience (RFC 8707 §3)', async () => {
    await refuses(await special.sign({ aud: ['urn:other', RESOURCE] }), 'audience')
    await accepts(await special.sign({ aud: [RESOURCE] }))
  })

  it('J9: a confirmation that the request does not prove is refused (RFC 7800 §3.1)', async () => {
    await refuses(await issuer.sign({ cnf: { jkt: 'x' } }), 'confirmation')
    await refuses(await issuer.sign({ cnf: {} }), 'confirmation')
  })
})
