import { invalidToken, Refusal } from '../errors/refusal.ts'
import { isToken68 } from '../http/grammar.ts'
import type { HeaderReader } from '../jwt/header.ts'
import { parseCompactJwt, type UnverifiedJwt } from '../jwt/parse-jwt.ts'
import { decodeBase64urlLeniently, decodeJsonObject, type JsonObject } from '../util/encoding.ts'

/** What a token is by its form: a JWT that names its issuer, or something that only an issuer can read. */
export interface TokenFormat {
  readonly jwt: UnverifiedJwt | undefined
  /** The issuer it names, if that one introspects all of its tokens. */
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
 * Distinguishes JWTs from opaque tokens. Whatever looks like a signed JWT is decided as one, finally: an issuer that
 * introspects it might check less than we do, and would make a bad signature count as good (RFC 9068 §4).
 */
export function formatOf(raw: string, rules: FormatRules): TokenFormat | Refusal {
  const { readHeader, takesOpaque } = rules
  if (takesOpaque && !raw.includes('.')) return isToken68(raw) ? OPAQUE : invalidToken('malformed')
  const jwt = parseCompactJwt(raw, readHeader)
  // What we can parse strictly, every decoder can: valid JWTs are not decoded leniently.
  if (!(jwt instanceof Refusal)) return introspectedForm(jwt.claims, rules) ?? { jwt, issuerName: undefined }
  if (takesOpaque) {
    // RFC 6750 §2.1: what cannot be a token is not sent to an issuer.
    if (!isToken68(raw)) return invalidToken('malformed')
    if (!looksLikeJws(raw)) return OPAQUE
  }
  // An algorithm that we do not support may be one of an issuer that introspects all of its tokens. All else is final.
  const claims = jwt.reason === 'algorithm' ? decodeJsonObject(raw.split('.', 2)[1] ?? '') : undefined
  return (claims && introspectedForm(claims, rules)) ?? jwt
}

/** A JWT that is introspected: its issuer introspects all of its tokens, or it names none and opaque tokens are accepted. */
function introspectedForm(
  claims: JsonObject,
  { takesOpaque, introspectedIssuers }: Omit<FormatRules, 'readHeader'>,
): TokenFormat | undefined {
  if (!Object.hasOwn(claims, 'iss')) return takesOpaque ? OPAQUE : undefined
  return introspectedIssuers.has(claims.iss) ? { jwt: undefined, issuerName: claims.iss as string } : undefined
}

/**
 * True for everything that some decoder, more lenient than ours, would take for a signed JWT: its first part begins a
 * JSON object with an `alg`, or its second one names an issuer, however they are encoded. Only a JWE, with its five parts, is left to its issuer.
 */
function looksLikeJws(raw: string): boolean {
  const parts = raw.replace(/^\.+/, '').split('.', 6)
  if (parts.length < 2 || isJwe(parts)) return false
  const [header, claims] = parts.map((part) => decodeBase64urlLeniently(part).replace(IGNORED, ''))
  return header?.startsWith('{') === true && (/alg|\\u/i.test(header) || /"iss"|\\u/.test(claims ?? ''))
}

const isJwe = (parts: readonly string[]): boolean => parts.length === 5 && parts.slice(2).every((part) => part !== '')

// White space, byte order marks, and the zeros of encodings with two bytes for each character; one byte stands in each.
const IGNORED = /[\s\0\u00ef\u00bb\u00bf\u00fe\u00ff]/g
