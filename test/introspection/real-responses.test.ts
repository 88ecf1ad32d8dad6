import { introspected, scope } from 'bearward'
import { describe, expect, it } from 'vitest'
import { activeResponse } from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'
import { useBench } from './kit.ts'

// I12: responses as real servers send them. Whatever its form, a response grants at most what its plain form would.

const bench = useBench()
const now = () => Math.floor(Date.now() / 1000)

const REAL: Readonly<Record<string, () => Record<string, unknown>>> = {
  'Gluu: scope as a list, unused members null': () => ({
    active: true,
    aud: RESOURCE,
    scope: ['read:orders', 'openid'],
    client_id: 'client-1',
    username: null,
    sub: null,
    jti: null,
    nbf: null,
    iss: null,
    exp: now() + 60,
    iat: now(),
    acr_values: null,
    auth_time: null,
  }),
  'UAA: lists for scope and aud': () => ({
    active: true,
    aud: ['orders', RESOURCE],
    scope: ['read:orders'],
    user_id: 'u',
    revocable: true,
    exp: now() + 60,
  }),
  'tokeninfo: times as strings': () => ({
    active: true,
    aud: RESOURCE,
    scope: 'read:orders',
    exp: String(now() + 60),
    iat: String(now()),
    nbf: `${now()}.5`,
    expires_in: '59',
  }),
}

describe('a response of a real server (RFC 7662 §2.2)', () => {
  for (const [what, response] of Object.entries(REAL)) {
    it(`${what}: 200, and again from the cache`, async () => {
      const server = bench.server()
      const token = bench.opaque()
      bench.endpoint.responses.set(token, response())
      expect((await send(server, token, scope('read:orders'))).status).toBe(200)
      expect((await send(server, token, scope('read:orders'))).status).toBe(200)
      expect(bench.endpoint.calls(token)).toBe(1)
    })
  }

  it('null members are absent, and times are numbers, for the handler as well', async () => {
    const exp = now() + 60
    const token = bench.opaque({ exp: String(exp), sub: null, jti: null, tenant: null })
    const verified = await bench.server().verify(token)
    expect(verified).toMatchObject({ subject: undefined, tokenId: undefined, expiresAt: exp, claims: { exp } })
    expect(Object.keys(verified.claims)).not.toEqual(expect.arrayContaining(['tenant']))
  })
})

describe('a tolerated form grants nothing more', () => {
  const reasonFor = async (members: Record<string, unknown>, issuer = {}) =>
    (await send(bench.server({}, issuer), bench.opaque(members), scope('read:orders'))).reason

  it.each<[string, Record<string, unknown>, reason: string]>([
    ['exp as a string, in the past', { exp: String(now() - 60) }, 'expired'],
    ['nbf as a string, in the future', { nbf: String(now() + 60) }, 'not_yet_valid'],
    ['iat as a string, in the future', { iat: String(now() + 60) }, 'not_yet_valid'],
    ['aud null', { aud: null }, 'missing_claim'],
    ['cnf null (RFC 7800 §3.1)', { cnf: null }, 'confirmation'],
    ['scope null', { scope: null }, 'scope'],
    ['an empty list', { scope: [] }, 'scope'],
    ['a list with an element that contains a space', { scope: ['read:orders write:orders'] }, 'scope'],
    ['a list of lists in a string', { scope: '["read:orders"]' }, 'scope'],
  ])('%s', async (_, members, reason) => {
    expect(await reasonFor(members)).toBe(reason)
  })

  it('without iat, maxAge refuses, as without the member', async () => {
    expect(await reasonFor({ iat: null }, { maxAge: 60 })).toBe('missing_claim')
    expect(await reasonFor({ client_id: null }, { clients: ['client-1'] })).toBe('missing_claim')
  })

  it('a list narrows a JWT as a string would', async () => {
    const server = bench.server()
    const token = await bench.issuer.sign({ scope: 'read:orders write:orders' })
    bench.endpoint.responses.set(token, activeResponse({ scope: ['read:orders', 'admin'] }))
    expect((await send(server, token, introspected({ maxAge: 5 }), scope('read:orders'))).status).toBe(200)
    for (const other of ['write:orders', 'admin'])
      expect((await send(server, token, introspected({ maxAge: 5 }), scope(other))).status).toBe(403)
  })
})
