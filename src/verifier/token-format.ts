import { invalidToken, Refusal } from '../errors/refusal.ts'
import { isToken68 } from '../http/grammar.ts'
import type { HeaderReader } from '../jwt/header.ts'
import { parseCompactJwt, type UnverifiedJwt } from '../jwt/parse-jwt.ts'
import { decodeBase64urlLeniently, decodeJsonObject, type JsonObject } from '../util/encoding.ts'

/** A JWT that names its issuer, or a token that only an issuer can read. */
export interface TokenFormat {
  readonly jwt: UnverifiedJwt | undefined
  /** The issuer that the token names, if that issuer introspects all of its tokens. */
  readonly issuerName: string | undefined
}

export interface FormatRules {
  readonly readHeader: HeaderReader
  /** Whether some issuer introspects opaque tokens. */
  readonly takesOpaque: boolean
  /** Issuers whose JWTs are not verified here. */
  readonly introspectedIssuers: ReadonlySet<unknown>
}

const OPAQUE: TokenFormat = Object.freeze({ jwt: undefined, issuerName: undefined })

/**
 * Distinguishes JWTs from opaque tokens. What looks like a signed JWT is verified as one and never introspected instead:
 * the issuer might check less than we do and accept a bad signature (RFC 9068 §4).
 */
export function formatOf(raw: string, rules: FormatRules): TokenFormat | Refusal {
  const { readHeader, takesOpaque } = rules
  if (takesOpaque && !raw.includes('.')) return isToken68(raw) ? OPAQUE : invalidToken('malformed')
  const jwt = parseCompactJwt(raw, readHeader)
  // Every decoder can read what we parse strictly, so valid JWTs skip the lenient check below.
  if (!(jwt instanceof Refusal)) return introspectedForm(jwt.claims, rules) ?? { jwt, issuerName: undefined }
  if (takesOpaque) {
    // RFC 6750 §2.1: never send an issuer what cannot be a token.
    if (!isToken68(raw)) return invalidToken('malformed')
    if (!looksLikeJws(raw)) return OPAQUE
  }
  // A JWT with an unsupported algorithm may come from an issuer that introspects all of its tokens.
  const claims = jwt.reason === 'algorithm' ? decodeJsonObject(raw.split('.', 2)[1] ?? '') : undefined
  if (claims) return introspectedForm(claims, rules) ?? jwt
  return isEncrypted(raw) ? invalidToken('encrypted') : jwt
}

/** A JWE in compact form (RFC 7516 §7.1). */
export function isEncrypted(raw: string): boolean {
  const parts = raw.split('.', 6)
  return isJwe(parts) && Object.hasOwn(decodeJsonObject(parts[0] ?? '') ?? {}, 'enc')
}

/** A JWT is introspected if its issuer introspects all of its tokens, or if it names no issuer and opaque tokens are accepted. */
function introspectedForm(
  claims: JsonObject,
  { takesOpaque, introspectedIssuers }: Omit<FormatRules, 'readHeader'>,
): TokenFormat | undefined {
  if (!Object.hasOwn(claims, 'iss')) return takesOpaque ? OPAQUE : undefined
  return introspectedIssuers.has(claims.iss) ? { jwt: undefined, issuerName: claims.iss as string } : undefined
}

/**
 * True for everything that a more lenient decoder could take for a signed JWT: its first part begins a JSON object with an
 * `alg`, or its second part names an issuer, in whatever encoding. A JWE (five parts) is left to its issuer.
 */
function looksLikeJws(raw: string): boolean {
  const parts = raw.replace(/^\.+/, '').split('.', 6)
  if (parts.length < 2 || isJwe(parts)) return false
  const [header, claims] = parts.map((part) => decodeBase64urlLeniently(part).replace(IGNORED, ''))
  return header?.startsWith('{') === true && (/alg|\\u/i.test(header) || /"iss"|\\u/.test(claims ?? ''))
}

const isJwe = (parts: readonly string[]): boolean => parts.length === 5 && parts.slice(2).every((part) => part !== '')

// White space, byte order marks, and the zero bytes of UTF-16. The text has one byte per character.
const IGNORED = /[\s\0\u00ef\u00bb\u00bf\u00fe\u00ff]/g
