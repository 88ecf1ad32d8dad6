import {
  type AudienceRules,
  type ClientRules,
  checkAudience,
  checkClient,
  checkStrings,
  checkTimes,
  requireClaim,
  type TimeRules,
  type TokenTimes,
  timesOf,
} from '../claims/registered-claims.ts'
import { invalidToken, Refusal } from '../errors/refusal.ts'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import type { VerificationKey } from '../jws/engine.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { NumericDate } from '../util/time.ts'
import type { UnverifiedJwt } from './parse-jwt.ts'
import { type SigningKeys, verifyingKey } from './select-key.ts'
import { checkTokenKind, type KindRules, profileViolation } from './token-kind.ts'

/** The rules for the JWTs of one issuer. */
export interface JwtRules extends TimeRules, AudienceRules, ClientRules, KindRules {
  readonly algorithms: readonly JwsAlgorithm[]
}

/** What is checked each time a verified token is presented again: its times, and that its key is current. */
export interface RevalidationData extends TokenTimes {
  readonly key: VerificationKey
  /** The refusal of the profile `rfc9068`, if it is only reported. */
  readonly violation: Refusal | undefined
  /** The claim `status`, whatever it is. Not checked here. */
  readonly status: unknown
}

/** A valid access token. */
export interface VerifiedJwt extends RevalidationData {
  readonly claims: JsonObject
}

/**
 * Decides whether a JWT of a trusted issuer is a valid access token. The cheap checks come first: a token that fails them
 * causes no key lookup and no request.
 *
 * Not checked here: `iss` (the caller selected the rules by it), scopes, and sender constraints.
 *
 * @param verifiedBy the key that already verified the signature of this token; while it is current, the signature is not
 *   checked again
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
  // Again, because the token may have expired while keys were loading.
  const expired = checkTimes(times, clock(), rules)
  if (expired) return expired
  const { expiry, notBefore, issuedAt } = times
  const violation = profileViolation(jwt.header.type, jwt.claims, rules)
  const { status } = jwt.claims
  return { claims: jwt.claims, key, expiry, notBefore, issuedAt, violation, status }
}

/** Checks only the signature, for signed tokens that are no access tokens. */
export async function verifySignature(
  jwt: UnverifiedJwt,
  rules: Pick<JwtRules, 'algorithms'>,
  keys: SigningKeys,
): Promise<Refusal | undefined> {
  if (!rules.algorithms.includes(jwt.header.algorithm)) return invalidToken('algorithm')
  const key = await verifyingKey(jwt, keys)
  if (!key) return invalidToken('signature')
  return key instanceof Refusal ? key : undefined
}

/** Everything but the signature. */
function checkClaims({ header, claims }: UnverifiedJwt, rules: JwtRules, now: NumericDate): TokenTimes | Refusal {
  if (!rules.algorithms.includes(header.algorithm)) return invalidToken('algorithm')
  const refusal =
    checkTokenKind(header.type, claims, rules) ??
    checkAudience(claims, rules) ??
    checkStrings(claims) ??
    checkClient(claims, rules) ??
    requireClaim(claims, 'exp')
  if (refusal) return refusal
  const times = timesOf(claims)
  return times instanceof Refusal ? times : (checkTimes(times, now, rules) ?? times)
}
