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
const date = fc.integer({ min: NOW - 100, max: NOW + 100 })

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
  issuedAt: maybe(fc.integer({ min: NOW - 150, max: NOW + 250 })),
  expiresAt: fc.constant(undefined),
})

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ add: members, at: date, lifetime: fc.constantFrom(10, 100, 200) }) },
    { weight: 1, arbitrary: fc.record({ remove: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ sweep: fc.integer({ min: NOW, max: NOW + 500 }) }) },
  ),
  { maxLength: 40 },
)

describe('the index of revocations (SPEC N3)', () => {
  it('covers what one of its entries covers, whatever was added, removed and has ended before', () => {
    fc.assert(
      fc.property(steps, fc.array(tokens, { minLength: 1, maxLength: 10 }), (changes, presented) => {
        const index = createRevocationIndex()
        let entries: RevocationEntry[] = []
        let now = NOW
        for (const change of changes) {
          if ('add' in change) {
            const entry = createEntry(change.add, change.at, change.lifetime)
            entries.push(entry)
            expect(index.add(entry, now)).toBe(true)
          } else if ('remove' in change) {
            const entry = entries[change.remove % Math.max(1, entries.length)]
            if (entry) index.remove(entry.id, entry.expiresAt, now)
            entries = entries.filter((one) => one !== entry)
          } else {
            time.advance(Math.max(0, change.sweep - now))
            now = Math.max(now, change.sweep)
            index.sweep(now)
            const before = now
            entries = entries.filter(({ expiresAt }) => before < expiresAt)
          }
          expect(index.size).toBe(entries.length)
          for (const issuer of ['a', 'b'])
            expect(index.sizeOf(issuer)).toBe(entries.filter((one) => one.issuer === issuer).length)
        }
        const end = now
        for (const one of presented) {
          const expected = entries.some((entry) => coveredBy(entry, one, 30, end))
          expect(index.covers(one, 30, end), JSON.stringify(one)).toBe(expected)
        }
        expect(index.changes(end).filter((change) => 'added' in change)).toEqual(
          entries.filter(({ expiresAt }) => end < expiresAt).map((added) => ({ added })),
        )
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
