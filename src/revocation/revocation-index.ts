import type { NumericDate, Seconds } from '../util/time.ts'
import type { RevocableToken } from '../verifier/revocation.ts'
import { type EntryMembers, LATE, type RevocationEntry } from './entry.ts'
import type { Change } from './record.ts'

/** The revocations in force, in memory. */
export interface RevocationIndex {
  readonly size: number
  /** Whether an entry covers the token. */
  covers(token: RevocableToken, clockTolerance: Seconds, now: NumericDate): boolean
  /** False if it is there already, or was removed before. */
  add(entry: RevocationEntry): boolean
  /** Ends an entry for good, also if it is added only later. False if it was removed before. */
  remove(id: string, expiresAt: NumericDate): boolean
  get(id: string): RevocationEntry | undefined
  /** How many there are that name this issuer. */
  sizeOf(issuer: string): number
  /** Whether an entry since then, for the same user, session or token, covers all that one of these members would. */
  includes(members: EntryMembers, since: NumericDate): boolean
  /** In the order in which they were added. */
  entries(now: NumericDate): readonly RevocationEntry[]
  /** Every addition and removal that is known. */
  changes(): readonly Change[]
  /** Deletes entries that have ended. */
  sweep(now: NumericDate): void
}

type Values = Map<string, RevocationEntry[]>

/** The entries for the tokens of one issuer, by the value that they name. */
interface IssuerEntries {
  readonly jti: Values
  readonly sub: Values
  readonly sid: Values
  readonly client: Values
  readonly all: Values
  size: number
}

const KINDS = ['jti', 'sub', 'sid', 'client'] as const
// The only key of `all`, and the issuer of entries for every issuer: no issuer has an empty name.
const EVERY = ''

export function createRevocationIndex(): RevocationIndex {
  const byId = new Map<string, RevocationEntry>()
  const removed = new Map<string, NumericDate>()
  const byIssuer = new Map<string, IssuerEntries>()

  function coveredIn(entries: IssuerEntries, token: RevocableToken, clockTolerance: Seconds, now: NumericDate) {
    const named = (values: Values, value: string | undefined) => {
      const found = value === undefined || values.size === 0 ? undefined : values.get(value)
      return found?.some((entry) => covers(entry, token, clockTolerance, now)) === true
    }
    return (
      named(entries.jti, token.tokenId) ||
      named(entries.sub, token.subject) ||
      named(entries.sid, token.sessionId) ||
      named(entries.client, token.clientId) ||
      named(entries.all, EVERY)
    )
  }

  function entriesOf({ issuer = EVERY }: RevocationEntry): IssuerEntries {
    let entries = byIssuer.get(issuer)
    if (!entries) {
      entries = { jti: new Map(), sub: new Map(), sid: new Map(), client: new Map(), all: new Map(), size: 0 }
      byIssuer.set(issuer, entries)
    }
    return entries
  }

  function* placesOf(entry: RevocationEntry): Generator<readonly [values: Values, value: string]> {
    const entries = entriesOf(entry)
    for (const kind of KINDS) {
      const value = entry[kind]
      if (value !== undefined) yield [entries[kind], value]
    }
    if (entry.all) yield [entries.all, EVERY]
  }

  function forget(entry: RevocationEntry): void {
    byId.delete(entry.id)
    entriesOf(entry).size--
    for (const [values, value] of placesOf(entry)) {
      const others = values.get(value)?.filter((one) => one !== entry) ?? []
      if (others.length > 0) values.set(value, others)
      else values.delete(value)
    }
  }

  return {
    get size() {
      return byId.size
    },
    covers(token, clockTolerance, now) {
      if (byId.size === 0) return false
      const own = byIssuer.get(token.issuer)
      const every = byIssuer.get(EVERY)
      return (
        (own !== undefined && coveredIn(own, token, clockTolerance, now)) ||
        (every !== undefined && coveredIn(every, token, clockTolerance, now))
      )
    },
    add(entry) {
      if (byId.has(entry.id) || removed.has(entry.id)) return false
      byId.set(entry.id, entry)
      entriesOf(entry).size++
      for (const [values, value] of placesOf(entry)) {
        const others = values.get(value)
        if (others) others.push(entry)
        else values.set(value, [entry])
      }
      return true
    },
    remove(id, expiresAt) {
      if (removed.has(id)) return false
      removed.set(id, expiresAt)
      const entry = byId.get(id)
      if (entry) forget(entry)
      return true
    },
    get: (id) => byId.get(id),
    sizeOf: (issuer) => byIssuer.get(issuer)?.size ?? 0,
    includes(members, since) {
      const kind = KINDS.find((one) => members[one] !== undefined)
      if (!kind) return false
      const found = [members.issuer ?? EVERY, EVERY].flatMap(
        (issuer) => byIssuer.get(issuer)?.[kind].get(members[kind] as string) ?? [],
      )
      return found.some(
        (entry) =>
          entry.revokedAt >= since &&
          KINDS.every((name) => entry[name] === members[name]) &&
          (entry.before === undefined || (members.before !== undefined && entry.before >= members.before)),
      )
    },
    entries: (now) => [...byId.values()].filter(({ expiresAt }) => now < expiresAt),
    changes: () => [
      ...[...byId.values()].map((added) => ({ added })),
      ...[...removed].map(([id, expiresAt]) => ({ removed: id, expiresAt })),
    ],
    sweep(now) {
      for (const entry of byId.values()) {
        // Most entries end in the order in which they were added.
        if (now < entry.expiresAt) break
        forget(entry)
      }
      for (const [id, expiresAt] of removed) {
        if (now < expiresAt) break
        removed.delete(id)
      }
    },
  }
}

function covers(entry: RevocationEntry, token: RevocableToken, clockTolerance: Seconds, now: NumericDate): boolean {
  const { format, sessionId, issuedAt } = token
  if (!(now < entry.expiresAt - (format === 'opaque' ? LATE : 0))) return false
  if (entry.sid !== undefined && entry.sub !== undefined) {
    // Of a user and a session: a token that names its session is covered by that alone.
    if (sessionId !== undefined) return sessionId === entry.sid
  }
  if (entry.before === undefined || issuedAt === undefined) return true
  return issuedAt <= entry.before + (entry.tolerant ? clockTolerance : 0)
}
