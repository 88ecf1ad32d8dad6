import { describe, expect, it } from 'vitest'
import type { RevocationEntry } from '../../src/revocation/entry.ts'
import { type Change, readChange, writeChange } from '../../src/revocation/record.ts'

// What the records of a store say (N3.2). That they are genuine has been checked before.

const ENTRY: RevocationEntry = {
  id: 'id',
  issuer: 'https://one.example',
  jti: 'token',
  sub: 'alice',
  sid: 'session',
  client: 'app',
  all: true,
  before: 5,
  tolerant: true,
  revokedAt: 7,
  expiresAt: 9,
}
const NAMES = ['issuer', 'jti', 'sub', 'sid', 'client', 'before'] as const
const none = Object.fromEntries(NAMES.map((name) => [name, undefined])) as Pick<RevocationEntry, (typeof NAMES)[number]>

const text = (change: unknown): string => JSON.stringify(change)
const added = (over: object): string => text({ v: 1, added: { ...ENTRY, ...over } })

describe('a record', () => {
  it.each<[string, Change]>([
    ['an entry with everything', { added: ENTRY }],
    ['an entry with nothing', { added: { ...ENTRY, ...none, all: false, tolerant: false } }],
    ['a removal', { removed: 'id', expiresAt: 9 }],
  ])('of %s is read as it was written', (_, change) => {
    expect(readChange(writeChange(change))).toStrictEqual(change)
  })

  it.each(NAMES.map((name) => [name]))('without %s has an entry without it', (name) => {
    expect(readChange(added({ [name]: undefined }))).toStrictEqual({ added: { ...ENTRY, [name]: undefined } })
  })

  it('has an entry that nothing can change', () => {
    const change = readChange(added({}))
    expect(change && 'added' in change && Object.isFrozen(change.added)).toBe(true)
  })

  it('has an entry with its own members only, of their types', () => {
    const [number, more] = [1, { roles: ['admin'] }]
    expect(
      readChange(added({ jti: number, sub: [], sid: {}, client: true, all: 1, before: '5', tolerant: 'x', more })),
    ).toStrictEqual({
      added: { ...ENTRY, ...none, issuer: ENTRY.issuer, all: false, tolerant: false },
    })
  })

  it.each([
    '',
    'no JSON',
    '[]',
    '7',
    '{}',
    text({ v: 1 }),
    text({ v: 2, added: ENTRY }),
    text({ v: '1', added: ENTRY }),
    text({ added: ENTRY }),
    text({ v: 2, removed: 'id', expiresAt: 9 }),
    text({ v: 1, removed: 'id' }),
    text({ v: 1, removed: 'id', expiresAt: '9' }),
    text({ v: 1, removed: 7, expiresAt: 9 }),
    text({ v: 1, added: [ENTRY] }),
    text({ v: 1, added: 'id' }),
    text({ v: 1, added: null }),
    added({ id: undefined }),
    added({ id: 7 }),
    added({ revokedAt: undefined }),
    added({ revokedAt: '7' }),
    added({ expiresAt: undefined }),
    added({ expiresAt: null }),
    added({}).replace('"expiresAt":9', '"expiresAt":1e999'),
  ])('that says nothing is not read: %s', (record) => {
    expect(readChange(record)).toBeUndefined()
  })
})
