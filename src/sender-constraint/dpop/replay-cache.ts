import { monotonicNow } from '../../util/runtime.ts'
import type { Seconds } from '../../util/time.ts'

/**
 * The proofs that this process has seen, up to a maximum. All are recorded for the same time. An entry is never evicted
 * before that: its proof could be used again.
 *
 * A key may hold at most a quarter of the free entries, times the fraction that is free. A client with one valid token can
 * create proofs without limit, and each must be recorded: without a share, one client would shut out all others. A few
 * keys would exhaust a constant share. This one shrinks with the free entries, so that n keys together leave 4 / (n + 4)
 * of the cache to others. The first proof of a key is accepted while any entry is free.
 */
export interface UsedProofs {
  /** True for the first call with a proof. If it cannot be recorded: `full`, or `share` because of its own key. */
  firstUse(key: string, proof: string): boolean | 'full' | 'share'
  /** Seconds until an entry for this key is free. */
  roomIn(key: string): Seconds
  /** The number of recorded proofs. */
  size(): number
}

/** The recorded proofs of one key. */
interface Holder {
  held: number
  oldest: Entry
  newest: Entry
}

interface Entry {
  /** When it may be deleted. All have the same lifetime, so the oldest come first in the map. */
  readonly end: number
  readonly key: string
  /** The next one of the same key. */
  next: Entry | undefined
}

/** @param lifetime milliseconds */
export function createUsedProofs(max: number, lifetime: number): UsedProofs {
  const entries = new Map<string, Entry>()
  const holders = new Map<string, Holder>()

  function deleteExpired(now: number): void {
    for (const [proof, entry] of entries) {
      if (entry.end > now) return
      entries.delete(proof)
      const holder = holders.get(entry.key)
      if (!holder) continue
      holder.held--
      // The oldest entry of all is also the oldest of its key.
      if (entry.next) holder.oldest = entry.next
      else holders.delete(entry.key)
    }
  }

  function record(proof: string, key: string, holder: Holder | undefined, end: number): void {
    const entry: Entry = { end, key, next: undefined }
    entries.set(proof, entry)
    if (!holder) return void holders.set(key, { held: 1, oldest: entry, newest: entry })
    holder.held++
    holder.newest.next = entry
    holder.newest = entry
  }

  return {
    size() {
      deleteExpired(monotonicNow())
      return entries.size
    },
    firstUse(key, proof) {
      const now = monotonicNow()
      deleteExpired(now)
      if (entries.has(proof)) return false
      const free = max - entries.size
      if (free <= 0) return 'full'
      const holder = holders.get(key)
      if (holder && holder.held >= (free / 4) * (free / max)) return 'share'
      record(proof, key, holder, now + lifetime)
      return true
    },
    roomIn(key) {
      const oldest = holders.get(key)?.oldest ?? entries.values().next().value
      return oldest === undefined ? 0 : Math.max(0, oldest.end - monotonicNow()) / 1000
    },
  }
}
