import { monotonicNow } from '../../util/runtime.ts'
import type { Seconds } from '../../util/time.ts'

/**
 * The proofs that this process has seen, each kept for the same time, up to a maximum. An entry that is still needed is
 * never evicted: its proof could be used again.
 *
 * A key takes at most a quarter of the free entries, times the fraction that is free. A client with one good token can
 * create proofs as fast as the network carries them, and each has to be recorded: without a share, one client would shut
 * out all others. A few keys would use up a constant share; this one shrinks with the free entries, so that n keys
 * together leave 4 / (n + 4) of them to others. The first proof of a key is accepted while there is any free entry.
 */
export interface UsedProofs {
  /** True for the first call with a proof. If it cannot be recorded: `full`, or `share` because of its own key. */
  firstUse(key: string, proof: string): boolean | 'full' | 'share'
  /** Seconds until there is room again for this key. */
  roomIn(key: string): Seconds
}

/** The recorded proofs of one key. */
interface Holder {
  held: number
  oldest: Entry
  newest: Entry
}

interface Entry {
  /** When it may be dropped. All live equally long, so that the oldest are the first of the map. */
  readonly end: number
  readonly key: string
  /** The next one of the same key. */
  next: Entry | undefined
}

/** @param lifetime milliseconds */
export function createUsedProofs(max: number, lifetime: number): UsedProofs {
  const entries = new Map<string, Entry>()
  const holders = new Map<string, Holder>()

  function dropOld(now: number): void {
    for (const [proof, entry] of entries) {
      if (entry.end > now) return
      entries.delete(proof)
      const holder = holders.get(entry.key)
      if (!holder) continue
      holder.held--
      // The oldest of all is the oldest of its key as well.
      if (entry.next) holder.oldest = entry.next
      else holders.delete(entry.key)
    }
  }

  function remember(proof: string, key: string, holder: Holder | undefined, end: number): void {
    const entry: Entry = { end, key, next: undefined }
    entries.set(proof, entry)
    if (!holder) return void holders.set(key, { held: 1, oldest: entry, newest: entry })
    holder.held++
    holder.newest.next = entry
    holder.newest = entry
  }

  return {
    firstUse(key, proof) {
      const now = monotonicNow()
      dropOld(now)
      if (entries.has(proof)) return false
      const free = max - entries.size
      if (free <= 0) return 'full'
      const holder = holders.get(key)
      if (holder && holder.held >= (free / 4) * (free / max)) return 'share'
      remember(proof, key, holder, now + lifetime)
      return true
    },
    roomIn(key) {
      const oldest = holders.get(key)?.oldest ?? entries.values().next().value
      return oldest === undefined ? 0 : Math.max(0, oldest.end - monotonicNow()) / 1000
    },
  }
}
