import { MAX_CLOCK_TOLERANCE } from '../claims/registered-claims.ts'
import type { NumericDate } from '../util/time.ts'
import type { EntryMembers } from './entry.ts'
import { issuedAt, type Receiver } from './receiver.ts'
import { Rejection } from './rejection.ts'
import type { RevocationIndex } from './revocation-index.ts'
import { SizeError } from './size-error.ts'

export interface ReceivedParts {
  readonly index: RevocationIndex
  /** How many entries there may be, those of the application included. */
  readonly size: number
  readonly now: () => NumericDate
  /** Whether this issuer is the only one whose tokens are verified here. */
  isOnly(issuer: string): boolean
  /**
   * @param written called when the entry is stored, before it is in the index
   * @throws {SizeError} if there are `limit` entries already
   */
  add(members: EntryMembers, limit: number, written: () => void): Promise<unknown>
}

/**
 * Revokes what endpoints receive. Senders are trusted to sign out their own users, but not to use up what others need: a
 * tenth of the size is left to the application, and an issuer gets no more places than it leaves free for other issuers.
 */
export function createReceived({ index, size, now, isOnly, add }: ReceivedParts): Receiver['revoke'] {
  const limit = size - Math.floor(size / 10)
  /** What is being added, so that a token that is sent several times at once adds one entry. */
  const adding = new Map<string, Promise<Rejection | undefined>>()
  /** The issuers of entries that are not in the index yet. */
  const pending = createCounts()

  function hasPlace(issuer: string): boolean {
    const free = limit - index.size - pending.total
    return isOnly(issuer) ? free > 0 : index.sizeOf(issuer) + pending.of(issuer) < free
  }

  async function addFor(issuer: string, members: EntryMembers): Promise<Rejection | undefined> {
    const done = pending.add(issuer)
    try {
      await add(members, limit, done)
      return undefined
    } catch (thrown) {
      return new Rejection(thrown instanceof SizeError ? 'full' : 'failed')
    } finally {
      done()
    }
  }

  return async (members, token) => {
    const time = now()
    index.sweep(time)
    // One that was received before, or that another process received, or that is covered by another one. The sender's clock
    // may be ahead of ours: an entry that was made so much earlier still lasts long enough (`LATE`).
    if (index.includes(members, issuedAt(token) - MAX_CLOCK_TOLERANCE, time)) return undefined
    const key = JSON.stringify(members)
    const existing = adding.get(key)
    if (existing) return existing
    const { issuer = '' } = members
    if (!hasPlace(issuer)) return new Rejection('full')
    const work = addFor(issuer, members).finally(() => adding.delete(key))
    adding.set(key, work)
    return work
  }
}

function createCounts() {
  const counts = new Map<string, number>()
  let total = 0
  const change = (name: string, by: number) => {
    const count = (counts.get(name) ?? 0) + by
    if (count > 0) counts.set(name, count)
    else counts.delete(name)
    total += by
  }
  return {
    get total() {
      return total
    },
    of: (name: string) => counts.get(name) ?? 0,
    /** @returns a function that takes it back, once */
    add(name: string) {
      change(name, 1)
      let isCounted = true
      return () => {
        if (isCounted) change(name, -1)
        isCounted = false
      }
    },
  }
}
