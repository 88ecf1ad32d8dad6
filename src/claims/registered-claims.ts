import type { RefusedClaim } from '../errors/reasons.ts'
import { invalidClaim, invalidToken, Refusal } from '../errors/refusal.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { NumericDate, Seconds } from '../util/time.ts'

/** The greatest clock tolerance that an issuer can have. */
export const MAX_CLOCK_TOLERANCE: Seconds = 60

export interface TimeRules {
  /** How much the clocks of issuer and server may differ. */
  readonly clockTolerance: Seconds
  /** The maximum age since `iat`; `undefined` for no limit. */
  readonly maxAge: Seconds | undefined
}

/** The audiences that a token may have. */
export interface AudienceRules {
  /** Accepted values of `aud`; `null` means that the configuration opted out. */
  readonly audience: readonly string[] | null
  /** Refuses a token with any other value as well (RFC 8707 §3). */
  readonly soleAudience: boolean
}

/** `aud` must contain an accepted value exactly (RFC 7519 §4.1.3). */
export function checkAudience(
  claims: JsonObject,
  { audience: accepted, soleAudience }: AudienceRules,
): Refusal | undefined {
  const { aud } = claims
  const listed = typeof aud === 'string' ? [aud] : aud
  if (listed === undefined) return accepted === null ? undefined : invalidClaim('missing_claim', 'aud')
  if (!isStringList(listed)) return invalidClaim('malformed', 'aud')
  if (accepted === null) return undefined
  const isAccepted = (value: string) => accepted.includes(value)
  const suffices = listed.some(isAccepted) && (!soleAudience || listed.every(isAccepted))
  return suffices ? undefined : invalidToken('audience')
}

/** The clients that may use a token. */
export interface ClientRules {
  /** Accepted values of `client_id`, or of `azp` if that is missing; `undefined` for any client. */
  readonly clients: readonly string[] | undefined
}

/** RFC 9068 §2.2. Servers that do not follow it name the client in `azp` (OpenID Connect Core §2). */
export function checkClient(claims: JsonObject, { clients }: ClientRules): Refusal | undefined {
  if (!clients) return undefined
  const name = clientClaim(claims)
  if (name === undefined) return invalidClaim('missing_claim', 'client_id')
  const client = claims[name]
  if (typeof client !== 'string') return invalidClaim('malformed', name)
  return clients.includes(client) ? undefined : invalidClaim('client', name)
}

const isStringList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((member) => typeof member === 'string')

/** The claim that names the client. */
export const clientClaim = (claims: JsonObject): 'client_id' | 'azp' | undefined =>
  (['client_id', 'azp'] as const).find((name) => Object.hasOwn(claims, name))

/** A claim without which a token is not taken. */
export const requireClaim = (claims: JsonObject, name: RefusedClaim): Refusal | undefined =>
  Object.hasOwn(claims, name) ? undefined : invalidClaim('missing_claim', name)

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
  const expiry = timeOf(claims, 'exp')
  if (expiry === 'malformed') return invalidClaim('malformed', 'exp')
  const notBefore = timeOf(claims, 'nbf')
  if (notBefore === 'malformed') return invalidClaim('malformed', 'nbf')
  const issuedAt = timeOf(claims, 'iat')
  if (issuedAt === 'malformed') return invalidClaim('malformed', 'iat')
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
  if (notBefore !== undefined && !(notBefore <= latest)) return invalidClaim('not_yet_valid', 'nbf')
  if (issuedAt !== undefined && !(issuedAt <= latest)) return invalidClaim('not_yet_valid', 'iat')
  if (rules.maxAge === undefined) return undefined
  if (issuedAt === undefined) return invalidClaim('missing_claim', 'iat')
  return now - issuedAt <= rules.maxAge + rules.clockTolerance ? undefined : invalidToken('too_old')
}

/** The times in the claims must be well formed, and must hold. */
export function checkTimesOf(claims: JsonObject, rules: TimeRules, now: NumericDate): Refusal | undefined {
  const times = timesOf(claims)
  return times instanceof Refusal ? times : checkTimes(times, now, rules)
}

/** Claims that applications compare or put into queries must have the type that RFC 7519 §4.1 states. */
export function checkStrings(claims: JsonObject): Refusal | undefined {
  for (const name of ['sub', 'client_id', 'jti'] as const) {
    if (Object.hasOwn(claims, name) && typeof claims[name] !== 'string') return invalidClaim('malformed', name)
  }
  return undefined
}
