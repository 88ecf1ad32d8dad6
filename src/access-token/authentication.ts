import { listClaim, numberClaim, stringClaim } from '../claims/typed-claims.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { NumericDate } from '../util/time.ts'

/** How the subject of a token signed in. */
export interface Authentication {
  /** `auth_time`, in seconds since the epoch. */
  readonly time?: NumericDate
  readonly acr?: string
  readonly amr?: readonly string[]
}

const UNKNOWN: Authentication = Object.freeze({})

/** Reads the claims of a JWT (RFC 9068 §2.2.1, RFC 9470 §6.1) or of an introspection response (RFC 9470 §6.2). */
export function authenticationOf(claims: JsonObject): Authentication {
  const time = numberClaim(claims, 'auth_time')
  const acr = stringClaim(claims, 'acr')
  const amr = listClaim(claims, 'amr')
  if (time === undefined && acr === undefined && amr === undefined) return UNKNOWN
  const known: { -readonly [Name in keyof Authentication]: Authentication[Name] } = {}
  if (time !== undefined) known.time = time
  if (acr !== undefined) known.acr = acr
  if (amr !== undefined) known.amr = Object.freeze(amr)
  return Object.freeze(known)
}

/** Combines two statements about one token: the older time, and no `acr` that the other one contradicts. */
export function bothAuthentications(one: Authentication, other: Authentication): Authentication {
  const { time, acr, ...rest } = one
  const older = time === undefined || other.time === undefined ? time : Math.min(time, other.time)
  const agree = other.acr === undefined || other.acr === acr
  return Object.freeze({
    ...rest,
    ...(older !== undefined && { time: older }),
    ...(acr !== undefined && agree && { acr }),
  })
}
