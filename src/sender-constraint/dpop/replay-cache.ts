import { monotonicNow } from '../../util/runtime.ts'
import { LONG_AGO, type NumericDate, type Seconds } from '../../util/time.ts'

/**
 * The proofs that this process has seen, up to a maximum. All are recorded for the same time. An entry is never evicted
 * before that: its proof could be used again.
 *
 * A key may hold at most a quarter of the free entries, times the fraction that is free. A client with one valid token can
 * create proofs without limit, and each must be recorded: without a share, one client would shut out all others. A few
 * keys would exhaust a constant share. This one shrinks with the free entries, so that n keys together leave 4 / (n + 4)
 * of the cache to others. The first proof of a key is accepted while any entry is free.
 *
 * Of deleted proofs, the latest `iat` of each key is recorded. By the clock that they were accepted by, they are too old
 * to be used again; if that clock is set back, they are recognized by it.
 */
export interface UsedProofs {
  /**
   * True for the first call with a proof. If it cannot be recorded: `full`, or `share` because of its own key.
   *
   * @param issuedAt `iat` of the proof
   */
  firstUse(key: string, proof: string, issuedAt: NumericDate): boolean | 'full' | 'share'
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
  readonly issuedAt: NumericDate
  /** The next one of the same key. */
  next: Entry | undefined
}

/** @param lifetime milliseconds */
export function createUsedProofs(max: number, lifetime: number): UsedProofs {
  const entries = new Map<string, Entry>()
  const holders = new Map<string, Holder>()
  /** The latest `iat` of the deleted proofs of each key, the most recent last. Bounded like the proofs. */
  const deletedUntil = new Map<string, NumericDate>()
  let anyDeletedUntil = LONG_AGO

  function deleteExpired(now: number): void {
    for (const [proof, entry] of entries) {
      if (entry.end > now) return
      entries.delete(proof)
      noteDeleted(entry)
      const holder = holders.get(entry.key)
      if (!holder) continue
      holder.held--
      // The oldest entry of all is also the oldest of its key.
      if (entry.next) holder.oldest = entry.next
      else holders.delete(entry.key)
    }
  }

  function noteDeleted({ key, issuedAt }: Entry): void {
    const latest = Math.max(deletedUntil.get(key) ?? LONG_AGO, issuedAt)
    deletedUntil.delete(key)
    deletedUntil.set(key, latest)
    const [oldest] = deletedUntil
    if (deletedUntil.size <= max || !oldest) return
    deletedUntil.delete(oldest[0])
    anyDeletedUntil = Math.max(anyDeletedUntil, oldest[1])
  }

  const mayBeDeleted = (key: string, issuedAt: NumericDate): boolean =>
    issuedAt <= Math.max(anyDeletedUntil, deletedUntil.get(key) ?? LONG_AGO)

  function record(proof: string, entry: Entry): void {
    const { key } = entry
    const holder = holders.get(key)
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
    firstUse(key, proof, issuedAt) {
      const now = monotonicNow()
      deleteExpired(now)
      if (entries.has(proof) || mayBeDeleted(key, issuedAt)) return false
      const free = max - entries.size
      if (free <= 0) return 'full'
      const holder = holders.get(key)
      if (holder && holder.held >= (free / 4) * (free / max)) return 'share'
      record(proof, { end: now + lifetime, key, issuedAt, next: undefined })
      return true
    },
    roomIn(key) {
      const oldest = holders.get(key)?.oldest ?? entries.values().next().value
      return oldest === undefined ? 0 : Math.max(0, oldest.end - monotonicNow()) / 1000
    },
  }
}
