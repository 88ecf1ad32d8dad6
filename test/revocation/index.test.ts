import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEntry, type EntryMembers, LATE, type RevocationEntry } from '../../src/revocation/entry.ts'
import { createRevocationIndex } from '../../src/revocation/revocation-index.ts'
import type { RevocableToken } from '../../src/verifier/revocation.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { createRevokingServer, tokenWith } from './kit.ts'

const time = useMonotonicClock()
const NOW = 1_800_000_000
const DAY = 86_400

const token = (over: Partial<RevocableToken> = {}): RevocableToken => ({
  format: 'jwt',
  issuer: 'a',
  subject: undefined,
  clientId: undefined,
  tokenId: undefined,
  sessionId: undefined,
  issuedAt: undefined,
  expiresAt: undefined,
  ...over,
})

/** SPEC N3, one entry and one token at a time. */
function coveredBy(entry: RevocationEntry, one: RevocableToken, tolerance: number, now: number): boolean {
  if (entry.issuer !== undefined && entry.issuer !== one.issuer) return false
  if (now >= entry.expiresAt - (one.format === 'opaque' ? LATE : 0)) return false
  const isInTime =
    entry.before === undefined ||
    one.issuedAt === undefined ||
    one.issuedAt <= entry.before + (entry.tolerant ? tolerance : 0)
  if (entry.sid !== undefined && entry.sub !== undefined) {
    return one.sessionId === undefined ? one.subject === entry.sub && isInTime : one.sessionId === entry.sid
  }
  const isNamed =
    entry.all ||
    (entry.jti !== undefined && entry.jti === one.tokenId) ||
    (entry.sub !== undefined && entry.sub === one.subject) ||
    (entry.sid !== undefined && entry.sid === one.sessionId) ||
    (entry.client !== undefined && entry.client === one.clientId)
  return isNamed && isInTime
}

const name = fc.constantFrom('x', 'y')
const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined })
/** In steps, so that times are often equal. */
const between = (min: number, max: number) => fc.integer({ min, max }).map((tens) => NOW + 10 * tens)
const date = between(-10, 10)

const members: fc.Arbitrary<EntryMembers> = fc
  .tuple(
    fc.oneof(
      fc.record({ jti: name }),
      fc.record({ sub: name }),
      fc.record({ sid: name }),
      fc.record({ client: name }),
      fc.record({ sub: name, sid: name }),
      fc.constant({ all: true }),
    ),
    fc.record({ issuer: maybe(fc.constantFrom('a', 'b')), before: maybe(date), tolerant: fc.boolean() }),
  )
  .map(([target, times]) => ({ ...target, ...times }))

const tokens = fc.record({
  format: fc.constantFrom('jwt' as const, 'opaque' as const),
  issuer: fc.constantFrom('a', 'b'),
  subject: maybe(name),
  clientId: maybe(name),
  tokenId: maybe(name),
  sessionId: maybe(name),
  issuedAt: maybe(between(-15, 25)),
  expiresAt: fc.constant(undefined),
})

/** One user of one issuer: all entries have the same place. */
const ofOneUser: fc.Arbitrary<EntryMembers> = fc
  .record({ before: maybe(date), tolerant: fc.boolean() })
  .map((times) => ({ issuer: 'a', sub: 'x', ...times }))

const stepsWith = (added: fc.Arbitrary<EntryMembers>) =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ add: added, at: date, lifetime: fc.constantFrom(10, 100, 200) }) },
      { weight: 1, arbitrary: fc.record({ remove: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ sweep: between(0, 50) }) },
    ),
    { maxLength: 40 },
  )

/** SPEC N3.1: what has the effect of these members already, one entry at a time. */
function includedIn(entry: RevocationEntry, one: EntryMembers, since: number, now: number): boolean {
  if (entry.issuer !== undefined && entry.issuer !== one.issuer) return false
  const isSame = (['jti', 'sub', 'sid', 'client'] as const).every((kind) => entry[kind] === one[kind])
  const isAsLate = entry.before === undefined || (one.before !== undefined && entry.before >= one.before)
  return !one.all && isSame && isAsLate && entry.revokedAt >= since && now < entry.expiresAt
}

