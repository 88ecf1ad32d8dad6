import { describe, expect, it } from 'vitest'
import { createEntry, type EntryMembers, lasting, membersOf } from '../../src/revocation/entry.ts'

// What an entry covers, and how long it lasts (N3, N3.1).

const NOW = 1000
const HOUR = 3600
/** Both `iat` and `exp` may differ by a minute. */
const LATE = 120

describe('an entry lasts for maxLifetime after', () => {
  it.each<[string, EntryMembers, number]>([
    ['now', { jti: 'token' }, NOW],
    ['now, for tokens from before', { sub: 'alice', before: NOW - 5 }, NOW],
    ['now, for tokens from the beginning', { sub: 'alice', before: 0 }, NOW],
    ['the time up to which it covers tokens', { sub: 'alice', before: NOW + 5 }, NOW + 5],
  ])('%s', (_, members, from) => {
    expect(createEntry(members, NOW, HOUR)).toMatchObject({ revokedAt: NOW, expiresAt: from + HOUR + LATE })
  })

  it.each([NOW - 5, NOW + 5, undefined])('where the process that made it has a shorter one; before: %s', (before) => {
    const entry = createEntry({ sub: 'alice', before }, NOW, HOUR)
    const longer = lasting(entry, 2 * HOUR)
    expect(longer).toStrictEqual({ ...entry, expiresAt: Math.max(NOW, before ?? NOW) + 2 * HOUR + LATE })
    expect([Object.isFrozen(entry), Object.isFrozen(longer)]).toEqual([true, true])
  })

  it('of the process that made it, if that is longer or the same', () => {
    const entry = createEntry({ sub: 'alice', before: NOW + 5 }, NOW, HOUR)
    for (const maxLifetime of [1, HOUR]) expect(lasting(entry, maxLifetime)).toBe(entry)
  })
})

describe('a call of revoke()', () => {
  it.each<[object, object, EntryMembers]>([
    [{ jti: 'x' }, {}, { jti: 'x', before: undefined }],
    [{ sid: 'x' }, {}, { sid: 'x', before: undefined }],
    [{ sub: 'x' }, {}, { sub: 'x', before: NOW, tolerant: true }],
    [{ client: 'x' }, {}, { client: 'x', before: NOW, tolerant: true }],
    [{ issuer: 'i', all: true }, {}, { issuer: 'i', all: true, before: NOW, tolerant: true }],
    [{ issuer: 'i', sub: 'x' }, { before: 5 }, { issuer: 'i', sub: 'x', before: 5 }],
    [{ sid: 'x' }, { before: 0 }, { sid: 'x', before: 0 }],
    [{ jti: 'x' }, { before: 1e11 }, { jti: 'x', before: 1e11 }],
  ])('%j, %j', (target, times, members) => {
    expect(membersOf(target, times, NOW)).toEqual(members)
  })

  it.each<[object, object, string]>([
    [{}, {}, 'revoke takes exactly one of jti, sub, sid, client, all; got none'],
    [{ issuer: 'i' }, {}, 'revoke takes exactly one of jti, sub, sid, client, all; got none'],
    [{ sub: 'x', sid: 'y' }, {}, 'revoke takes exactly one of jti, sub, sid, client, all; got sub, sid'],
    [{ issuer: 'i', all: true, jti: 'y' }, {}, 'got jti, all'],
    [{ all: true }, {}, 'revoke.issuer is missing: all requires an issuer'],
    [{ issuer: 'i', all: false }, {}, 'revoke.all must be true; got false'],
    [{ sub: undefined }, {}, 'revoke.sub'],
    [{ sub: '' }, {}, 'revoke.sub'],
    [{ user: 'x' }, {}, 'revoke.user'],
    [{ sub: 'x' }, { before: -1 }, 'revoke.before must be a number of seconds since the epoch'],
    [{ sub: 'x' }, { before: 1e11 + 1 }, 'revoke.before must be a number of seconds since the epoch'],
    [{ sub: 'x' }, { before: undefined }, 'revoke.before'],
    [{ sub: 'x' }, { after: 5 }, 'revoke.after'],
  ])('is an error: %j, %j', (target, times, message) => {
    expect(() => membersOf(target, times, NOW)).toThrow(message)
  })
})
