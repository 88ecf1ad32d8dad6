import { describe, expect, it } from 'vitest'
import { digestOf } from '../../src/util/digest.ts'
import { createDigestTable } from '../../src/util/digest-table.ts'

const digests = (count: number) => Array.from({ length: count }, (_, at) => digestOf(`token ${at}`) as string)

/** Differs from another digest in a single character. */
const withOther = (digest: string, at: number) =>
  digest.slice(0, at) + String.fromCharCode(digest.charCodeAt(at) ^ 1) + digest.slice(at + 1)

describe('a table of digests', () => {
  it('finds only the whole digest', () => {
    const [digest = ''] = digests(1)
    const table = createDigestTable<string>(1)
    expect(table.get(digest)).toBeUndefined()
    table.set(digest, 'key')
    expect(table.get(digest)).toBe('key')
    for (let at = 0; at < digest.length; at++) expect(table.get(withOther(digest, at))).toBeUndefined()
  })

  it.each([1, 2, 3, 7, 8, 9, 15])('of %i holds that many, the latest', (max) => {
    const table = createDigestTable<number>(max)
    const all = digests(40)
    for (const [at, digest] of all.entries()) table.set(digest, at)
    expect(table.size()).toBe(max)
    expect(all.map(table.get).filter((value) => value !== undefined)).toEqual(
      Array.from({ length: max }, (_, at) => 40 - max + at),
    )
  })

  it.each([16, 100, 1000, 10_000])('of %i holds at most that many, and a tenth of them safely', (max) => {
    const table = createDigestTable<number>(max)
    const all = digests(3 * max)
    for (const [at, digest] of all.entries()) {
      table.set(digest, at)
      expect(table.get(digest)).toBe(at)
    }
    expect(table.size()).toBeLessThanOrEqual(max)
    expect(all.map(table.get).filter((value) => value !== undefined)).toHaveLength(table.size())
    const latest = all.slice(-max / 10)
    expect(latest.filter((digest) => table.get(digest) === undefined)).toEqual([])
  })

  it('deletes one, or all', () => {
    const table = createDigestTable<number>(100)
    const [first = '', second = '', unknown = ''] = digests(3)
    for (const digest of [first, second]) table.set(digest, 1)
    table.delete(first)
    table.delete(first)
    table.delete(unknown)
    expect([table.get(first), table.get(second), table.size()]).toEqual([undefined, 1, 1])
    table.set(first, 2)
    expect([table.get(first), table.size()]).toEqual([2, 2])
    table.clear()
    expect([table.get(first), table.get(second), table.size()]).toEqual([undefined, undefined, 0])
  })

  it('of none holds none', () => {
    const table = createDigestTable<number>(0)
    const [digest = ''] = digests(1)
    table.delete(digest)
    table.set(digest, 1)
    expect([table.get(digest), table.size()]).toEqual([undefined, 0])
  })
})
