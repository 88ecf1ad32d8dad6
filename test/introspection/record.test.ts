import { describe, expect, it } from 'vitest'
import { MAX_CHARACTERS, readRecord, writeRecord } from '../../src/introspection/cache/record.ts'
import { createRecordSealer } from '../../src/stores/sealed-records.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

// I10, I15: what a record in a shared store must be, even if it is authentic: another version of this package, or a
// process with other rules, may have written it.

const KEY = `v2:${'A'.repeat(43)}`
const seal = createRecordSealer([new Uint8Array(32)], 'introspection')
const REQUESTED_AT = 1_800_000_000
const claims = { aud: RESOURCE, sub: 'alice' }
const ACTIVE = { response: { active: true, claims }, requestedAt: REQUESTED_AT } as const
const INACTIVE = { response: { active: false }, requestedAt: REQUESTED_AT } as const

/** The members of a good record, with overrides; `undefined` omits one. */
const members = (over: object = {}) => ({
  v: 2,
  key: KEY,
  requested_at: REQUESTED_AT,
  active: true,
  claims,
  ...over,
})

const read = async (content: unknown) =>
  readRecord(KEY, await seal.seal(typeof content === 'string' ? content : JSON.stringify(content)), seal)

describe('a record (I10)', () => {
  it.each([ACTIVE, INACTIVE])('is read as it was written: %j', async (record) => {
    const written = await writeRecord(KEY, record, seal)
    expect(await readRecord(KEY, written, seal)).toEqual(record)
  })

  it('of an inactive token contains no claims, and grants none if it does', async () => {
    expect(await writeRecord(KEY, INACTIVE, seal)).toMatch(/"active":false\}$/)
    expect(await read(members({ active: false }))).toEqual(INACTIVE)
  })

  it('is written and read up to 64 KiB, without its authentication', async () => {
    const withName = (length: number) =>
      ({ ...ACTIVE, response: { active: true, claims: { ...claims, name: 'x'.repeat(length) } } }) as const
    const room = MAX_CHARACTERS - JSON.stringify(members({ claims: { ...claims, name: '' } })).length
    const largest = await writeRecord(KEY, withName(room), seal)
    expect(largest).toHaveLength(65_536 + 43)
    expect(await readRecord(KEY, largest, seal)).toEqual(withName(room))
    expect(await writeRecord(KEY, withName(room + 1), seal)).toBeUndefined()
    expect(await read(`${JSON.stringify(members({ claims: { ...claims, name: 'x'.repeat(room) } }))} `)).toBeUndefined()
  })
})

describe('an authentic record is a miss (I15) if it', () => {
  it.each<[string, unknown]>([
    ['is empty', ''],
    ['is not JSON', '{'],
    ['is null', null],
    ['is a list', [members()]],
    ['has an older version', members({ v: 1 })],
    ['has a newer version', members({ v: 3 })],
    ['has its version as a text', members({ v: '2' })],
    ['has no version', members({ v: undefined })],
    ['is one of another token', members({ key: `v2:${'B'.repeat(43)}` })],
    ['has no key', members({ key: undefined })],
    ['has no time', members({ requested_at: undefined })],
    ['has its time as a text', members({ requested_at: String(REQUESTED_AT) })],
    ['has an infinite time', JSON.stringify(members()).replace(String(REQUESTED_AT), '1e999')],
    ['has active as a text', members({ active: 'true' })],
    ['has active as a number', members({ active: 1 })],
    ['has no active', members({ active: undefined })],
    ['has no claims', members({ claims: undefined })],
    ['has a list of claims', members({ claims: [] })],
    ['has a time that is not one', members({ claims: { ...claims, exp: 'never' } })],
    ['has a subject that is not one', members({ claims: { ...claims, sub: 1 } })],
  ])('%s', async (_, content) => {
    expect(await read(members())).toEqual(ACTIVE)
    expect(await read(content)).toBeUndefined()
  })

  it('is not a text', async () => {
    for (const value of [undefined, null, 1, {}, new Uint8Array(50)])
      expect(await readRecord(KEY, value, seal)).toBeUndefined()
  })

  it('is one of a revocation, by its label', async () => {
    const other = createRecordSealer([new Uint8Array(32)], 'revocation')
    expect(await readRecord(KEY, await other.seal(JSON.stringify(members())), seal)).toBeUndefined()
  })
})
