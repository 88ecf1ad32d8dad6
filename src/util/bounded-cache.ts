import { LRUCache } from 'lru-cache'

/** A cache by token digest, bounded by count and by size. It evicts the least recently used entry. */
export interface BoundedCache<T> {
  get(digest: string): T | undefined
  /** As `get`, but it does not count as a use. */
  peek(digest: string): T | undefined
  /** @param characters the length of the text that the value was parsed from */
  set(digest: string, value: T, characters: number): void
  delete(digest: string): void
  deleteWhere(matches: (value: T) => boolean): void
  /** The number of entries. */
  size(): number
}

// Estimates: parsed claims take several times the memory of their text, and each entry has overhead.
const BYTES_PER_CHARACTER = 4
const BYTES_PER_ENTRY = 1024
const MIN_BYTES = 33_554_432

/** @param max how many tokens; 0 for none */
export function createBoundedCache<T extends object>(max: number): BoundedCache<T> {
  // Created on first use: many servers never need it, and even an empty LRUCache takes memory.
  let entries: LRUCache<string, T> | undefined
  return {
    get: (digest) => entries?.get(digest),
    peek: (digest) => entries?.peek(digest),
    set(digest, value, characters) {
      if (max === 0) return
      entries ??= new LRUCache<string, T>({ max, maxSize: Math.max(MIN_BYTES, 2 * BYTES_PER_ENTRY * max) })
      entries.set(digest, value, { size: BYTES_PER_ENTRY + BYTES_PER_CHARACTER * characters })
    },
    delete(digest) {
      entries?.delete(digest)
    },
    deleteWhere(matches) {
      for (const [digest, value] of entries?.entries() ?? []) if (matches(value)) entries?.delete(digest)
    },
    size: () => entries?.size ?? 0,
  }
}
