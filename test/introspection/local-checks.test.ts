import type { IssuerOptions, Reason } from 'bearward'
import { describe, expect, it } from 'vitest'
import { activeResponse } from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'
import { createWallClock, useBench } from './kit.ts'

// I2: an active response is validated locally when it arrives and on each cache hit.

const bench = useBench()
const now = () => Math.floor(Date.now() / 1000)

interface Refused {
  readonly members: () => Record<string, unknown>
  readonly reason: Reason
  readonly issuer?: Partial<IssuerOptions>
}

const REFUSED: Readonly<Record<string, Refused>> = {
  'exp has passed (RFC 7662 §4)': { members: () => ({ exp: now() - 31 }), reason: 'expired' },
  'exp is zero': { members: () => ({ exp: 0 }), reason: 'expired' },
  'exp is negative': { members: () => ({ exp: -1 }), reason: 'expired' },
  'nbf is in the future (RFC 7662 §4)': { members: () => ({ nbf: now() + 40 }), reason: 'not_yet_valid' },
  'iat is in the future': { members: () => ({ iat: now() + 40 }), reason: 'not_yet_valid' },
  'iss is another issuer (RFC 7662 §2.2)': { members: () => ({ iss: 'https://other.example' }), reason: 'issuer' },
  'iss differs by a slash': { members: () => ({ iss: `${bench.issuer.url}/` }), reason: 'issuer' },
  'iss is empty': { members: () => ({ iss: '' }), reason: 'issuer' },
  'aud is missing (RFC 9700 §2.3)': { members: () => ({ aud: undefined }), reason: 'missing_claim' },
  'aud is another resource': { members: () => ({ aud: 'https://other.example' }), reason: 'audience' },
  'aud only starts like the resource': { members: () => ({ aud: `${RESOURCE}/` }), reason: 'audience' },
  'aud lists other resources': { members: () => ({ aud: ['a', 'b'] }), reason: 'audience' },
  'aud is empty': { members: () => ({ aud: [] }), reason: 'audience' },
  'aud is the resource although another audience is configured': {
    members: () => ({ aud: RESOURCE }),
    reason: 'audience',
    issuer: { audience: ['orders', 'bills'] },
  },
  'token_type is of a refresh token': { members: () => ({ token_type: 'refresh_token' }), reason: 'token_type' },
  'token_type is of an ID token': { members: () => ({ token_type: 'id_token' }), reason: 'token_type' },
  'token_type is N_A (RFC 8693 §2.2.1)': { members: () => ({ token_type: 'N_A' }), reason: 'token_type' },
  'token_type is mac': { members: () => ({ token_type: 'mac' }), reason: 'token_type' },
  'token_type is empty': { members: () => ({ token_type: '' }), reason: 'token_type' },
  'token_use is refresh': { members: () => ({ token_use: 'refresh' }), reason: 'token_type' },
  'token_usage is refresh_token (OpenIddict)': {
    members: () => ({ token_type: 'Bearer', token_usage: 'refresh_token' }),
    reason: 'token_type',
  },
  'token_use is id': { members: () => ({ token_use: 'id' }), reason: 'token_type' },
  'typ is Refresh': { members: () => ({ typ: 'Refresh' }), reason: 'token_type' },
  'typ is Offline': { members: () => ({ typ: 'Offline' }), reason: 'token_type' },
  'typ is ID': { members: () => ({ typ: 'ID' }), reason: 'token_type' },
  'typ is Logout': { members: () => ({ typ: 'Logout' }), reason: 'token_type' },
  'cnf with a thumbprint (RFC 7800 §3.1)': { members: () => ({ cnf: { jkt: 'x' } }), reason: 'confirmation' },
  'cnf of a certificate (RFC 8705 §3.2)': { members: () => ({ cnf: { 'x5t#S256': 'x' } }), reason: 'confirmation' },
  'an empty cnf': { members: () => ({ cnf: {} }), reason: 'confirmation' },
  'cnf that is null': { members: () => ({ cnf: null }), reason: 'confirmation' },
  'at_hash is present': { members: () => ({ at_hash: 'x' }), reason: 'token_type' },
  'events is present, with allowIdTokenClaims (J12)': {
    members: () => ({ nonce: 'x', events: {} }),
    reason: 'token_type',
    issuer: { allowIdTokenClaims: true },
  },
  'the client is another one (J13, RFC 9068 §2.2)': {
    members: () => ({ client_id: 'client-2' }),
    reason: 'client',
    issuer: { clients: ['client-1'] },
  },
  'no client is named, with clients (J13)': {
    members: () => ({ client_id: undefined }),
    reason: 'missing_claim',
    issuer: { clients: ['client-1'] },
  },
  'there is another audience, with soleAudience (J15, RFC 8707 §3)': {
    members: () => ({ aud: [RESOURCE, 'x'] }),
    reason: 'audience',
    issuer: { soleAudience: true },
  },
  'iat is too long ago (maxAge)': {
    members: () => ({ iat: now() - 140 }),
    reason: 'too_old',
    issuer: { maxAge: 100 },
  },
  'iat is missing although maxAge is set': {
    members: () => ({ iat: undefined }),
    reason: 'missing_claim',
    issuer: { maxAge: 100 },
  },
}

describe('an active response is refused if', () => {
  for (const [what, { members, reason, issuer = {} }] of Object.entries(REFUSED)) {
    it(`${what}: 401 ${reason}, and again from the cache`, async () => {
      const server = bench.server({}, issuer)
      const token = bench.opaque(members())
      expect(await send(server, token)).toMatchObject({ status: 401, reason })
      expect(await send(server, token)).toMatchObject({ status: 401, reason })
      // The introspection succeeded; only the token is refused.
      expect(bench.log.of('fetch').every(({ outcome }) => outcome === 'ok')).toBe(true)
    })
  }
})

