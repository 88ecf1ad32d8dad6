import type { NumericDate } from '../util/time.ts'

/** The registered claims of an access token (RFC 7519 §4.1, RFC 9068 §2.2). */
export interface JwtClaims {
  readonly iss?: string
  readonly sub?: string
  readonly aud?: string | readonly string[]
  readonly exp?: NumericDate
  readonly nbf?: NumericDate
  readonly iat?: NumericDate
  readonly jti?: string
  readonly client_id?: string
  readonly scope?: string
  readonly [name: string]: unknown
}
