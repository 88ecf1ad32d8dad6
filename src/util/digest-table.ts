/** A value for each of the latest digests. */
export interface DigestTable<T> {
  get(digest: string): T | undefined
  set(digest: string, value: T): void
  delete(digest: string): void
  clear(): void
  /** The number of entries. */
  size(): number
}

interface Places<T> {
  /** A part of each digest, so that only one that is equal in it is compared. */
  readonly tags: Int32Array
  readonly digests: (string | undefined)[]
  readonly values: (T | undefined)[]
  /** In which place of each row the next digest goes. */
  readonly next: Uint16Array
}

const ROW = 8

// Why not lru-cache: docs/decisions/tokens-seen-once.md

/**
 * Each digest belongs to one short row, in which a new one takes the place of the oldest. Digests are evenly distributed,
 * and no one can choose them.
 *
 * @param max how many digests; 0 for none
 */
export function createDigestTable<T>(max: number): DigestTable<T> {
  const rows = Math.max(1, Math.floor(max / ROW))
  const width = Math.floor(max / rows)
  // Created on first use: many servers never need it.
  let places: Places<T> | undefined
  let count = 0

  /** @returns -1 if it is not there */
  function find({ tags, digests }: Places<T>, digest: string): number {
    const tag = tagOf(digest)
    const from = (tag % rows) * width
    for (let at = from; at < from + width; at++) if (tags[at] === tag && digests[at] === digest) return at
    return -1
  }

  return {
    get(digest) {
      const at = places ? find(places, digest) : -1
      return at === -1 ? undefined : places?.values[at]
    },
    set(digest, value) {
      if (max === 0) return
      places ??= createPlaces(rows, width)
      const { tags, digests, values, next } = places
      const tag = tagOf(digest)
      const row = tag % rows
      const place = next[row] as number
      next[row] = (place + 1) % width
      const at = row * width + place
      if (digests[at] === undefined) count++
      tags[at] = tag
      digests[at] = digest
      values[at] = value
    },
    delete(digest) {
      const at = places ? find(places, digest) : -1
      if (!places || at === -1) return
      places.digests[at] = undefined
      places.values[at] = undefined
      count--
    },
    clear() {
      places = undefined
      count = 0
    },
    size: () => count,
  }
}

function createPlaces<T>(rows: number, width: number): Places<T> {
  const length = rows * width
  return {
    tags: new Int32Array(length),
    digests: new Array(length).fill(undefined),
    values: new Array(length).fill(undefined),
    next: new Uint16Array(rows),
  }
}

/** A part of the digest, as a number that is not negative. */
const tagOf = (digest: string): number =>
  digest.charCodeAt(0) |
  (digest.charCodeAt(1) << 8) |
  (digest.charCodeAt(2) << 16) |
  ((digest.charCodeAt(3) & 0x3f) << 24)
