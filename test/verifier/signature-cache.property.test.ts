import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { VerificationKey } from '../../src/jws/engine.ts'
import { createSignatureCache } from '../../src/verifier/signature-cache.ts'

// Held to the plainest thing that remembers the last ones, over any sequence of calls, with few digests so that they meet often.

/** What is remembered, oldest first; what is given up leaves its place empty until its turn comes. */
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

// Some share all the bits that decide their bucket, and some all but the last of their bytes.
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

describe('the memory of verified signatures', () => {
  it('knows the last ones, and by which key', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(call, { maxLength: 200 }), (limit, calls) =>
        run(limit, calls),
      ),
      { numRuns: 2000 },
    )
  })

  it('knows as many as it should, and not one more', () => {
    const signatures = createSignatureCache(1000)
    const digests = Array.from({ length: 3000 }, () =>
      String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))),
    )
    for (const name of digests) signatures.add(name, newKey())
    expect(digests.filter((name) => signatures.keyOf(name))).toEqual(digests.slice(2000))
  })

  it('tells digests apart by every one of their bytes', () => {
    const signatures = createSignatureCache(1)
    const stored = 'x'.repeat(32)
    signatures.add(stored, newKey())
    for (let at = 0; at < 32; at++) {
      expect(signatures.keyOf(`${stored.slice(0, at)}y${stored.slice(at + 1)}`)).toBeUndefined()
    }
    expect(signatures.keyOf(stored)).toBeDefined()
  })

  it('knows none where there is no room for any', () => {
    const signatures = createSignatureCache(0)
    signatures.add('x'.repeat(32), newKey())
    expect(signatures.keyOf('x'.repeat(32))).toBeUndefined()
  })
})
