import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createUsedProofs, type UsedProofs } from '../../../src/sender-constraint/dpop/replay-cache.ts'
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

/** A proof that is created when it is used. */
const use = (used: UsedProofs, key: string, proof: string, issuedAt = performance.now() / 1000) =>
  used.firstUse(key, proof, issuedAt)

/** How many proofs of each key were accepted. The keys send one after the other, each until it is refused. */
function flood(keys: number, max = MAX_ENTRIES) {
  const used = createUsedProofs(max, LIFETIME)
  const taken = Array.from({ length: keys }, (_, key) => {
    let count = 0
    while (use(used, `key ${key}`, `${key}.${count}`) === true) count++
    return count
  })
  return { used, taken, free: max - taken.reduce((sum, count) => sum + count, 0) }
}

describe('the share of one key (RFC 9449 §11.1)', () => {
  it('one client with one valid token does not lock out the others', () => {
    const { used, free } = flood(1)
    expect(use(used, 'key 0', 'one more')).toBe('share')
    expect(free).toBeGreaterThan(MAX_ENTRIES * 0.8)
    for (let client = 0; client < 1000; client++) {
      for (let count = 0; count < 40; count++) expect(use(used, `other ${client}`, `o${client}.${count}`)).toBe(true)
    }
    expect(use(used, 'key 0', '0.0'), 'what was used stays used').toBe(false)
  })

  it('many keys, each with its own token, leave 4 / (n + 4) free for others, minus one per key', () => {
    for (const keys of [1, 2, 10, 100, 500]) {
      const { used, free } = flood(keys)
      expect(free, `${keys} keys`).toBeGreaterThan((MAX_ENTRIES * 4) / (keys + 4) - keys)
      expect(use(used, 'another key', 'x'), `${keys} keys`).toBe(true)
    }
  })

  it('is a quarter of what is free, times the fraction that is free, and at least one proof', () => {
    expect(flood(1, 4).taken).toEqual([1])
    expect(flood(12, 100).taken).toEqual([18, 13, 9, 8, 6, 5, 4, 3, 3, 3, 2, 2])
  })

  it('is used up when it is reached', () => {
    // With 8 of 16 free, it is 8 / 4 × 8 / 16 = 1.
    const used = createUsedProofs(16, LIFETIME)
    for (let key = 0; key < 7; key++) expect(use(used, `${key}`, `${key}`)).toBe(true)
    expect(use(used, '0', 'second of 0')).toBe(true)
    expect(use(used, '1', 'second of 1')).toBe('share')
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
    use(used, 'other', 'a')
    pass(5_000)
    let count = 0
    while (use(used, 'greedy', `${count}`) === true) count++
    expect(used.roomIn('greedy')).toBe(85)
    expect(used.roomIn('new')).toBe(80)
    pass(80_000)
    expect(use(used, 'other', 'a'), 'ends at its time').toBe(true)
    expect(use(used, 'greedy', '0')).toBe(false)
    pass(5_000)
    expect(use(used, 'greedy', '0')).toBe(true)
  })

  it('keys whose proofs have expired leave nothing behind', () => {
    const pass = stopTime()
    const used = createUsedProofs(50, LIFETIME)
    for (let round = 0; round < 20; round++) {
      for (let key = 0; key < 50; key++) expect(use(used, `key ${key}`, `${round}.${key}`)).toBe(true)
      expect(use(used, 'one too many', 'x')).toBe('full')
      expect(used.roomIn('one too many')).toBe(85)
      pass(LIFETIME)
    }
    expect(use(used, 'last', 'x')).toBe(true)
    expect(used.roomIn('key 0')).toBe(85)
  })

  it('a key whose proofs have all expired waits for its own again, not for those of others', () => {
    const pass = stopTime()
    const used = createUsedProofs(50, LIFETIME)
    expect(used.roomIn('key')).toBe(0)
    use(used, 'key', 'first')
    pass(LIFETIME)
    use(used, 'other', 'x')
    pass(5_000)
    use(used, 'key', 'second')
    expect(used.roomIn('key')).toBe(85)
    expect(used.roomIn('new')).toBe(80)
  })

  it('a client that stays within its share is never refused, however long it continues', () => {
    const pass = stopTime()
    const used = createUsedProofs(100, LIFETIME)
    for (let count = 0; count < 200; count++) {
      expect(use(used, 'steady', `${count}`)).toBe(true)
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
          const outcome = use(used, `${key}`, id)
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

describe('a wall clock that is set back, by any amount (D7)', () => {
  it('a proof that was accepted and has expired since is not accepted again; those of other keys are', () => {
    const pass = stopTime()
    const used = createUsedProofs(100, LIFETIME)
    expect(use(used, 'key', 'proof', 1000)).toBe(true)
    for (const elapsed of [LIFETIME, LIFETIME, 10 * LIFETIME]) {
      pass(elapsed)
      expect(use(used, 'key', 'proof', 1000)).toBe(false)
      expect(use(used, 'key', `older ${elapsed}`, 999)).toBe(false)
    }
    expect(use(used, 'key', 'newer', 1001)).toBe(true)
    expect(use(used, 'another key', 'x', 900)).toBe(true)
  })

  it('what is recorded for it is bounded, and errs on the side of refusing', () => {
    const pass = stopTime()
    const used = createUsedProofs(50, LIFETIME)
    for (let key = 0; key < 500; key++) {
      expect(use(used, `key ${key}`, `${key}`, 1000 + key)).toBe(true)
      pass(LIFETIME)
    }
    for (let key = 0; key < 499; key++) expect(use(used, `key ${key}`, `${key}`, 1000 + key)).toBe(false)
    expect(use(used, 'new', 'x', 2000)).toBe(true)
  })

  it('of as many keys as there may be proofs, each has its own time; beyond that, older proofs of any key are refused', () => {
    const pass = stopTime()
    const used = createUsedProofs(2, LIFETIME)
    const expired = (key: string, issuedAt: number) => {
      expect(use(used, key, `${key} ${issuedAt}`, issuedAt)).toBe(true)
      pass(LIFETIME)
    }
    expired('a', 1000)
    expired('b', 1001)
    expired('c', 1000)
    expect(use(used, 'new', 'x', 1000)).toBe(false)
    expect(use(used, 'new', 'x', 1001)).toBe(true)
  })
})
