import { FOREVER, type NumericDate, type Seconds } from '../util/time.ts'
import type { RevocableToken } from '../verifier/revocation.ts'
import { createEndings } from './endings.ts'
import { type EntryMembers, LATE, type RevocationEntry } from './entry.ts'
import { createNamedEntries, type NamedEntries } from './named-entries.ts'
import type { Change } from './record.ts'

/** The revocations in force, in memory. */
export interface RevocationIndex {
  readonly size: number
  /** Whether an entry covers the token. */
  covers(token: RevocableToken, clockTolerance: Seconds, now: NumericDate): boolean
  /** False if it is there already, or was removed before. */
  add(entry: RevocationEntry, now: NumericDate): boolean
  /** Ends an entry for good, also if it is added only later. False if it was removed before. */
  remove(id: string, expiresAt: NumericDate, now: NumericDate): boolean
  get(id: string): RevocationEntry | undefined
  /** How many there are that name this issuer. */
  sizeOf(issuer: string): number
  /** Whether an entry since then, for the same user, session or token, covers all that one of these members would. */
  includes(members: EntryMembers, since: NumericDate, now: NumericDate): boolean
  /** In the order in which they were added. */
  entries(now: NumericDate): readonly RevocationEntry[]
  /** Every addition and removal that is known and has not ended. */
  changes(now: NumericDate): readonly Change[]
  /** Deletes entries that have ended for good: those of which only the wall clock says so count, but cover nothing. */
  sweep(now: NumericDate): void
}

/** The entries for the tokens of one issuer, by what they name. */
interface IssuerEntries {
  readonly jti: NamedEntries
  readonly sub: NamedEntries
  /** Of a user and a session, by the user: they cover only tokens that do not name their session. */
  readonly subOfSession: NamedEntries
  readonly sid: NamedEntries
  readonly client: NamedEntries
  readonly all: NamedEntries
  size: number
}

const KINDS = ['jti', 'sid', 'sub', 'client'] as const
// The only key of `all`, and the issuer of entries for every issuer: no issuer has an empty name.
const EVERY = ''

export function createRevocationIndex(): RevocationIndex {
  const byId = new Map<string, RevocationEntry>()
  const removed = new Map<string, NumericDate>()
  const byIssuer = new Map<string, IssuerEntries>()
  const endings = createEndings()

  function coveredIn(entries: IssuerEntries, token: RevocableToken, clockTolerance: Seconds, now: NumericDate) {
    const matches = (entry: RevocationEntry) => covers(entry, token, clockTolerance, now)
    const named = (values: NamedEntries, value: string | undefined) => values.some(value, token.issuedAt, matches)
    return (
      named(entries.jti, token.tokenId) ||
      named(entries.sub, token.subject) ||
      // Whenever it was issued: see `covers`.
      entries.sid.some(token.sessionId, undefined, matches) ||
      (!token.sessionId && named(entries.subOfSession, token.subject)) ||
      named(entries.client, token.clientId) ||
      named(entries.all, EVERY)
    )
  }

  function entriesOf({ issuer = EVERY }: RevocationEntry): IssuerEntries {
    let entries = byIssuer.get(issuer)
    if (!entries) {
      entries = {
        jti: createNamedEntries(),
        sub: createNamedEntries(),
        subOfSession: createNamedEntries(),
        sid: createNamedEntries(),
        client: createNamedEntries(),
        all: createNamedEntries(),
        size: 0,
      }
      byIssuer.set(issuer, entries)
    }
    return entries
  }

  function* placesOf(entry: RevocationEntry): Generator<readonly [values: NamedEntries, value: string]> {
    const entries = entriesOf(entry)
    for (const kind of KINDS) {
      const value = entry[kind]
      if (value !== undefined)
        yield [kind === 'sub' && entry.sid !== undefined ? entries.subOfSession : entries[kind], value]
    }
    if (entry.all) yield [entries.all, EVERY]
  }

  function forget(entry: RevocationEntry): void {
    byId.delete(entry.id)
    entriesOf(entry).size--
    for (const [values, value] of placesOf(entry)) values.delete(value, entry)
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
    add(entry, now) {
      if (byId.has(entry.id) || removed.has(entry.id)) return false
      byId.set(entry.id, entry)
      // It was not made in the future: a clock that is behind must not keep it for longer than it lasts.
      endings.add(entry, Math.max(now, entry.revokedAt))
      entriesOf(entry).size++
      for (const [values, value] of placesOf(entry)) values.add(value, entry)
      return true
    },
    remove(id, expiresAt, now) {
      if (removed.has(id)) return false
      removed.set(id, expiresAt)
      endings.add({ id, expiresAt }, now)
      const entry = byId.get(id)
      if (entry) forget(entry)
      return true
    },
    get: (id) => byId.get(id),
    sizeOf: (issuer) => byIssuer.get(issuer)?.size ?? 0,
    includes(members, since, now) {
      const kind = KINDS.find((one) => members[one] !== undefined)
      if (!kind) return false
      const isAsMuch = (entry: RevocationEntry) =>
        entry.revokedAt >= since &&
        now < entry.expiresAt &&
        KINDS.every((name) => entry[name] === members[name]) &&
        (entry.before === undefined || (members.before !== undefined && entry.before >= members.before))
      const { before = FOREVER } = members
      return [members.issuer ?? EVERY, EVERY].some((issuer) =>
        byIssuer.get(issuer)?.[kind].some(members[kind], before, isAsMuch),
      )
    },
    entries: (now) => [...byId.values()].filter(({ expiresAt }) => now < expiresAt),
    changes: (now) => [
      ...[...byId.values()].filter(({ expiresAt }) => now < expiresAt).map((added) => ({ added })),
      ...[...removed].filter(([, expiresAt]) => now < expiresAt).map(([id, expiresAt]) => ({ removed: id, expiresAt })),
    ],
    sweep(now) {
      for (let ended = endings.takeEnded(now); ended; ended = endings.takeEnded(now)) {
        const { id } = ended
        const entry = byId.get(id)
        if (entry && entry.expiresAt <= now) forget(entry)
        if ((removed.get(id) ?? now + 1) <= now) removed.delete(id)
      }
    },
  }
}

function covers(entry: RevocationEntry, token: RevocableToken, clockTolerance: Seconds, now: NumericDate): boolean {
  const { format, sessionId, issuedAt } = token
  if (!(now < entry.expiresAt - (format === 'opaque' ? LATE : 0))) return false
  // Of a user and a session: a token that names this session is covered whenever it was issued. An empty name names nothing.
  if (entry.sid !== undefined && entry.sub !== undefined && sessionId) return true
  if (entry.before === undefined || issuedAt === undefined) return true
  return issuedAt <= entry.before + (entry.tolerant ? clockTolerance : 0)
}
