const NONE = -1

/**
 * A table from digests to values, bounded by count and by size; the least recently used goes first. Digests are evenly
 * spread as they are, so that a few of their bits are the place of an entry, and no text is hashed again; the order of
 * use is kept in plain arrays of numbers, so that a new entry makes no object that a collection would have to follow.
 */
export class DigestTable<T extends object> {
  readonly #room: number
  // Whoever makes tokens up can choose some bits of their digests, but not where they end up: all of them in one bucket
  // would have to be looked through one after the other.
  readonly #spread = (crypto.getRandomValues(new Int32Array(1))[0] as number) | 1
  readonly #shift: number
  // By place of an entry: what it is, and which places come after it in its bucket and before and after it in use. The
  // bits are those of the digest: they tell most others apart without a look at a text somewhere in memory.
  readonly #bits: Int32Array
  readonly #digests: (string | undefined)[]
  readonly #values: (T | undefined)[]
  readonly #sizes: Int32Array
  readonly #next: Int32Array
  readonly #newer: Int32Array
  readonly #older: Int32Array
  /** By bucket: the place of its first entry. */
  readonly #first: Int32Array
  #newest = NONE
  #oldest = NONE
  /** The first of the places that were given up; the others follow in `#next`. */
  #free = NONE
  #used = 0
  #held = 0

  /**
   * @param most how many entries, at least one
   * @param room how much they may add up to by their sizes
   */
  constructor(most: number, room: number) {
    this.#room = room
    this.#bits = new Int32Array(most)
    this.#digests = new Array(most).fill(undefined)
    this.#values = new Array(most).fill(undefined)
    this.#sizes = new Int32Array(most)
    this.#next = new Int32Array(most)
    this.#newer = new Int32Array(most)
    this.#older = new Int32Array(most)
    const bits = Math.ceil(Math.log2(most + 1))
    this.#shift = 32 - bits
    this.#first = new Int32Array(2 ** bits).fill(NONE)
  }

  get(digest: string): T | undefined {
    const at = this.#placeOf(digest)
    if (at === NONE) return undefined
    if (at !== this.#newest) {
      this.#takeOut(at)
      this.#putFirst(at)
    }
    return this.#values[at]
  }

  /** As `get`, but it does not count as a use. */
  peek(digest: string): T | undefined {
    const at = this.#placeOf(digest)
    return at === NONE ? undefined : this.#values[at]
  }

  /** Keeps a value in place of what was there, unless it is larger than all the room there is. */
  set(digest: string, value: T, size: number): void {
    this.delete(digest)
    if (size > this.#room) return
    while (this.#held + size > this.#room) this.#remove(this.#oldest)
    const at = this.#freePlace()
    const bits = bitsOf(digest)
    const bucket = this.#bucketOf(bits)
    this.#bits[at] = bits
    this.#digests[at] = digest
    this.#values[at] = value
    this.#sizes[at] = size
    this.#held += size
    this.#next[at] = this.#first[bucket] as number
    this.#first[bucket] = at
    this.#putFirst(at)
  }

  delete(digest: string): void {
    const at = this.#placeOf(digest)
    if (at !== NONE) this.#remove(at)
  }

  deleteWhere(matches: (value: T) => boolean): void {
    let at = this.#newest
    while (at !== NONE) {
      const older = this.#older[at] as number
      if (matches(this.#values[at] as T)) this.#remove(at)
      at = older
    }
  }

  #bucketOf(bits: number): number {
    return Math.imul(bits, this.#spread) >>> this.#shift
  }

  #placeOf(digest: string): number {
    const bits = bitsOf(digest)
    let at = this.#first[this.#bucketOf(bits)] as number
    while (at !== NONE && !(this.#bits[at] === bits && this.#digests[at] === digest)) at = this.#next[at] as number
    return at
  }

  #freePlace(): number {
    if (this.#free === NONE && this.#used < this.#values.length) return this.#used++
    if (this.#free === NONE) this.#remove(this.#oldest)
    const at = this.#free
    this.#free = this.#next[at] as number
    return at
  }

  #remove(at: number): void {
    this.#takeOut(at)
    const bucket = this.#bucketOf(this.#bits[at] as number)
    let before = this.#first[bucket] as number
    if (before === at) this.#first[bucket] = this.#next[at] as number
    else {
      while (this.#next[before] !== at) before = this.#next[before] as number
      this.#next[before] = this.#next[at] as number
    }
    this.#held -= this.#sizes[at] as number
    this.#digests[at] = undefined
    this.#values[at] = undefined
    this.#next[at] = this.#free
    this.#free = at
  }

  #takeOut(at: number): void {
    const newer = this.#newer[at] as number
    const older = this.#older[at] as number
    if (newer === NONE) this.#newest = older
    else this.#older[newer] = older
    if (older === NONE) this.#oldest = newer
    else this.#newer[older] = newer
  }

  #putFirst(at: number): void {
    this.#newer[at] = NONE
    this.#older[at] = this.#newest
    if (this.#newest === NONE) this.#oldest = at
    else this.#newer[this.#newest] = at
    this.#newest = at
  }
}

/** The first 32 bits of a digest, one byte a character. */
const bitsOf = (digest: string): number =>
  digest.charCodeAt(0) | (digest.charCodeAt(1) << 8) | (digest.charCodeAt(2) << 16) | (digest.charCodeAt(3) << 24)
