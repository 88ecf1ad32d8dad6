import { describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER, NOW } from '../corpus/kit.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { createRevokingServer, kit } from './kit.ts'
import { CLIENT, logoutToken } from './logout-tokens.ts'
import { CAEP, securityEvent } from './security-events.ts'
import { createSharedStore, join } from './shared-store.ts'

// What endpoints receive must not use up the revocations of others (N3.2): senders are trusted to sign out their own users.

const time = useMonotonicClock()
const OTHER = 'https://other.example'
const AUDIENCE = 'https://receiver.example'
const keys = keySetOf(kit.signers.ES256)
const SEVERAL = { issuer: [ISSUER, OTHER].map((issuer) => ({ issuer, keys })) }
const receiving = (size: number) => ({ size, logout: { clients: CLIENT }, sharedSignals: { audience: AUDIENCE } })

type Parts = Pick<ReturnType<typeof createRevokingServer>, 'revoked'>

const signOut = async ({ revoked }: Parts, claims: Readonly<Record<string, unknown>>) =>
  (
    await revoked.backchannelLogout.respond('POST', '/', {
      authorization: [],
      contentType: 'application/x-www-form-urlencoded',
      body: async () => `logout_token=${logoutToken(claims)}`,
    })
  )?.status

const push = async ({ revoked }: Parts, sub: string) =>
  (
    await revoked.sharedSignals.respond('POST', '/', {
      authorization: [],
      contentType: 'application/secevent+jwt',
      body: async () => securityEvent(`${CAEP}session-revoked`, { sub_id: { format: 'iss_sub', iss: ISSUER, sub } }),
    })
  )?.status

/** How many of so many users of an issuer it can sign out. */
async function signedOut(parts: Parts, iss: string, users: number): Promise<number> {
  const statuses = await Promise.all(
    Array.from({ length: users }, (_, user) => signOut(parts, { iss, sub: `u${user}` })),
  )
  expect(statuses.every((status) => status === 200 || status === 503)).toBe(true)
  return statuses.filter((status) => status === 200).length
}

describe.each(['one after the other', 'at the same time'])('revocations that arrive %s', (how) => {
  const all = async (parts: Parts, iss: string, users: number) => {
    if (how === 'at the same time') return signedOut(parts, iss, users)
    let count = 0
    for (let user = 0; user < users; user++) if ((await signOut(parts, { iss, sub: `u${user}` })) === 200) count++
    return count
  }

  it('leave a tenth of the size to revoke()', async () => {
    const parts = createRevokingServer({}, receiving(50))
    expect(await all(parts, ISSUER, 60)).toBe(45)
    expect(await push(parts, 'one-more')).toBe(503)
    expect(parts.log.of('revocation').at(-1)).toMatchObject({ action: 'rejected', code: 'full' })
    for (let user = 0; user < 5; user++) await parts.revoked.revoke({ sub: `own-${user}` })
    await expect(parts.revoked.revoke({ sub: 'too many' })).rejects.toThrow('revocation.size')
  })

  it('leave as many to other issuers as their own has', async () => {
    const parts = createRevokingServer(SEVERAL, receiving(100))
    expect(await all(parts, ISSUER, 60)).toBe(45)
    expect(await push(parts, 'one-more')).toBe(503)
    expect(await all(parts, OTHER, 60)).toBe(23)
    await parts.revoked.revoke({ issuer: ISSUER, sub: 'own' })
  })

  it('the same in a shared store', async () => {
    const shared = createSharedStore()
    const parts = join(shared, receiving(100))
    // Of one server, whose issuers are two.
    createRevokingServer({ ...SEVERAL, stores: { secret: 'a secret of at least thirty-two bytes' } }, parts.revoked)
    await parts.revoked.list()
    expect(await all(parts, ISSUER, 60)).toBe(45)
    expect(await all(parts, OTHER, 60)).toBe(23)
    expect(shared.records).toHaveLength(68)
  })
})

it('a place is free again when its entry has ended', async () => {
  const parts = createRevokingServer(SEVERAL, receiving(10))
  expect(await signedOut(parts, ISSUER, 10)).toBe(5)
  expect(await signOut(parts, { sub: 'other' })).toBe(503)
  const { expiresAt = 0 } = (await parts.revoked.list())[0] ?? {}
  parts.clock.now = expiresAt
  time.advance(expiresAt - NOW)
  expect(await signOut(parts, { sub: 'other', iat: expiresAt, exp: expiresAt + 60 })).toBe(200)
})

