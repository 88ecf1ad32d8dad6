import { MAX_CLOCK_TOLERANCE } from '../claims/registered-claims.ts'
import { type Checked, optional, shape } from '../config/shape.ts'
import { number, text, valueThat } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { NumericDate, Seconds } from '../util/time.ts'

/**
 * Which tokens to revoke: one token, those of a user, of a session or of a client, or all of an issuer. Without `issuer`,
 * those of every issuer that the resource servers trust.
 */
export type RevocationTarget =
  | Target<'jti'>
  | Target<'sub'>
  | Target<'sid'>
  | Target<'client'>
  | ({ readonly issuer: string; readonly all: true } & Without<'jti' | 'sub' | 'sid' | 'client'>)

type Target<Name extends string> = { readonly issuer?: string } & { readonly [N in Name]: string } & Without<
    Exclude<'jti' | 'sub' | 'sid' | 'client' | 'all', Name>
  >

type Without<Names extends string> = { readonly [N in Names]?: never }

/** A revocation in force. */
export interface RevocationEntry {
  readonly id: string
  /** `undefined`: every issuer. */
  readonly issuer: string | undefined
  readonly jti: string | undefined
  readonly sub: string | undefined
  /** The session. In an entry that has both `sid` and `sub`, `sub` covers only tokens without `sid`. */
  readonly sid: string | undefined
  /** `client_id`, or `azp` if that is missing. */
  readonly client: string | undefined
  readonly all: boolean
  /** Tokens with a later `iat` are not covered; `undefined`: regardless of `iat`. A token without `iat` is always covered. */
  readonly before: NumericDate | undefined
  /** Whether `before` is the time of the call, to which the clock tolerance of the issuer is added. */
  readonly tolerant: boolean
  readonly revokedAt: NumericDate
  /** When it ends: no token that it covers is valid any more. For opaque tokens it ends 120 seconds earlier. */
  readonly expiresAt: NumericDate
}

/** What an entry is made of. */
export type EntryMembers = {
  readonly [Name in Exclude<keyof RevocationEntry, 'id' | 'revokedAt' | 'expiresAt'>]?:
    | RevocationEntry[Name]
    | undefined
}

/** Both `iat` and `exp` may differ by the tolerance. */
export const LATE: Seconds = 2 * MAX_CLOCK_TOLERANCE

/** An id that no one can guess, so that what names it comes from someone who has read it. */
// As JSON, because V8 would keep the 20 pieces that it makes a UUID of: 490 bytes instead of 56.
const newId = (): string => JSON.parse(JSON.stringify(crypto.randomUUID()))

export function createEntry(members: EntryMembers, now: NumericDate, maxLifetime: Seconds): RevocationEntry {
  const { before } = members
  return Object.freeze({
    id: newId(),
    issuer: members.issuer,
    jti: members.jti,
    sub: members.sub,
    sid: members.sid,
    client: members.client,
    all: members.all ?? false,
    before,
    tolerant: members.tolerant ?? false,
    revokedAt: now,
    // Tokens issued later, up to `before`, end later as well.
    expiresAt: Math.max(now, before ?? now) + maxLifetime + LATE,
  })
}

/** The entry, as long as tokens of this lifetime need it: a process with a shorter `maxLifetime` may have written it. */
export function lasting(entry: RevocationEntry, maxLifetime: Seconds): RevocationEntry {
  const expiresAt = Math.max(entry.revokedAt, entry.before ?? entry.revokedAt) + maxLifetime + LATE
  return expiresAt <= entry.expiresAt ? entry : Object.freeze({ ...entry, expiresAt })
}

const KINDS = ['jti', 'sub', 'sid', 'client', 'all'] as const

const yes = valueThat((value) => value === true, 'true')

const targetShape = shape({
  issuer: optional(text),
  jti: optional(text),
  sub: optional(text),
  sid: optional(text),
  client: optional(text),
  all: optional(yes),
})

const timesShape = shape({ before: optional(number(0, 1e11, 'seconds since the epoch')) })

/**
 * The members of the entry for a call.
 *
 * @throws {ConfigurationError} an unknown or `undefined` member, or not exactly one kind of target
 */
export function membersOf(target: unknown, times: unknown, now: NumericDate): EntryMembers {
  const checked: Checked<typeof targetShape.members> = targetShape(target, 'revoke')
  const { before } = timesShape(times, 'revoke')
  const named = KINDS.filter((kind) => checked[kind] !== undefined)
  if (named.length !== 1)
    throw new ConfigurationError(
      'revoke',
      `takes exactly one of ${KINDS.join(', ')}; got ${named.join(', ') || 'none'}`,
    )
  if (checked.all && checked.issuer === undefined)
    throw new ConfigurationError('revoke.issuer', 'is missing: all requires an issuer')
  // A session or a single token is revoked whenever it was issued.
  const whenever = checked.jti !== undefined || checked.sid !== undefined
  if (whenever || before !== undefined) return { ...checked, before }
  return { ...checked, before: now, tolerant: true }
}
