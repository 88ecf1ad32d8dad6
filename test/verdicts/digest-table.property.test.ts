import fc from 'fast-check'
import { LRUCache } from 'lru-cache'
import { describe, expect, it } from 'vitest'
import { DigestTable } from '../../src/verdicts/digest-table.ts'

// Held to what lru-cache does, over any sequence of calls, with few digests so that they meet often.

type Call =
  | readonly ['get' | 'peek' | 'delete', digest: string]
  | readonly ['set', digest: string, size: number]
  | readonly ['deleteWhere', divisor: number]

// Some share all the bits that decide their bucket, and some all but the rest of the text.
const digest = fc
  .tuple(fc.constantFrom('\0\0\0\0', '\xff\0\0\x80', '\x01\0\0\0'), fc.integer({ min: 0, max: 5 }))
  .map(([first, last]) => `${first}${String(last).padStart(28, '.')}`)

const call: fc.Arbitrary<Call> = fc.oneof(
  fc.tuple(fc.constantFrom('get', 'peek', 'delete'), digest),
  fc.tuple(fc.constant('set' as const), digest, fc.integer({ min: 1, max: 12 })),
  fc.tuple(fc.constant('deleteWhere' as const), fc.integer({ min: 2, max: 4 })),
)

interface Value {
  readonly number: number
}

function run(most: number, room: number, calls: readonly Call[]): void {
  const table = new DigestTable<Value>(most, room)
  const model = new LRUCache<string, Value>({ max: most, maxSize: room })
  for (const [number, [name, ...given]] of calls.entries()) {
    if (name === 'set') {
      const [key, size] = given as [string, number]
      const value = { number }
      table.set(key, value, size)
      // lru-cache leaves the old value where the new one is too large.
      model.delete(key)
      model.set(key, value, { size })
    } else if (name === 'deleteWhere') {
      const matches = (value: Value) => value.number % (given[0] as number) === 0
      table.deleteWhere(matches)
      for (const [key, value] of [...model.entries()]) if (matches(value)) model.delete(key)
    } else if (name === 'delete') {
      table.delete(given[0] as string)
      model.delete(given[0] as string)
    } else {
      expect(table[name](given[0] as string)).toBe(model[name](given[0] as string))
    }
  }
}

describe('a table of digests', () => {
  it('keeps and drops what an LRU cache of that size would', () => {
    const bounds = fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 8, max: 40 }))
    fc.assert(
      fc.property(bounds, fc.array(call, { maxLength: 200 }), ([most, room], calls) => run(most, room, calls)),
      { numRuns: 2000 },
    )
  })

  it('keeps as many as it should, and not one more', () => {
    const table = new DigestTable<Value>(1000, 1_000_000)
    const digests = Array.from({ length: 3000 }, () =>
      String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))),
    )
    for (const [number, name] of digests.entries()) table.set(name, { number }, 1)
    const kept = digests.map((name) => table.peek(name)?.number).filter((number) => number !== undefined)
    expect(kept).toEqual(Array.from({ length: 1000 }, (_, at) => 2000 + at))
  })
})
