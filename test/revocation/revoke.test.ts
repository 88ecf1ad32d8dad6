import { ConfigurationError, createResourceServer } from 'bearward'
import { type RevocationTarget, revocation } from 'bearward/revocation'
import { describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { requestWith, until } from '../support/upstream/requests.ts'
import { createRevokingServer, kit, tokenWith } from './kit.ts'

const time = useMonotonicClock()
const MAX_LIFETIME = 86_400

describe('a revocation covers (N3)', () => {
  const TARGETS: readonly [string, RevocationTarget, Record<string, unknown>][] = [
    ['one token by jti', { jti: 'token-1' }, { jti: 'token-2' }],
    ['the tokens of a user', { sub: 'user-1' }, { sub: 'user-2' }],
    ['those of a session', { sid: 'session-1' }, { sid: 'session-2' }],
    ['those of a client', { client: 'client-1' }, { client_id: 'client-2' }],
    ['all of an issuer', { issuer: ISSUER, all: true }, { iat: NOW + 31 }],
    ['those of a user of one issuer', { issuer: ISSUER, sub: 'user-1' }, { sub: 'user-2' }],
  ]

  it.each(TARGETS)('%s, cached or not', async (_, target, others) => {
    const { revoked, outcome, clock } = createRevokingServer()
    const [token, other] = [tokenWith({ sid: 'session-1' }), tokenWith({ sid: 'session-1', ...others })]
    for (let round = 0; round < 3; round++) expect(await outcome(token)).toBe('allowed')
    const entry = await revoked.revoke(target)
    clock.now = NOW + 5
    for (let round = 0; round < 3; round++) {
      expect(await outcome(token)).toBe('revoked')
      expect(await outcome(other)).toBe('allowed')
    }
    await revoked.restore(entry)
    expect(await outcome(token)).toBe('allowed')
    expect(await revoked.list()).toEqual([])
  })

  it('removes what it ends from the cache, and nothing else', async () => {
    const { revoked, outcome, server } = createRevokingServer()
    const [token, other] = [tokenWith(), tokenWith({ sub: 'user-2' })]
    for (let round = 0; round < 2; round++) for (const one of [token, other]) await outcome(one)
    // Twice each: the key that verified it, then the token.
    const before = server.state().caches.jwt.entries
    await revoked.revoke({ sub: 'user-1' })
    await until(() => server.state().caches.jwt.entries < before)
    expect(server.state().caches.jwt.entries).toBe(before - 1)
    expect([await outcome(token), await outcome(other)]).toEqual(['revoked', 'allowed'])
  })

  it('a client by azp where client_id is missing', async () => {
    const { revoked, outcome } = createRevokingServer()
    await revoked.revoke({ client: 'client-1' })
    expect(await outcome(tokenWith({ client_id: undefined, azp: 'client-1' }))).toBe('revoked')
  })

  it('jti and sid regardless of iat; with `before` only tokens issued up to then', async () => {
    for (const name of ['jti', 'sid'] as const) {
      const { revoked, outcome, clock } = createRevokingServer()
      const issuedAt = (iat: number | undefined) => tokenWith({ [name]: 'one', iat })
      const entry = await revoked.revoke({ [name]: 'one' } as RevocationTarget)
      clock.now = NOW + 100
      expect(await outcome(issuedAt(NOW + 100))).toBe('revoked')
      await revoked.restore(entry)
      await revoked.revoke({ [name]: 'one' } as RevocationTarget, { before: NOW })
      expect(await outcome(issuedAt(NOW))).toBe('revoked')
      expect(await outcome(issuedAt(NOW + 1))).toBe('allowed')
      expect(await outcome(issuedAt(undefined))).toBe('revoked')
    }
  })

  it.each([
    ['sub', { sub: 'user-1' }],
    ['client', { client: 'client-1' }],
    ['all', { issuer: ISSUER, all: true }],
  ] as const)('%s up to the call plus the clock tolerance; with `before` up to exactly then', async (_, target) => {
    const { revoked, outcome, clock } = createRevokingServer()
    const entry = await revoked.revoke(target)
    clock.now = NOW + 60
    expect(await outcome(tokenWith({ iat: NOW + 30 }))).toBe('revoked')
    expect(await outcome(tokenWith({ iat: NOW + 31 }))).toBe('allowed')
    expect(await outcome(tokenWith({ iat: undefined }))).toBe('revoked')
    await revoked.restore(entry)
    await revoked.revoke(target, { before: NOW + 10 })
    expect(await outcome(tokenWith({ iat: NOW + 10 }))).toBe('revoked')
    expect(await outcome(tokenWith({ iat: NOW + 11 }))).toBe('allowed')
    expect(await outcome(tokenWith({ iat: undefined }))).toBe('revoked')
  })

  it('only tokens of the issuer it names', async () => {
    const other = 'https://other.example'
    const revoked = revocation()
    const { outcome } = createRevokingServer(
      {
        issuer: [
          { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
          { issuer: other, keys: keySetOf(kit.signers.ES256) },
        ],
      },
      revoked,
    )
    await revoked.revoke({ issuer: other, sub: 'user-1' })
    expect(await outcome(tokenWith())).toBe('allowed')
    expect(await outcome(tokenWith({ iss: other }))).toBe('revoked')
    await revoked.revoke({ sub: 'user-1' })
    expect(await outcome(tokenWith())).toBe('revoked')
  })

  it('tokens of every server that has it', async () => {
    const revoked = revocation()
    const [one, two] = [createRevokingServer({}, revoked), createRevokingServer({}, revoked)]
    await revoked.revoke({ sub: 'user-1' })
    expect([await one.outcome(tokenWith()), await two.outcome(tokenWith())]).toEqual(['revoked', 'revoked'])
    expect(one.log.of('revocation')).toEqual(two.log.of('revocation'))
  })
})

it('a request object that was permitted before is refused once its token is revoked (R9)', async () => {
  const { revoked, server } = createRevokingServer()
  for (const rounds of [1, 3]) {
    const request = requestWith(tokenWith({ jti: `token-${rounds}` }))
    for (let round = 0; round < rounds; round++) await server.authenticate(request)
    const entry = await revoked.revoke({ sub: 'user-1' })
    await expect(server.authenticate(request)).rejects.toMatchObject({ reason: 'revoked' })
    await revoked.restore(entry)
  }
})

describe('an entry', () => {
  it('outlives the longest-lived token it covers, with the clock tolerance twice (N3.1)', async () => {
    const { revoked, outcome, clock } = createRevokingServer()
    await revoked.revoke({ sub: 'user-1' })
    // A clock that is ahead by the tolerance, at the issuer.
    const latest = tokenWith({ iat: NOW + 30, exp: NOW + 30 + MAX_LIFETIME })
    clock.now = NOW + 30 + MAX_LIFETIME + 29.9
    expect(await outcome(latest)).toBe('revoked')
    clock.now += 0.2
    expect(await outcome(latest)).toBe('expired')
  })

  it('lasts from `before` if that is in the future', async () => {
    const { revoked, outcome, clock } = createRevokingServer()
    await revoked.revoke({ sub: 'user-1' }, { before: NOW + 3600 })
    const latest = tokenWith({ iat: NOW + 3600, exp: NOW + 3600 + MAX_LIFETIME })
    clock.now = NOW + 3600 + MAX_LIFETIME
    expect(await outcome(latest)).toBe('revoked')
  })

  it('disappears when it has ended', async () => {
    const { revoked, server, clock } = createRevokingServer()
    const { expiresAt } = await revoked.revoke({ sub: 'user-1' })
    expect([await revoked.list(), server.state().revocation?.entries]).toMatchObject([[{ sub: 'user-1' }], 1])
    clock.now = expiresAt
    time.advance(expiresAt - NOW)
    expect([await revoked.list(), server.state().revocation?.entries]).toEqual([[], 0])
  })

  it('is refused if there are `size` already, never dropped (N3.2)', async () => {
    const { revoked, outcome } = createRevokingServer({}, { size: 2 })
    await revoked.revoke({ sub: 'a' })
    const second = await revoked.revoke({ sub: 'b' })
    await expect(revoked.revoke({ sub: 'user-1' })).rejects.toThrow('revocation.size')
    expect([(await revoked.list()).length, await outcome(tokenWith())]).toEqual([2, 'allowed'])
    await revoked.restore(second.id)
    await revoked.revoke({ sub: 'user-1' })
    expect(await outcome(tokenWith())).toBe('revoked')
  })

  it('that is not in force cannot be restored', async () => {
    const { revoked } = createRevokingServer()
    const entry = await revoked.revoke({ sub: 'a' })
    await revoked.restore(entry)
    await expect(revoked.restore(entry)).rejects.toThrow('not in force')
  })
})

describe('a JWT that lives longer than maxLifetime (N3.1)', () => {
  it.each([
    ['by exp − iat', { iat: NOW - 3600, exp: NOW - 3600 + MAX_LIFETIME + 1 }, 'lifetime'],
    ['by exp − now without iat', { iat: undefined, exp: NOW + MAX_LIFETIME + 1 }, 'lifetime'],
    ['not by a second less', { iat: NOW - 3600, exp: NOW - 3600 + MAX_LIFETIME }, 'allowed'],
    ['not without iat', { iat: undefined, exp: NOW + MAX_LIFETIME }, 'allowed'],
  ])('is refused %s', async (_, claims, expected) => {
    const { outcome, server, log } = createRevokingServer()
    expect(await outcome(tokenWith(claims))).toBe(expected)
    if (expected === 'allowed') return
    expect(log.of('decision').at(-1)).toMatchObject({ reason: 'lifetime', option: 'revocation.maxLifetime' })
    const error = await server.verify(tokenWith(claims)).catch((thrown) => thrown)
    expect([error.message.includes('revocation.maxLifetime'), error.description]).toEqual([
      true,
      'The access token is valid for longer than this server accepts',
    ])
  })

  it('is accepted by a server without revocation', async () => {
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
      clock: () => NOW,
    })
    expect((await server.verify(tokenWith({ exp: NOW + 10 * MAX_LIFETIME }))).subject).toBe('user-1')
    expect(server.state().revocation).toBeUndefined()
  })
})

