import {
  checkAudience,
  checkStrings,
  checkTimes,
  requireClaim,
  type TimeRules,
  type TokenTimes,
  timesOf,
} from '../claims/validate-claims.ts'
import { invalidToken, Refusal } from '../errors/refusal.ts'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import type { VerificationKey } from '../jws/engine.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { NumericDate } from '../util/time.ts'
import type { UnverifiedJwt } from './parse-jwt.ts'
import { type SigningKeys, verifyingKey } from './select-key.ts'
import { checkTokenKind, type Profile, profileViolation } from './token-type.ts'

/** What one issuer's tokens must look like. */
export interface JwtRules extends TimeRules {
  readonly profile: Profile
  readonly algorithms: readonly JwsAlgorithm[]
  readonly audience: readonly string[] | null
}

/** What has to be checked again when a verified token is presented again: its times, and that its key is current. */
export interface RevalidationData extends TokenTimes {
  readonly key: VerificationKey
  /** What the profile `rfc9068` would refuse it with, where that is only reported. */
  readonly violation: Refusal | undefined
}

/** A valid access token. */
export interface VerifiedJwt extends RevalidationData {
  readonly claims: JsonObject
}

/**
 * Decides whether a JWT of a known issuer is a valid access token. The cheap checks come first: a token that fails them
 * costs no key lookup, so a hostile one cannot make us send a request.
 *
 * Not checked here: that `iss` belongs to these rules (the caller chose them by it), scopes, and sender constraints.
 *
 * @param verifiedBy the key that verified the signature of this very token before; while it is among the keys, the
 *   signature is not checked again
 * @see RFC 9068 §4; RFC 8725 §3
 */
export async function verifyJwt(
  jwt: UnverifiedJwt,
  rules: JwtRules,
  keys: SigningKeys,
  clock: () => NumericDate,
  verifiedBy: VerificationKey | undefined,
): Promise<VerifiedJwt | Refusal> {
  const times = checkClaims(jwt, rules, clock())
  if (times instanceof Refusal) return times
  const key = verifiedBy && keys.isCurrent(verifiedBy) ? verifiedBy : await verifyingKey(jwt, keys)
  if (!key) return invalidToken('signature')
  if (key instanceof Refusal) return key
  // Again, because loading keys takes time, and no token is accepted after its own.
  const expired = checkTimes(times, clock(), rules)
  if (expired) return expired
  const { expiry, notBefore, issuedAt } = times
  const violation = profileViolation(jwt.header.type, jwt.claims, rules.profile)
  return { claims: jwt.claims, key, expiry, notBefore, issuedAt, violation }
}

/** Everything but the signature. */
function checkClaims({ header, claims }: UnverifiedJwt, rules: JwtRules, now: NumericDate): TokenTimes | Refusal {
  if (!rules.algorithms.includes(header.algorithm)) return invalidToken('algorithm')
  const refusal =
    checkTokenKind(header.type, claims, rules.profile) ??
    checkAudience(claims, rules.audience) ??
    checkStrings(claims) ??
    requireClaim(claims, 'exp')
  if (refusal) return refusal
  const times = timesOf(claims)
  return times instanceof Refusal ? times : (checkTimes(times, now, rules) ?? times)
}

/**
 * True while a JWT that was verified before is still valid: only its times and its key can have changed. Otherwise it is
 * verified again, which finds the right refusal.
 */
export function isStillValid(data: RevalidationData, rules: TimeRules, keys: SigningKeys, now: NumericDate): boolean {
  return checkTimes(data, now, rules) === undefined && keys.isCurrent(data.key)
}
