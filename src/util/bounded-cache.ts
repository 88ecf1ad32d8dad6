import { LRUCache } from 'lru-cache'

/** What is remembered of tokens, under their digests: bounded by count and by size, the least recently used goes first. */
export interface BoundedCache<T> {
  get(digest: string): T | undefined
  /** As `get`, but it does not count as a use. */
  peek(digest: string): T | undefined
  /** @param characters how much text the value was made of */
  set(digest: string, value: T, characters: number): void
  delete(digest: string): void
  deleteWhere(matches: (value: T) => boolean): void
}

// Parsed claims take several times the room of their text, and each entry some of its own.
const BYTES_PER_CHARACTER = 4
const BYTES_PER_ENTRY = 1024
const MIN_BYTES = 33_554_432

/** @param max how many tokens; 0 for none */
export function createBoundedCache<T extends object>(max: number): BoundedCache<T> {
  // Made when it is first needed: many servers see no token of a kind, and an empty memory takes room, too.
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
  }
}
