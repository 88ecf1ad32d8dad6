import { MAX_CLOCK_TOLERANCE } from '../claims/registered-claims.ts'
import { FOREVER, type NumericDate } from '../util/time.ts'
import type { RevocationEntry } from './entry.ts'

/** Entries by the user, session, client or token that they name. */
export interface NamedEntries {
  add(name: string, entry: RevocationEntry): void
  delete(name: string, entry: RevocationEntry): void
  /**
   * Whether one of the entries matches.
   *
   * @param time entries that cover only tokens issued before it need not be tried; `undefined`: all are tried
   */
  some(name: string | undefined, time: NumericDate | undefined, matches: (entry: RevocationEntry) => boolean): boolean
}

/** A user can sign in and out thousands of times a day: no request may take longer for that. */
interface Several {
  readonly entries: Set<RevocationEntry>
  /** Of all, it covers the tokens issued last; among equals, the one added last. Found when it is needed, once it was deleted. */
  widest: RevocationEntry | undefined
}

/** Nearly all names have one entry, which is there by itself: a set would take more memory than the entry. */
export function createNamedEntries(): NamedEntries {
  const byName = new Map<string, RevocationEntry | Several>()
  return {
    add(name, entry) {
      const found = byName.get(name)
      if (!found) byName.set(name, entry)
      else if ('entries' in found) {
        found.entries.add(entry)
        found.widest &&= widestOf([found.widest, entry])
      } else byName.set(name, { entries: new Set([found, entry]), widest: widestOf([found, entry]) })
    },
    delete(name, entry) {
      const found = byName.get(name)
      if (!found) return
      if (!('entries' in found)) {
        byName.delete(name)
        return
      }
      found.entries.delete(entry)
      if (found.entries.size === 0) byName.delete(name)
      else if (found.widest === entry) found.widest = undefined
    },
    some(name, time, matches) {
      const found = name === undefined ? undefined : byName.get(name)
      if (!found) return false
      if (!('entries' in found)) return matches(found)
      found.widest ??= widestOf(found.entries)
      if (time !== undefined && time > latestOf(found.widest)) return false
      if (matches(found.widest)) return true
      for (const entry of found.entries) if (matches(entry)) return true
      return false
    },
  }
}

/** No later token is covered. */
const latestOf = ({ before, tolerant }: RevocationEntry): NumericDate =>
  before === undefined ? FOREVER : before + (tolerant ? MAX_CLOCK_TOLERANCE : 0)

function widestOf(entries: Iterable<RevocationEntry>): RevocationEntry {
  let widest: RevocationEntry | undefined
  for (const entry of entries) if (!widest || latestOf(entry) >= latestOf(widest)) widest = entry
  return widest as RevocationEntry
}