describe('revoke() rejects', () => {
  it.each<[string, unknown, unknown?]>([
    ['nothing to revoke', {}],
    ['only an issuer', { issuer: ISSUER }],
    ['two targets', { jti: 'a', sub: 'b' }],
    ['all without an issuer', { all: true }],
    ['all: false', { issuer: ISSUER, all: false }],
    ['an undefined member', { sub: undefined }],
    ['an undefined issuer', { issuer: undefined, sub: 'a' }],
    ['an empty value', { sub: '' }],
    ['a number', { sub: 1 }],
    ['an unknown member', { subject: 'a' }],
    ['no object', 'a'],
    ['an issuer that no server trusts', { issuer: 'https://isuser.example', sub: 'a' }],
    ['an undefined before', { sub: 'a' }, { before: undefined }],
    ['a date', { sub: 'a' }, { before: new Date() }],
    ['NaN', { sub: 'a' }, { before: Number.NaN }],
    ['milliseconds', { sub: 'a' }, { before: NOW * 1000 }],
  ])('%s', async (_, target, times) => {
    const { revoked } = createRevokingServer()
    await expect(revoked.revoke(target as never, ...((times ? [times] : []) as []))).rejects.toThrow(ConfigurationError)
    expect(await revoked.list()).toEqual([])
  })
})

it('events name no user, and state() counts (N3.2)', async () => {
  const { revoked, server, log } = createRevokingServer()
  const entry = await revoked.revoke({ sub: 'alice' })
  await revoked.restore(entry)
  await until(() => log.of('revocation').length === 2)
  const common = { type: 'revocation', count: 1, status: 'current' }
  expect(log.of('revocation')).toEqual([
    { ...common, action: 'added' },
    { ...common, action: 'removed' },
  ])
  expect(server.state().revocation).toEqual({ status: 'current', entries: 0, age: 0 })
})

it('an option that is wrong is named', () => {
  expect(() => revocation({ maxLifetime: 0 })).toThrow('revocation.maxLifetime')
  expect(() => createRevokingServer({ revocation: {} as never })).toThrow('option revocation must be')
})
