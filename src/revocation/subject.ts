import { isObject, type JsonObject } from '../util/encoding.ts'
import type { NumericDate } from '../util/time.ts'
import type { EntryMembers } from './entry.ts'
import { Rejection } from './rejection.ts'

/**
 * What a subject identifier names (RFC 9493; Shared Signals Framework 1.0 §3): formats `iss_sub`, `opaque`, `jwt_id`, and
 * complex subjects with a `user`, a `session` or both.
 *
 * @param isSession whether an opaque identifier is that of a session, otherwise of a user
 * @param issuers those that the transmitter may report about
 */
export function targetsOf(
  subject: unknown,
  isSession: boolean,
  issuers: readonly string[],
  before: NumericDate,
): readonly EntryMembers[] | Rejection {
  if (!isObject(subject)) return new Rejection('subject')
  const { user, session } = subject
  // The format may be omitted in a complex subject.
  if (subject.format !== undefined && subject.format !== 'complex') return simple(subject, isSession, issuers, before)
  // What is there but cannot be understood must not be left out: the event would have less effect than it says.
  if ([user, session].some((one) => one !== undefined && !isObject(one))) return new Rejection('subject')
  const ofUser = isObject(user) ? simple(user, false, issuers, before) : undefined
  const ofSession = isObject(session) ? simple(session, true, issuers, before) : undefined
  if (ofUser instanceof Rejection) return ofUser
  if (ofSession instanceof Rejection) return ofSession
  if (!ofUser || !ofSession) return ofUser ?? ofSession ?? new Rejection('subject')
  // One that is no session names the user, or a token, on its own.
  if (ofSession.some(({ sid }) => sid === undefined)) return [...ofUser, ...ofSession]
  // As with a logout token that has both: one entry for each issuer, which all have the session.
  return ofSession.map((one) => ({ ...ofUser.find(({ issuer }) => issuer === one.issuer), ...one }))
}

function simple(
  { format, iss, sub, id, jti }: JsonObject,
  isSession: boolean,
  issuers: readonly string[],
  before: NumericDate,
): readonly EntryMembers[] | Rejection {
  if (format === 'opaque' && isName(id))
    return issuers.map((issuer) => (isSession ? { issuer, sid: id } : { issuer, sub: id, before }))
  if ((format !== 'iss_sub' && format !== 'jwt_id') || !isName(iss)) return new Rejection('subject')
  if (!issuers.includes(iss)) return new Rejection('denied')
  if (format === 'iss_sub' && isName(sub)) return [{ issuer: iss, sub, before }]
  return format === 'jwt_id' && isName(jti) ? [{ issuer: iss, jti }] : new Rejection('subject')
}

/**
 * A `sub` has 255 characters at most (OpenID Connect Core 1.0 §2). An entry lasts for a day: its size is not the
 * sender's choice.
 */
const MAX_NAME = 1024

export const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_NAME
