import type { NumericDate } from '../util/time.ts'

/** The claims of a token, as far as the standards name them (RFC 7519 §4.1, RFC 9068 §2.2). */
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
