import { LRUCache } from 'lru-cache'
import type { Discovery } from '../discovery/discovery-cache.ts'
import { createSharedKeySets, type SharedKeySets } from '../jwks/shared-key-sets.ts'
import { type Closing, createClosing } from '../upstream/shutdown.ts'

/** What the issuers of a server share, and what outlives an issuer that is evicted. */
export interface SharedState {
  readonly keySets: SharedKeySets
  /** The metadata of an issuer: the one created before with the same key, if it is still there. */
  discovery(key: string, create: () => Discovery): Discovery
  readonly closing: Closing
}

/** @param isResolved whether tokens decide which issuers are loaded */
export function createSharedState(
  issuers: number,
  isResolved: boolean,
): SharedState & { readonly closing: ReturnType<typeof createClosing> } {
  const max = entriesFor(issuers)
  const discoveries = new LRUCache<string, Discovery>({ max })
  return {
    keySets: createSharedKeySets(max, isResolved),
    discovery(key, create) {
      const discovery = discoveries.get(key) ?? create()
      discoveries.set(key, discovery)
      return discovery
    },
    closing: createClosing(),
  }
}

/** More than the issuers that are loaded: what is known of an evicted one prevents requests. */
export const entriesFor = (issuers: number): number => Math.max(1000, 2 * issuers)
