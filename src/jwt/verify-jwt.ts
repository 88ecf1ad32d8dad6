import { InvalidToken } from '../errors.ts'
import type { JsonObject } from '../platform/encoding.ts'
import { chain, type MaybePromise } from '../platform/maybe-promise.ts'
import type { NumericDate } from '../platform/time.ts'
import type { ReasonFor } from '../reasons.ts'
import type { JwsAlgorithm } from '../signature/algorithms.ts'
import type { VerificationKey } from '../signature/engine.ts'
import {
  checkAudience,
  checkStrings,
  checkTimes,
  requireClaim,
  type TimeRules,
  timesHold,
} from '../token/claim-rules.ts'
import type { UnverifiedJwt } from './compact.ts'
import { type SigningKeys, verifyingKey } from './signing-keys.ts'
import { checkTokenKind, type Profile } from './token-kind.ts'

/** What one issuer's tokens must look like. */
export interface JwtRules extends TimeRules {
  readonly profile: Profile
  readonly algorithms: readonly JwsAlgorithm[]
  readonly audience: readonly string[] | null
}

/** A good access token: its claims, and the key that its goodness rests on. */
export interface VerifiedJwt {
  readonly claims: JsonObject
  readonly key: VerificationKey
  /** Why a profile that is on trial would have refused it. */
  readonly onTrial: ReasonFor<'InvalidToken'> | undefined
}

/**
 * Decides whether a JWT from a known issuer is a good access token. The cheap checks come
 * first: a token that fails them costs no key look-up, so a hostile one cannot make us call anybody.
 *
 * Not checked here: that `iss` belongs to these rules (the caller chose them by it), scopes, and key bindings.
 *
 * @see RFC 9068 §4; RFC 8725 §3
 */
export function verifyJwt(
  jwt: UnverifiedJwt,
  rules: JwtRules,
  keys: SigningKeys,
  clock: () => NumericDate,
): MaybePromise<VerifiedJwt> {
  if (!rules.algorithms.includes(jwt.header.algorithm)) throw new InvalidToken('algorithm')
  const onTrial = checkTokenKind(jwt.header.type, jwt.claims, rules.profile)
  checkAudience(jwt.claims, rules.audience)
  checkStrings(jwt.claims)
  requireClaim(jwt.claims, 'exp')
  checkTimes(jwt.claims, clock(), rules)
  return chain(verifyingKey(jwt, keys), (key) => {
    if (!key) throw new InvalidToken('signature')
    // Again: keys may have been on their way for a while, and nothing is accepted after its time.
    checkTimes(jwt.claims, clock(), rules)
    return { claims: jwt.claims, key, onTrial }
  })
}

/**
 * True while a JWT that was verified before is still good: only its times and its key can have changed. Where it is
 * not, the whole way leads to the right answer.
 */
export function stillGood(jwt: VerifiedJwt, rules: TimeRules, keys: SigningKeys, now: NumericDate): boolean {
  return timesHold(jwt.claims, now, rules) && keys.vouches(jwt.key)
}
