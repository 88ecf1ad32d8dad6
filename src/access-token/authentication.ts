import { listClaim, numberClaim, stringClaim } from '../claims/typed-claims.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { NumericDate } from '../util/time.ts'

/** How the subject of a token has signed in. */
export interface Authentication {
  /** `auth_time`, in seconds since the epoch. */
  readonly time?: NumericDate
  readonly acr?: string
  readonly amr?: readonly string[]
}

const UNKNOWN: Authentication = Object.freeze({})

/** What the claims of a token (RFC 9068 §2.2.1, RFC 9470 §6.1) or an answer about it (RFC 9470 §6.2) say of it. */
export function authenticationOf(claims: JsonObject): Authentication {
  const time = numberClaim(claims, 'auth_time')
  const acr = stringClaim(claims, 'acr')
  const amr = listClaim(claims, 'amr')
  if (time === undefined && acr === undefined && amr === undefined) return UNKNOWN
  return Object.freeze({
    ...(time !== undefined && { time }),
    ...(acr !== undefined && { acr }),
    ...(amr !== undefined && { amr: Object.freeze(amr) }),
  })
}

/**
 * What two statements agree upon: the older time, and no `acr` that the other one contradicts.
 */
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
