import { InvalidToken } from '../errors.ts'
import type { JsonObject } from '../platform/encoding.ts'
import type { NumericDate } from '../platform/time.ts'
import { checkAudience, checkTimes, type TimeRules } from '../token/claim-rules.ts'

/** What one issuer's active tokens must look like. */
export interface AnswerRules extends TimeRules {
  readonly issuer: string
  readonly audience: readonly string[] | null
}

// Bearer and DPoP are the types access tokens have (RFC 6750 §6.1.1, RFC 9449 §5); some servers name the kind instead.
const ACCESS_TOKEN_TYPES = ['bearer', 'dpop', 'access_token']

// How servers mark tokens of other kinds, in members of their own.
const OTHER_KINDS: readonly (readonly [name: string, values: readonly string[]])[] = [
  ['token_use', ['id', 'id_token', 'refresh', 'refresh_token']],
  ['typ', ['id', 'refresh', 'offline', 'logout']],
]

/**
 * Refuses an active token that is no access token for us, or not now: that an issuer calls a token active does not make
 * it meant for this API (RFC 7662 §4).
 *
 * Not checked here: scopes, key bindings. An answer without `iss` is taken to be of the issuer that was asked; one
 * without `token_type` to be about an access token.
 */
export function checkAnswer(claims: JsonObject, rules: AnswerRules, now: NumericDate): void {
  if (Object.hasOwn(claims, 'iss') && claims.iss !== rules.issuer) throw new InvalidToken('issuer')
  if (isOtherKind(claims)) throw new InvalidToken('token_type')
  checkAudience(claims, rules.audience)
  checkTimes(claims, now, rules)
}

function isOtherKind(claims: JsonObject): boolean {
  if (Object.hasOwn(claims, 'token_type') && !ACCESS_TOKEN_TYPES.includes(lower(claims.token_type))) return true
  return OTHER_KINDS.some(([name, values]) => Object.hasOwn(claims, name) && values.includes(lower(claims[name])))
}

const lower = (value: unknown): string => (typeof value === 'string' ? value.toLowerCase() : '')
