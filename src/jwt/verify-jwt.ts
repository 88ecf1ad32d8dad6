import { InvalidToken } from '../errors.ts'
import type { JsonObject } from '../platform/encoding.ts'
import { chain, type MaybePromise } from '../platform/maybe-promise.ts'
import type { NumericDate } from '../platform/time.ts'
import type { JwsAlgorithm } from '../signature/algorithms.ts'
import type { SignedText, VerifySignature } from '../signature/engine.ts'
import { checkAudience, checkStrings, checkTimes, type TimeRules } from './claim-rules.ts'
import type { UnverifiedJwt } from './compact.ts'
import { checkTokenKind, type Profile } from './token-kind.ts'

/** What one issuer's tokens must look like. */
export interface JwtRules extends TimeRules {
  readonly profile: Profile
  readonly algorithms: readonly JwsAlgorithm[]
  readonly audience: readonly string[] | null
}

/** The keys of one issuer, as far as a signature check needs them. */
export interface SigningKeys {
  /** Those that may have signed this token. Learns new keys where that is allowed. */
  find(algorithm: JwsAlgorithm, kid: string | undefined): MaybePromise<readonly VerifySignature[]>
  /** Further ones, when none of those `tried` fits the signature: the material behind a `kid` may have changed. */
  findAgain(
    algorithm: JwsAlgorithm,
    kid: string | undefined,
    tried: readonly VerifySignature[],
  ): MaybePromise<readonly VerifySignature[]>
}

/**
 * Decides whether a JWT from a known issuer is a good access token, and returns its claims. The cheap checks come
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
): MaybePromise<JsonObject> {
  if (!rules.algorithms.includes(jwt.algorithm)) throw new InvalidToken('algorithm')
  checkTokenKind(jwt.header, jwt.claims, rules.profile)
  checkAudience(jwt.claims, rules.audience)
  checkStrings(jwt.claims)
  checkTimes(jwt.claims, clock(), rules)
  return chain(verifySignature(jwt, keys), (good) => {
    if (!good) throw new InvalidToken('signature')
    // Again: keys may have been on their way for a while, and nothing is accepted after its time.
    checkTimes(jwt.claims, clock(), rules)
    return jwt.claims
  })
}

function verifySignature(jwt: UnverifiedJwt, keys: SigningKeys): MaybePromise<boolean> {
  const { algorithm, kid, signed } = jwt
  return chain(keys.find(algorithm, kid), (found) =>
    chain(anyVerifies(found, signed), (good) => {
      if (good) return true
      return chain(keys.findAgain(algorithm, kid, found), (others) => anyVerifies(others, signed))
    }),
  )
}

function anyVerifies(candidates: readonly VerifySignature[], signed: SignedText, from = 0): MaybePromise<boolean> {
  const verify = candidates[from]
  if (!verify) return false
  return chain(verify(signed), (good) => good || anyVerifies(candidates, signed, from + 1))
}
