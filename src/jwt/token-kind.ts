import { InvalidToken } from '../errors.ts'
import type { JsonObject } from '../platform/encoding.ts'
import { hasForeignMember } from '../token/foreign-members.ts'

/** `compat` takes what authorization servers really issue; `rfc9068` takes only what the standard describes. */
export type Profile = 'compat' | 'rfc9068'

const KINDS: Readonly<Record<Profile, ReadonlySet<string>>> = {
  compat: new Set(['at+jwt', 'jwt']),
  rfc9068: new Set(['at+jwt']),
}

/** RFC 9068 §2.2: the claims every access token has. */
const REQUIRED_BY_RFC9068 = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti']

/**
 * Refuses tokens that are JWTs but not access tokens: the signature and the audience of an ID token or a logout token
 * may be right, and it still grants nothing.
 *
 * @see RFC 8725 §3.11, §3.12; RFC 9068 §2.1, §4
 */
export function checkTokenKind(type: string | undefined, claims: JsonObject, profile: Profile): void {
  const isAccepted = type === undefined ? profile === 'compat' : KINDS[profile].has(type)
  if (!isAccepted || hasForeignMember(claims)) throw new InvalidToken('token_type')
  if (profile === 'rfc9068' && REQUIRED_BY_RFC9068.some((name) => !Object.hasOwn(claims, name))) {
    throw new InvalidToken('missing_claim')
  }
}
