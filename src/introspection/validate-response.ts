import { hasForeignMember } from '../claims/non-access-token-claims.ts'
import { checkAudience, checkTimes, type TimeRules, timesOf } from '../claims/validate-claims.ts'
import { InvalidToken } from '../errors/errors.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { NumericDate } from '../util/time.ts'

/** What one issuer's active tokens must look like. */
export interface ResponseRules extends TimeRules {
  readonly issuer: string
  readonly audience: readonly string[] | null
}

// Bearer and DPoP are the types access tokens have (RFC 6750 §6.1.1, RFC 9449 §5); some servers name the kind instead.
const ACCESS_TOKEN_TYPES = ['bearer', 'dpop', 'access_token']

/**
 * Refuses an active token that is no access token for us, or not now: that an issuer calls a token active does not make
 * it meant for this API (RFC 7662 §4).
 *
 * Not checked here: scopes, key bindings. An answer without `iss` is taken to be of the issuer that was asked; one
 * without `token_type` to be about an access token.
 */
export function checkResponse(claims: JsonObject, rules: ResponseRules, now: NumericDate): void {
  checkForm(claims, rules)
  checkAudience(claims, rules.audience)
  checkTimes(timesOf(claims), now, rules)
}

/**
 * The same for what is said about a JWT that is good by itself. Its audience has been checked; the answer need not
 * repeat it, but must not say otherwise.
 */
export function checkResponseForJwt(claims: JsonObject, rules: ResponseRules, now: NumericDate): void {
  checkForm(claims, rules)
  if (Object.hasOwn(claims, 'aud')) checkAudience(claims, rules.audience)
  checkTimes(timesOf(claims), now, { ...rules, maxAge: undefined })
}

function checkForm(claims: JsonObject, rules: ResponseRules): void {
  if (Object.hasOwn(claims, 'iss') && claims.iss !== rules.issuer) throw new InvalidToken('issuer')
  const { token_type: type } = claims
  if (type !== undefined && !(typeof type === 'string' && ACCESS_TOKEN_TYPES.includes(type.toLowerCase())))
    throw new InvalidToken('token_type')
  if (hasForeignMember(claims)) throw new InvalidToken('token_type')
}