describe('the index of revocations (SPEC N3)', () => {
  it.each([
    ['all kinds of entries', members],
    ['the entries of one user', ofOneUser],
  ])('covers what one of %s covers, whatever was added, removed and has ended before', (_, added) => {
    const presented = fc.array(tokens, { minLength: 1, maxLength: 10 })
    const offers = fc.array(added, { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(stepsWith(added), presented, offers, date, (changes, presented, offered, since) => {
        const index = createRevocationIndex()
        let entries: RevocationEntry[] = []
        let removed: RevocationEntry[] = []
        let now = NOW
        for (const change of changes) {
          if ('add' in change) {
            const entry = createEntry(change.add, change.at, change.lifetime)
            entries.push(entry)
            expect(index.add(entry, now)).toBe(true)
            expect(index.add({ ...entry, sub: 'another' }, now)).toBe(false)
          } else if ('remove' in change) {
            const entry = entries[change.remove % Math.max(1, entries.length)]
            if (!entry) continue
            expect(index.remove(entry.id, entry.expiresAt, now)).toBe(true)
            expect(index.remove(entry.id, entry.expiresAt, now)).toBe(false)
            expect(index.add(entry, now)).toBe(false)
            entries = entries.filter((one) => one !== entry)
            removed.push(entry)
          } else {
            time.advance(Math.max(0, change.sweep - now))
            now = Math.max(now, change.sweep)
            index.sweep(now)
            const at = now
            entries = entries.filter(({ expiresAt }) => at < expiresAt)
            removed = removed.filter(({ expiresAt }) => at < expiresAt)
          }
          const at = now
          const lasting = (all: readonly RevocationEntry[]) => all.filter(({ expiresAt }) => at < expiresAt)
          expect(index.size).toBe(entries.length)
          for (const issuer of ['a', 'b'])
            expect(index.sizeOf(issuer)).toBe(entries.filter((one) => one.issuer === issuer).length)
          for (const one of presented) {
            const expected = entries.some((entry) => coveredBy(entry, one, 30, at))
            expect(index.covers(one, 30, at), JSON.stringify(one)).toBe(expected)
          }
          for (const one of offered) {
            const expected = entries.some((entry) => includedIn(entry, one, since, at))
            expect(index.includes(one, since, at), JSON.stringify(one)).toBe(expected)
          }
          expect(entries.map(({ id }) => index.get(id))).toEqual(entries)
          expect(index.entries(at)).toEqual(lasting(entries))
          expect(index.changes(at)).toEqual([
            ...lasting(entries).map((added) => ({ added })),
            ...lasting(removed).map(({ id, expiresAt }) => ({ removed: id, expiresAt })),
          ])
        }
        // What was removed may be added again once its removal has ended.
        time.advance(1000)
        index.sweep(now + 1000)
        for (const { id } of removed)
          expect(index.add({ ...createEntry({ sub: 'x' }, now + 1000, DAY), id }, now + 1000)).toBe(true)
      }),
    )
  })

  // Each step was linear in the sessions of the user, so that their end took minutes in which no request was served.
  it.each([0, 1])('takes no longer for a user who signs out 45,000 times, %i s apart', { timeout: 5000 }, (apart) => {
    const index = createRevocationIndex()
    const members = (count: number) => ({
      issuer: 'a',
      sub: 'alice',
      sid: `session-${count}`,
      before: NOW + count * apart,
    })
    for (let count = 0; count < 45_000; count++) {
      if (index.includes(members(count), NOW + count * apart, NOW)) throw new Error('each session is another one')
      index.add(createEntry(members(count), NOW + count * apart, DAY), NOW)
    }
    const end = NOW + 45_000 * apart
    for (let count = 0; count < 1000; count++) {
      expect(index.covers(token({ subject: 'alice', issuedAt: end + 1 }), 30, end)).toBe(false)
      expect(index.covers(token({ subject: 'alice', issuedAt: end - 1 }), 30, end)).toBe(true)
      expect(index.covers(token({ subject: 'alice', sessionId: 'another', issuedAt: NOW }), 30, end)).toBe(false)
      expect(index.covers(token({ subject: 'alice', sessionId: 'session-7', issuedAt: end }), 30, end)).toBe(true)
    }
    time.advance(end - NOW + DAY + LATE)
    index.sweep(end + DAY + LATE)
    expect(index.size).toBe(0)
  })
})

describe('the places of revocations that have ended (SPEC N3.1, N3.2)', () => {
  it('are free although one that was made before them lasts longer', async () => {
    const { clock, revoked, server, outcome } = createRevokingServer({}, { size: 3 })
    await revoked.revoke({ client: 'retired-app' }, { before: clock.now + 30 * DAY })
    await revoked.revoke({ sub: 'alice' })
    await revoked.revoke({ sub: 'bob' })
    await expect(revoked.revoke({ sub: 'carol' })).rejects.toThrow('revocation.size')
    clock.now += DAY + LATE
    time.advance(DAY + LATE)
    expect(server.state().revocation?.entries).toBe(1)
    await revoked.revoke({ sub: 'carol' })
    await revoked.revoke({ sub: 'dave' })
    const times = { iat: clock.now, exp: clock.now + 300 }
    expect(await outcome(tokenWith({ sub: 'carol', ...times }))).toBe('revoked')
    expect(await outcome(tokenWith({ sub: 'erin', client_id: 'retired-app', ...times }))).toBe('revoked')
    expect(await outcome(tokenWith({ sub: 'erin', ...times }))).toBe('allowed')
  })
})

it('a removal ends what is added only later, until it ends itself', () => {
  const index = createRevocationIndex()
  const entry = createEntry({ sub: 'x' }, NOW, 1000 - LATE)
  const pass = (seconds: number, now: number) => {
    time.advance(seconds)
    index.sweep(now)
  }
  expect(index.remove(entry.id, NOW + 100, NOW)).toBe(true)
  expect(index.add(entry, NOW)).toBe(false)
  pass(100, NOW + 100)
  expect(index.add(entry, NOW + 100)).toBe(true)
  // The same again, so that two ends of one entry are known.
  index.remove(entry.id, NOW + 200, NOW + 100)
  pass(100, NOW + 200)
  expect(index.add({ ...entry, expiresAt: NOW + 2000 }, NOW + 200)).toBe(true)
  pass(800, NOW + 1000)
  expect(index.size).toBe(1)
  index.remove(entry.id, NOW + 3000, NOW + 1000)
  pass(1500, NOW + 2500)
  expect(index.add(entry, NOW + 2500)).toBe(false)
})

it('an entry has ended at its expiresAt, to the second', () => {
  const index = createRevocationIndex()
  const entry = createEntry({ sub: 'x' }, NOW, 3600)
  index.add(entry, NOW)
  const at = (now: number) => [
    index.entries(now).length,
    index.changes(now).length,
    index.includes({ sub: 'x' }, NOW, now),
    index.covers(token({ subject: 'x' }), 0, now),
  ]
  expect(at(entry.expiresAt - 1)).toEqual([1, 1, true, true])
  expect(at(entry.expiresAt)).toEqual([0, 0, false, false])
})

it('nothing ends for good while only the wall clock says so', () => {
  const index = createRevocationIndex()
  index.add(createEntry({ sub: 'x' }, NOW, 3600), NOW)
  time.advance(60)
  index.sweep(NOW + DAY)
  expect(index.covers(token({ subject: 'x' }), 30, NOW + 60)).toBe(true)
})

it('an entry that was added while the wall clock was behind ends no later than others', () => {
  const index = createRevocationIndex()
  index.add(createEntry({ sub: 'x' }, NOW, 3600), 10)
  time.advance(3600 + LATE)
  index.sweep(NOW + 3600 + LATE)
  expect(index.size).toBe(0)
})

it('an entry that had not ended by the wall clock when it had by the other one ends later', () => {
  const index = createRevocationIndex()
  index.add(createEntry({ sub: 'x' }, NOW, 3600), NOW)
  time.advance(3600 + LATE)
  index.sweep(NOW)
  expect(index.size).toBe(1)
  time.advance(3600 + LATE)
  index.sweep(NOW + 3600 + LATE)
  expect(index.size).toBe(0)
})
