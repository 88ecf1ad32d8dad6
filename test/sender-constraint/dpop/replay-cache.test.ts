import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createUsedProofs } from '../../../src/sender-constraint/dpop/replay-cache.ts'
import { readPage } from '../../docs/pages.ts'

const MAX_ENTRIES = 100_000
const LIFETIME = 85_000

/** A clock that moves only when a test sets it. */
function stopTime() {
  let now = Math.ceil(performance.now())
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  return (milliseconds: number) => {
    now += milliseconds
  }
}
afterEach(() => vi.restoreAllMocks())

/** How many proofs of each key were accepted. The keys send one after the other, each until it is refused. */
function flood(keys: number, max = MAX_ENTRIES) {
  const used = createUsedProofs(max, LIFETIME)
  const taken = Array.from({ length: keys }, (_, key) => {
    let count = 0
    while (used.firstUse(`key ${key}`, `${key}.${count}`) === true) count++
    return count
  })
  return { used, taken, free: max - taken.reduce((sum, count) => sum + count, 0) }
}

describe('the share of one key (RFC 9449 §11.1)', () => {
  it('one client with one valid token does not lock out the others', () => {
    const { used, free } = flood(1)
    expect(used.firstUse('key 0', 'one more')).toBe('share')
    expect(free).toBeGreaterThan(MAX_ENTRIES * 0.8)
    for (let client = 0; client < 1000; client++) {
      for (let count = 0; count < 40; count++)
        expect(used.firstUse(`other ${client}`, `o${client}.${count}`)).toBe(true)
    }
    expect(used.firstUse('key 0', '0.0'), 'what was used stays used').toBe(false)
  })

  it('many keys, each with its own token, leave 4 / (n + 4) free for others, minus one per key', () => {
    for (const keys of [1, 2, 10, 100, 500]) {
      const { used, free } = flood(keys)
      expect(free, `${keys} keys`).toBeGreaterThan((MAX_ENTRIES * 4) / (keys + 4) - keys)
      expect(used.firstUse('another key', 'x'), `${keys} keys`).toBe(true)
    }
  })

  it('is the one in the docs', () => {
    const rows = readPage('docs/dpop.md').text.matchAll(/^\| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$/gm)
    const documented = [...rows].map(([, ...cells]) => cells.map((cell) => Number(cell.replace(',', ''))))
    const measured = [0, 1, 10, 100].map((keys) => [keys, flood(keys).free, flood(keys + 1).taken.at(-1)])
    expect(documented).toEqual(measured)
  })

  it('a key at its limit gets the expiry of its oldest proof, and continues then', () => {
    const pass = stopTime()
    const used = createUsedProofs(100, LIFETIME)
    used.firstUse('other', 'a')
    pass(5_000)
    let count = 0
    while (used.firstUse('greedy', `${count}`) === true) count++
    expect(used.roomIn('greedy')).toBe(85)
    expect(used.roomIn('new')).toBe(80)
    pass(80_000)
    expect(used.firstUse('other', 'a'), 'ends at its time').toBe(true)
    expect(used.firstUse('greedy', '0')).toBe(false)
    pass(5_000)
    expect(used.firstUse('greedy', '0')).toBe(true)
  })

  it('keys whose proofs have expired leave nothing behind', () => {
    const pass = stopTime()
    const used = createUsedProofs(50, LIFETIME)
    for (let round = 0; round < 20; round++) {
      for (let key = 0; key < 50; key++) expect(used.firstUse(`key ${key}`, `${round}.${key}`)).toBe(true)
      expect(used.firstUse('one too many', 'x')).toBe('full')
      expect(used.roomIn('one too many')).toBe(85)
      pass(LIFETIME)
    }
    expect(used.firstUse('last', 'x')).toBe(true)
    expect(used.roomIn('key 0')).toBe(85)
  })

  it('a client that stays within its share is never refused, however long it continues', () => {
    const pass = stopTime()
    const used = createUsedProofs(100, LIFETIME)
    for (let count = 0; count < 200; count++) {
      expect(used.firstUse('steady', `${count}`)).toBe(true)
      pass(LIFETIME / 10)
    }
  })

  it('no proof is accepted twice in its lifetime, and n keys leave 4 / (n + 4) free, in any order', () => {
    const step = fc.record({ key: fc.nat(5), proof: fc.nat(60), wait: fc.nat(LIFETIME / 20) })
    fc.assert(
      fc.property(fc.array(step, { minLength: 100, maxLength: 400, size: 'max' }), (steps) => {
        const pass = stopTime()
        const max = 60
        const used = createUsedProofs(max, LIFETIME)
        const ends = new Map<string, { key: number; end: number }>()
        for (const { key, proof, wait } of steps) {
          pass(wait)
          const now = performance.now()
          for (const [id, { end }] of ends) if (end <= now) ends.delete(id)
          const id = `${key}.${proof}`
          const outcome = used.firstUse(`${key}`, id)
          if (outcome === true) {
            expect(ends.has(id)).toBe(false)
            ends.set(id, { key, end: now + LIFETIME })
          } else expect(outcome === false).toBe(ends.has(id))
          const keys = new Set([...ends.values()].map((one) => one.key)).size
          expect(max - ends.size).toBeGreaterThan((max * 4) / (keys + 4) - keys)
        }
        vi.restoreAllMocks()
      }),
    )
  })
})
