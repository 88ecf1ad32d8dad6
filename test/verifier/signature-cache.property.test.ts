import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { VerificationKey } from '../../src/jws/engine.ts'
import { createSignatureCache } from '../../src/verifier/signature-cache.ts'

// Compared with a naive cache over any sequence of calls, with few digests so that they collide often.

/** The entries, oldest first. A deleted entry leaves an empty place until that place is the oldest. */
class Model {
  #places: ({ digest: string; key: VerificationKey } | undefined)[]
  constructor(limit: number) {
    this.#places = new Array(limit).fill(undefined)
  }
  keyOf(digest: string) {
    return this.#places.find((place) => place?.digest === digest)?.key
  }
  add(digest: string, key: VerificationKey) {
    this.delete(digest)
    this.#places = [...this.#places.slice(1), { digest, key }]
  }
  delete(digest: string) {
    this.#places = this.#places.map((place) => (place?.digest === digest ? undefined : place))
  }
  clear() {
    this.#places.fill(undefined)
  }
}

type Call = readonly ['keyOf' | 'add' | 'delete', digest: string] | readonly ['clear']

// Some share all bits that select the bucket, and some all bytes except the last.
const digest = fc
  .tuple(fc.constantFrom('\0\0\0\0', '\xff\0\0\x80', '\x01\0\0\0'), fc.integer({ min: 0, max: 5 }))
  .map(([first, last]) => `${first}${String(last).padStart(28, '.')}`)

const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 20, arbitrary: fc.tuple(fc.constantFrom('keyOf', 'add', 'add', 'delete'), digest) },
  { weight: 1, arbitrary: fc.constant(['clear'] as const) },
)

const newKey = (): VerificationKey => ({ verify: () => true })

function run(limit: number, calls: readonly Call[]): void {
  const signatures = createSignatureCache(limit)
  const model = new Model(limit)
  for (const [name, args] of calls) {
    if (name === 'add') {
      const key = newKey()
      signatures.add(args, key)
      model.add(args, key)
    } else if (name === 'clear') {
      signatures.clear()
      model.clear()
    } else if (name === 'delete') {
      signatures.delete(args)
      model.delete(args)
    } else {
      expect(signatures.keyOf(args)).toBe(model.keyOf(args))
    }
  }
}

describe('the cache of verified signatures', () => {
  it('finds the most recent ones with their keys', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(call, { maxLength: 200 }), (limit, calls) =>
        run(limit, calls),
      ),
      { numRuns: 2000 },
    )
  })

  it('has exactly as many entries as its limit', () => {
    const signatures = createSignatureCache(1000)
    const digests = Array.from({ length: 3000 }, () =>
      String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))),
    )
    for (const name of digests) signatures.add(name, newKey())
    expect(digests.filter((name) => signatures.keyOf(name))).toEqual(digests.slice(2000))
  })

  it('compares every byte of a digest', () => {
    const signatures = createSignatureCache(1)
    const stored = 'x'.repeat(32)
    signatures.add(stored, newKey())
    for (let at = 0; at < 32; at++) {
      expect(signatures.keyOf(`${stored.slice(0, at)}y${stored.slice(at + 1)}`)).toBeUndefined()
    }
    expect(signatures.keyOf(stored)).toBeDefined()
  })

  it('is always empty with a limit of 0', () => {
    const signatures = createSignatureCache(0)
    signatures.add('x'.repeat(32), newKey())
    expect(signatures.keyOf('x'.repeat(32))).toBeUndefined()
  })
})