it('a process that has not read the store leaves a tenth to revoke() all the same', async () => {
  const shared = createSharedStore()
  shared.notifies = false
  const [one, two] = [join(shared, receiving(50)), join(shared, receiving(50))]
  expect(await signedOut(one, ISSUER, 40)).toBe(40)
  const before = shared.records.length
  const statuses = await Promise.all(Array.from({ length: 20 }, (_, user) => signOut(two, { sub: `v${user}` })))
  expect(statuses.filter((status) => status === 200)).toHaveLength(45 - before)
  await two.revoked.revoke({ sub: 'own' })
})

describe('a revocation that adds nothing takes no place, and no write', () => {
  it.each<[string, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>]>([
    ['an earlier logout token of the user', { iat: NOW - 1 }, {}],
    ['of the session and the user', { sid: 's-1', iat: NOW - 1 }, { sid: 's-1' }],
    ['of the session', { sid: 's-1', sub: undefined, iat: NOW - 1 }, { sid: 's-1', sub: undefined }],
  ])('%s', async (_, earlier, first) => {
    const shared = createSharedStore()
    const parts = join(shared, receiving(10))
    expect(await signOut(parts, first)).toBe(200)
    for (let round = 0; round < 20; round++)
      expect(await signOut(parts, { ...earlier, iat: NOW - 1 - round, jti: `j${round}` })).toBe(200)
    expect([shared.records.length, (await parts.revoked.list()).length]).toEqual([1, 1])
  })

  it.each([{}, { sid: 's-1' }, { sid: 's-1', sub: undefined }])(
    'nor does one that is sent again while the clock of its issuer is ahead: %o',
    async (claims) => {
      const shared = createSharedStore()
      const parts = join(shared, receiving(10))
      for (let round = 0; round < 20; round++) {
        expect(await signOut(parts, { ...claims, iat: NOW + 29, exp: NOW + 120 })).toBe(200)
        parts.clock.now += 1
      }
      expect([shared.records.length, (await parts.revoked.list()).length]).toEqual([1, 1])
    },
  )

  it('nor does one of a user that the application has revoked for every issuer', async () => {
    const shared = createSharedStore()
    const parts = join(shared, receiving(10))
    await parts.revoked.revoke({ sub: 'user-1' })
    expect(await signOut(parts, {})).toBe(200)
    expect(shared.records).toHaveLength(1)
  })

  it('unless the entry has ended: an event that is sent again then counts again', async () => {
    const parts = createRevokingServer({}, receiving(100))
    expect(await push(parts, 'user-1')).toBe(202)
    parts.clock.now = (await parts.revoked.list())[0]?.expiresAt ?? 0
    expect(await push(parts, 'user-1')).toBe(202)
    expect(await parts.revoked.list()).toMatchObject([{ revokedAt: parts.clock.now }])
  })

  it('one that covers more does', async () => {
    const parts = createRevokingServer({}, receiving(100))
    const later = { iat: NOW, exp: NOW + 60 }
    await signOut(parts, { iat: NOW - 10 })
    for (const claims of [later, { ...later, sid: 's-1' }, { ...later, sid: 's-2' }, { sid: 's-3', sub: undefined }])
      expect(await signOut(parts, claims)).toBe(200)
    expect(await parts.revoked.list()).toHaveLength(5)
  })
})

describe('of a store that fails', () => {
  /** A store that counts what it is asked to add. */
  function countingStore() {
    const counting = { adds: 0, fails: false }
    const { port } = createSharedStore()
    const add: typeof port.add = (...of) => {
      counting.adds++
      return counting.fails ? Promise.reject(new Error('down')) : port.add(...of)
    }
    return Object.assign(counting, { port: { ...port, add } })
  }

  it('what could not be stored takes no place', async () => {
    const counting = countingStore()
    const parts = join(counting, receiving(10))
    counting.fails = true
    expect(await signedOut(parts, ISSUER, 20)).toBe(0)
    counting.fails = false
    expect(await signedOut(parts, ISSUER, 20)).toBe(9)
  })

  it('nothing is written that has no place, of the only issuer either', async () => {
    const counting = countingStore()
    const parts = join(counting, receiving(10))
    expect([await signedOut(parts, ISSUER, 20), counting.adds]).toEqual([9, 9])
    expect([await signOut(parts, { sub: 'another' }), counting.adds]).toEqual([503, 9])
  })
})
