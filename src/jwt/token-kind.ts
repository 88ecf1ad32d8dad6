import { checkForeignClaims } from '../claims/non-access-token-claims.ts'
import { invalidClaim, type Refusal } from '../errors/refusal.ts'
import type { JsonObject } from '../util/encoding.ts'

// Why: docs/decisions/token-kinds.md

/**
 * `compat` accepts what authorization servers really issue; `rfc9068` accepts only what the standard describes.
 * `report-only` accepts what `compat` does, and emits an event for each token that `rfc9068` would have refused.
 */
export type Profile = 'compat' | 'rfc9068' | 'report-only'

type Enforced = Exclude<Profile, 'report-only'>

const ACCEPTED_TYPES: Readonly<Record<Enforced, ReadonlySet<string>>> = {
  compat: new Set(['at+jwt', 'jwt']),
  rfc9068: new Set(['at+jwt']),
}

/** RFC 9068 §2.2: the claims every access token has. */
const REQUIRED_BY_RFC9068 = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'] as const

export interface KindRules {
  readonly profile: Profile
  /** Accepts the claims of ID tokens, from an issuer that puts them into access tokens. */
  readonly allowIdTokenClaims: boolean
}

/**
 * Refuses JWTs that are not access tokens: an ID token or a logout token may have a valid signature and the right
 * audience, and still grants nothing.
 *
 * @see RFC 8725 §3.11, §3.12; RFC 9068 §2.1, §4
 */
export function checkTokenKind(type: string | undefined, claims: JsonObject, rules: KindRules): Refusal | undefined {
  return checkKind(type, claims, rules, rules.profile === 'report-only' ? 'compat' : rules.profile)
}

/** What the profile `rfc9068` would refuse a token with, where it is only reported. */
export function profileViolation(type: string | undefined, claims: JsonObject, rules: KindRules): Refusal | undefined {
  return rules.profile === 'report-only' ? checkKind(type, claims, rules, 'rfc9068') : undefined
}

function checkKind(
  type: string | undefined,
  claims: JsonObject,
  { allowIdTokenClaims }: KindRules,
  profile: Enforced,
): Refusal | undefined {
  const isAccepted = type === undefined ? profile === 'compat' : ACCEPTED_TYPES[profile].has(type)
  if (!isAccepted) return invalidClaim('token_type', 'typ')
  const refusal = checkForeignClaims(claims, allowIdTokenClaims)
  if (refusal || profile === 'compat') return refusal
  const missing = REQUIRED_BY_RFC9068.find((name) => !Object.hasOwn(claims, name))
  return missing && invalidClaim('missing_claim', missing)
}
