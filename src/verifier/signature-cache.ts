import type { VerificationKey } from '../jws/engine.ts'

const NONE = -1
// A digest has 32 bytes (FIPS 180-4 §6.2), kept as words of four.
const WORDS = 8

/**
 * Which key has verified the signature of a token, under the digest of the token. Whoever brings one again is spared the
 * signature, and everything else about it is decided anew.
 */
export interface SignatureCache {
  keyOf(digest: string): VerificationKey | undefined
  /** Remembers a token, in place of the one that came longest ago. */
  add(digest: string, key: VerificationKey): void
  delete(digest: string): void
  clear(): void
}

/** @param max how many tokens; 0 for none */
export function createSignatureCache(max: number): SignatureCache {
  // Made when it is first needed: many servers see no JWT.
  let table: SignatureTable | undefined
  return {
    keyOf: (digest) => table?.keyOf(digest),
    add(digest, key) {
      if (max === 0) return
      table ??= new SignatureTable(max)
      table.add(digest, key)
    },
    delete: (digest) => table?.delete(digest),
    clear: () => table?.clear(),
  }
}

/**
 * In plain arrays of numbers: most tokens are never seen again, and what is kept of them is no object and no text that a
 * collection of garbage would have to follow.
 */
class SignatureTable implements SignatureCache {
  // Whoever makes tokens up can choose some bits of their digests, but not where they end up: all of them in one bucket
  // would have to be looked through one after the other.
  readonly #spread = (crypto.getRandomValues(new Int32Array(1))[0] as number) | 1
  readonly #shift: number
  // By place: the digest, the key, and which place comes after it in its bucket.
  readonly #words: Int32Array
  readonly #keys: (VerificationKey | undefined)[]
  readonly #next: Int32Array
  /** By bucket: its first place. */
  readonly #first: Int32Array
  /** The place that was taken longest ago. */
  #oldest = 0

  constructor(max: number) {
    this.#words = new Int32Array(max * WORDS)
    this.#keys = new Array(max).fill(undefined)
    this.#next = new Int32Array(max).fill(NONE)
    const bits = Math.ceil(Math.log2(max + 1))
    this.#shift = 32 - bits
    this.#first = new Int32Array(2 ** bits).fill(NONE)
  }

  keyOf(digest: string): VerificationKey | undefined {
    const at = this.#placeOf(digest)
    return at === NONE ? undefined : this.#keys[at]
  }

  add(digest: string, key: VerificationKey): void {
    this.delete(digest)
    const at = this.#oldest
    this.#oldest = (at + 1) % this.#keys.length
    if (this.#keys[at]) this.#unlink(at)
    for (let word = 0; word < WORDS; word++) this.#words[at * WORDS + word] = wordOf(digest, word)
    const bucket = this.#bucketOf(at)
    this.#keys[at] = key
    this.#next[at] = this.#first[bucket] as number
    this.#first[bucket] = at
  }

  delete(digest: string): void {
    const at = this.#placeOf(digest)
    if (at === NONE) return
    this.#unlink(at)
    this.#keys[at] = undefined
  }

  clear(): void {
    this.#keys.fill(undefined)
    this.#first.fill(NONE)
  }

  #placeOf(digest: string): number {
    let at = this.#first[this.#bucket(wordOf(digest, 0))] as number
    while (at !== NONE && !this.#holds(at, digest)) at = this.#next[at] as number
    return at
  }

  #holds(at: number, digest: string): boolean {
    for (let word = 0; word < WORDS; word++) {
      if (this.#words[at * WORDS + word] !== wordOf(digest, word)) return false
    }
    return true
  }

  #unlink(at: number): void {
    const bucket = this.#bucketOf(at)
    const next = this.#next[at] as number
    let before = this.#first[bucket] as number
    if (before === at) this.#first[bucket] = next
    else {
      while (this.#next[before] !== at) before = this.#next[before] as number
      this.#next[before] = next
    }
  }

  #bucketOf(at: number): number {
    return this.#bucket(this.#words[at * WORDS] as number)
  }

  #bucket(firstWord: number): number {
    return Math.imul(firstWord, this.#spread) >>> this.#shift
  }
}

const wordOf = (digest: string, word: number): number =>
  digest.charCodeAt(4 * word) |
  (digest.charCodeAt(4 * word + 1) << 8) |
  (digest.charCodeAt(4 * word + 2) << 16) |
  (digest.charCodeAt(4 * word + 3) << 24)
