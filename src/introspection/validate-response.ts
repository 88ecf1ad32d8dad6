import type { TokenData } from '../access-token/access-token.ts'
import { checkForeignClaims } from '../claims/non-access-token-claims.ts'
import {
  type AudienceRules,
  type ClientRules,
  checkAudience,
  checkClient,
  checkTimesOf,
  clientClaim,
  type TimeRules,
} from '../claims/registered-claims.ts'
import { invalidClaim, invalidToken, type Refusal } from '../errors/refusal.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { NumericDate } from '../util/time.ts'

/** What the active tokens of one issuer must satisfy. */
export interface ResponseRules extends TimeRules, AudienceRules, ClientRules {
  readonly issuer: string
  readonly allowIdTokenClaims: boolean
}

// Access tokens have the types Bearer and DPoP (RFC 6750 §6.1.1, RFC 9449 §5); some servers state the kind instead.
const ACCESS_TOKEN_TYPES = ['bearer', 'dpop', 'access_token']

/**
 * Refuses an active token that is not an access token for us, or is not valid now. That a token is active does not mean
 * that it is for this API (RFC 7662 §4).
 *
 * Not checked here: scopes and sender constraints. A response without `iss` is attributed to the issuer that sent it;
 * one without `token_type` is considered to be about an access token.
 */
export function checkResponse(claims: JsonObject, rules: ResponseRules, now: NumericDate): Refusal | undefined {
  return (
    checkForm(claims, rules) ??
    checkAudience(claims, rules) ??
    checkClient(claims, rules) ??
    checkTimesOf(claims, rules, now)
  )
}

/** What a response about a JWT must not contradict. */
export type JwtIdentity = Pick<TokenData, 'subject' | 'clientId' | 'tokenId'>

/**
 * The same for the introspection response about a verified JWT. Its audience, its client and its identity have been
 * checked: the response need not repeat them, but must not contradict them.
 */
export function checkResponseForJwt(
  claims: JsonObject,
  jwt: JwtIdentity,
  rules: ResponseRules,
  now: NumericDate,
): Refusal | undefined {
  return (
    checkForm(claims, rules) ??
    (Object.hasOwn(claims, 'aud') ? checkAudience(claims, rules) : undefined) ??
    (clientClaim(claims) === undefined ? undefined : checkClient(claims, rules)) ??
    checkIdentity(claims, jwt) ??
    checkTimesOf(claims, { ...rules, maxAge: undefined }, now)
  )
}

/** A response with another subject, client or ID is about another token. */
function checkIdentity(claims: JsonObject, { subject, clientId, tokenId }: JwtIdentity): Refusal | undefined {
  const own = [
    ['sub', subject],
    [clientClaim(claims), clientId],
    ['jti', tokenId],
  ] as const
  const differs = own.find(
    ([name, value]) => name && value !== undefined && Object.hasOwn(claims, name) && claims[name] !== value,
  )
  return differs?.[0] && invalidClaim('claims', differs[0])
}

function checkForm(claims: JsonObject, rules: ResponseRules): Refusal | undefined {
  if (Object.hasOwn(claims, 'iss') && claims.iss !== rules.issuer) return invalidToken('issuer')
  const { token_type: type } = claims
  if (type !== undefined && !(typeof type === 'string' && ACCESS_TOKEN_TYPES.includes(type.toLowerCase())))
    return invalidToken('token_type')
  return checkForeignClaims(claims, rules.allowIdTokenClaims)
}
