import {
  checkAudience,
  checkStrings,
  checkTimes,
  requireClaim,
  type TimeRules,
  type TokenTimes,
  timesHold,
  timesOf,
} from '../claims/validate-claims.ts'
import { InvalidToken } from '../errors/errors.ts'
import type { ReasonFor } from '../errors/reasons.ts'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import type { VerificationKey } from '../jws/engine.ts'
import type { JsonObject } from '../util/encoding.ts'
import { isPromise, type MaybePromise } from '../util/maybe-promise.ts'
import type { NumericDate } from '../util/time.ts'
import type { UnverifiedJwt } from './parse-jwt.ts'
import { type SigningKeys, verifyingKey } from './select-key.ts'
import { checkTokenKind, type Profile } from './token-type.ts'

/** What one issuer's tokens must look like. */
export interface JwtRules extends TimeRules {
  readonly profile: Profile
  readonly algorithms: readonly JwsAlgorithm[]
  readonly audience: readonly string[] | null
}

/** What the goodness of a token rests on, once it has been verified: its times may pass, its key may be withdrawn. */
export interface RevalidationData extends TokenTimes {
  readonly key: VerificationKey
  /** Why a profile that is on trial would have refused it. */
  readonly reportOnlyReason: ReasonFor<'InvalidToken'> | undefined
}

/** A good access token. */
export interface VerifiedJwt extends RevalidationData {
  readonly claims: JsonObject
}

/**
 * Decides whether a JWT from a known issuer is a good access token. The cheap checks come
 * first: a token that fails them costs no key look-up, so a hostile one cannot make us call anybody.
 *
 * Not checked here: that `iss` belongs to these rules (the caller chose them by it), scopes, and key bindings.
 *
 * @param verifiedBy the key that verified the signature of this very token before; while it is among the keys, the
 *   signature is not looked at again
 * @see RFC 9068 §4; RFC 8725 §3
 */
export function verifyJwt(
  jwt: UnverifiedJwt,
  rules: JwtRules,
  keys: SigningKeys,
  clock: () => NumericDate,
  verifiedBy: VerificationKey | undefined,
): MaybePromise<VerifiedJwt> {
  if (!rules.algorithms.includes(jwt.header.algorithm)) throw new InvalidToken('algorithm')
  const reportOnlyReason = checkTokenKind(jwt.header.type, jwt.claims, rules.profile)
  checkAudience(jwt.claims, rules.audience)
  checkStrings(jwt.claims)
  requireClaim(jwt.claims, 'exp')
  const times = timesOf(jwt.claims)
  checkTimes(times, clock(), rules)
  const key = verifiedBy && keys.isCurrent(verifiedBy) ? verifiedBy : verifyingKey(jwt, keys)
  if (!isPromise(key)) return verifiedJwt(key, jwt, times, reportOnlyReason)
  return key.then((found) => {
    const verified = verifiedJwt(found, jwt, times, reportOnlyReason)
    // Again: keys may have been on their way for a while, and nothing is accepted after its time.
    checkTimes(times, clock(), rules)
    return verified
  })
}

function verifiedJwt(
  key: VerificationKey | undefined,
  { claims }: UnverifiedJwt,
  { expiry, notBefore, issuedAt }: TokenTimes,
  reportOnlyReason: RevalidationData['reportOnlyReason'],
): VerifiedJwt {
  if (!key) throw new InvalidToken('signature')
  return { claims, key, expiry, notBefore, issuedAt, reportOnlyReason }
}

/**
 * True while a JWT that was verified before is still good: only its times and its key can have changed. Where it is
 * not, the whole way leads to the right answer.
 */
export function isStillValid(data: RevalidationData, rules: TimeRules, keys: SigningKeys, now: NumericDate): boolean {
  return timesHold(data, now, rules) && keys.isCurrent(data.key)
}