const ACCEPTED: Readonly<Record<string, readonly [() => Record<string, unknown>, Partial<IssuerOptions>?]>> = {
  'exp within the tolerance': [() => ({ exp: now() - 20 })],
  'nbf and iat within the tolerance': [() => ({ nbf: now() + 20, iat: now() + 20 })],
  'the issuer itself': [() => ({ iss: bench.issuer.url })],
  'no iss': [() => ({ iss: undefined })],
  'bearer in lower case': [() => ({ token_type: 'bearer' })],
  'BEARER in upper case': [() => ({ token_type: 'BEARER' })],
  access_token: [() => ({ token_type: 'access_token' })],
  'DPoP without a binding': [() => ({ token_type: 'DPoP' })],
  'no audience with audience: null': [() => ({ aud: undefined }), { audience: null }],
  'any audience with audience: null': [() => ({ aud: 'x' }), { audience: null }],
  'one of several audiences': [() => ({ aud: ['x', 'bills'] }), { audience: ['orders', 'bills'] }],
  'token_use access': [() => ({ token_use: 'access' })],
  'token_usage access_token (OpenIddict)': [() => ({ token_type: 'Bearer', token_usage: 'access_token' })],
  'ID token claims, with allowIdTokenClaims (J12)': [
    () => ({ nonce: 'x', at_hash: 'x', c_hash: 'x' }),
    { allowIdTokenClaims: true },
  ],
  'a listed client (J13)': [() => ({ client_id: 'client-1' }), { clients: ['client-0', 'client-1'] }],
  'two audiences that are both ours, with soleAudience (J15)': [
    () => ({ aud: ['orders', 'bills'] }),
    { audience: ['orders', 'bills'], soleAudience: true },
  ],
  'typ Bearer': [() => ({ typ: 'Bearer' })],
  'a recent iat with maxAge': [() => ({ iat: now() - 50 }), { maxAge: 100 }],
}

describe('an active response is accepted with', () => {
  for (const [what, [members, issuer = {}]] of Object.entries(ACCEPTED)) {
    it(`${what}: 200`, async () => {
      expect((await send(bench.server({}, issuer), bench.opaque(members()))).status).toBe(200)
    })
  }
})

describe('cached responses are checked against the clock on each hit (RFC 7662 §4)', () => {
  it('exp: valid until the tolerance is over, and not a second longer', async () => {
    const wall = createWallClock()
    const server = bench.server({ cache: { active: 3600 } }, {}, { clock: wall.now })
    const token = bench.opaque({ exp: now() + 100 })
    expect((await send(server, token)).status).toBe(200)
    wall.turn(128)
    expect((await send(server, token)).status).toBe(200)
    wall.turn(3)
    expect(await send(server, token)).toMatchObject({ status: 401, reason: 'expired' })
  })

  it('nbf and iat: a clock that was set back puts them in the future', async () => {
    const wall = createWallClock()
    const server = bench.server({ cache: { active: 3600 } }, {}, { clock: wall.now })
    const token = bench.opaque({ nbf: now() })
    expect((await send(server, token)).status).toBe(200)
    wall.turn(-3600)
    expect(await send(server, token)).toMatchObject({ status: 401, reason: 'not_yet_valid' })
    wall.turn(3600)
    expect((await send(server, token)).status).toBe(200)
    expect(bench.endpoint.calls(token)).toBe(1)
  })

  it('maxAge: a token becomes too old while it is cached', async () => {
    const wall = createWallClock()
    const server = bench.server({ cache: { active: 3600 } }, { maxAge: 100 }, { clock: wall.now })
    const token = bench.opaque({ iat: now() })
    expect((await send(server, token)).status).toBe(200)
    wall.turn(140)
    expect(await send(server, token)).toMatchObject({ status: 401, reason: 'too_old' })
  })

  it.each<[string, () => unknown]>([
    ['NaN', () => Number.NaN],
    ['an infinite number', () => Number.POSITIVE_INFINITY],
    ['milliseconds', Date.now],
    ['a date', () => new Date()],
    ['a text', () => String(Date.now() / 1000)],
    ['a promise', async () => Date.now() / 1000],
  ])('a clock that returns %s accepts nothing, and the caller is not blamed (A7)', async (_, broken) => {
    let clock: () => unknown = () => Date.now() / 1000
    const server = bench.server({}, {}, { clock: () => clock() as number })
    const token = bench.opaque()
    expect((await send(server, token)).status).toBe(200)
    clock = broken
    await expect(send(server, token)).rejects.toThrow('clock() must return a number of seconds')
  })

  it('without exp in the response, only the configured lifetime applies', async () => {
    const wall = createWallClock()
    const server = bench.server({}, {}, { clock: wall.now })
    const token = bench.opaque({ exp: undefined })
    expect((await send(server, token)).status).toBe(200)
    wall.turn(1_000_000)
    expect((await send(server, token)).status).toBe(200)
    expect(bench.endpoint.calls()).toBe(1)
  })
})

it('a response does not depend on the one before', async () => {
  const server = bench.server({ cache: { active: 0, inactive: 0 } })
  const token = bench.opaque()
  const cases: [Record<string, unknown>, number][] = [
    [activeResponse(), 200],
    [{ active: false }, 401],
    [activeResponse({ aud: 'x' }), 401],
    [activeResponse(), 200],
  ]
  for (const [response, status] of cases) {
    bench.endpoint.responses.set(token, response)
    expect((await send(server, token)).status).toBe(status)
  }
  expect(bench.endpoint.calls()).toBe(4)
})
