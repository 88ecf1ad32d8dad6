import { invalidToken, Refusal } from '../errors/refusal.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { NumericDate, Seconds } from '../util/time.ts'

export interface TimeRules {
  /** How much the clocks of issuer and server may differ. */
  readonly clockTolerance: Seconds
  /** The maximum age since `iat`; `undefined` for no limit. */
  readonly maxAge: Seconds | undefined
}

/** `aud` must contain an accepted value exactly (RFC 7519 §4.1.3); `null` means that the configuration opted out. */
export function checkAudience(claims: JsonObject, accepted: readonly string[] | null): Refusal | undefined {
  const { aud } = claims
  const listed = typeof aud === 'string' ? [aud] : aud
  if (listed === undefined) return accepted === null ? undefined : invalidToken('missing_claim')
  if (!isStringList(listed)) return invalidToken('malformed')
  return accepted === null || listed.some((value) => accepted.includes(value)) ? undefined : invalidToken('audience')
}

const isStringList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((member) => typeof member === 'string')

/** A claim without which a token is not taken. */
export const requireClaim = (claims: JsonObject, name: string): Refusal | undefined =>
  Object.hasOwn(claims, name) ? undefined : invalidToken('missing_claim')

/** The times of a token; each is `undefined` if the claim is missing. */
export interface TokenTimes {
  readonly expiry: NumericDate | undefined
  readonly notBefore: NumericDate | undefined
  readonly issuedAt: NumericDate | undefined
}

/**
 * Times are finite numbers, since `1e999` in JSON is `Infinity` and would never expire.
 *
 * @see RFC 7519 §4.1.4–6
 */
export function timesOf(claims: JsonObject): TokenTimes | Refusal {
  const [expiry, notBefore, issuedAt] = [timeOf(claims, 'exp'), timeOf(claims, 'nbf'), timeOf(claims, 'iat')]
  if (expiry === 'malformed' || notBefore === 'malformed' || issuedAt === 'malformed') return invalidToken('malformed')
  return { expiry, notBefore, issuedAt }
}

function timeOf(claims: JsonObject, name: 'exp' | 'nbf' | 'iat'): NumericDate | undefined | 'malformed' {
  if (!Object.hasOwn(claims, name)) return undefined
  const value = claims[name]
  return typeof value === 'number' && Number.isFinite(value) ? value : 'malformed'
}

/** The times that a token names must hold. Written so that a clock that returns NaN lets nothing through. */
export function checkTimes(
  { expiry, notBefore, issuedAt }: TokenTimes,
  now: NumericDate,
  rules: TimeRules,
): Refusal | undefined {
  if (expiry !== undefined && !(now < expiry + rules.clockTolerance)) return invalidToken('expired')
  const latest = now + rules.clockTolerance
  if (notBefore !== undefined && !(notBefore <= latest)) return invalidToken('not_yet_valid')
  if (issuedAt !== undefined && !(issuedAt <= latest)) return invalidToken('not_yet_valid')
  if (rules.maxAge === undefined) return undefined
  if (issuedAt === undefined) return invalidToken('missing_claim')
  return now - issuedAt <= rules.maxAge + rules.clockTolerance ? undefined : invalidToken('too_old')
}

/** The times in the claims must be well formed, and must hold. */
export function checkTimesOf(claims: JsonObject, rules: TimeRules, now: NumericDate): Refusal | undefined {
  const times = timesOf(claims)
  return times instanceof Refusal ? times : checkTimes(times, now, rules)
}

/** Claims that applications compare or put into queries must have the type that RFC 7519 §4.1 states. */
export function checkStrings(claims: JsonObject): Refusal | undefined {
  for (const name of ['sub', 'client_id', 'jti']) {
    if (Object.hasOwn(claims, name) && typeof claims[name] !== 'string') return invalidToken('malformed')
  }
  return undefined
}
