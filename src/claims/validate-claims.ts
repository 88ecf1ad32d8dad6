import { InvalidToken } from '../errors/errors.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { NumericDate, Seconds } from '../util/time.ts'

export interface TimeRules {
  /** How much the clocks of issuer and server may differ. */
  readonly clockTolerance: Seconds
  /** The maximum age since `iat`; `undefined` for no limit. */
  readonly maxAge: Seconds | undefined
}

/** `aud` must contain an accepted value exactly (RFC 7519 §4.1.3); `null` means that the configuration opted out. */
export function checkAudience(claims: JsonObject, accepted: readonly string[] | null): void {
  const { aud } = claims
  const listed = typeof aud === 'string' ? [aud] : aud
  if (accepted === null && listed === undefined) return
  if (!isStringList(listed)) throw new InvalidToken(listed === undefined ? 'missing_claim' : 'malformed')
  if (accepted !== null && !listed.some((value) => accepted.includes(value))) throw new InvalidToken('audience')
}

const isStringList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((member) => typeof member === 'string')

export function requireClaim(claims: JsonObject, name: string): void {
  if (!Object.hasOwn(claims, name)) throw new InvalidToken('missing_claim')
}

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
export function timesOf(claims: JsonObject): TokenTimes {
  return {
    expiry: timeClaim(claims, 'exp'),
    notBefore: timeClaim(claims, 'nbf'),
    issuedAt: timeClaim(claims, 'iat'),
  }
}

/** Checks the times that are present. */
export function checkTimes(times: TokenTimes, now: NumericDate, rules: TimeRules): void {
  const problem = problemOfTimes(times, now, rules)
  if (problem) throw new InvalidToken(problem)
}

/** True if {@link checkTimes} would not throw. */
export const timesHold = (times: TokenTimes, now: NumericDate, rules: TimeRules): boolean =>
  problemOfTimes(times, now, rules) === undefined

function problemOfTimes({ expiry, notBefore, issuedAt }: TokenTimes, now: NumericDate, rules: TimeRules) {
  // Written so that a clock that returns NaN accepts nothing.
  if (expiry !== undefined && !(now < expiry + rules.clockTolerance)) return 'expired'
  const latest = now + rules.clockTolerance
  if (notBefore !== undefined && !(notBefore <= latest)) return 'not_yet_valid'
  if (issuedAt !== undefined && !(issuedAt <= latest)) return 'not_yet_valid'
  if (rules.maxAge === undefined) return undefined
  if (issuedAt === undefined) return 'missing_claim'
  return now - issuedAt <= rules.maxAge + rules.clockTolerance ? undefined : 'too_old'
}

function timeClaim(claims: JsonObject, name: 'exp' | 'nbf' | 'iat'): NumericDate | undefined {
  if (!Object.hasOwn(claims, name)) return undefined
  const value = claims[name]
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new InvalidToken('malformed')
  return value
}

/** Claims that applications compare or put into queries must have the type that RFC 7519 §4.1 states. */
export function checkStrings(claims: JsonObject): void {
  for (const name of ['sub', 'client_id', 'jti']) {
    if (Object.hasOwn(claims, name) && typeof claims[name] !== 'string') throw new InvalidToken('malformed')
  }
}
