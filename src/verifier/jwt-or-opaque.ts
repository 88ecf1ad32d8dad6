import { invalidToken, Refusal } from '../errors/refusal.ts'
import { isToken68 } from '../http/grammar.ts'
import type { Issuer } from '../issuers/issuer.ts'
import { isEncrypted, isJwe } from '../jwt/encrypted.ts'
import type { HeaderReader } from '../jwt/header.ts'
import { parseCompactJwt } from '../jwt/parse-jwt.ts'
import { decodeBase64urlLeniently, decodeJsonObject, type JsonObject } from '../util/encoding.ts'
import type { CreateFormatReader, TokenFormat } from './token-format.ts'

export interface FormatRules {
  readonly readHeader: HeaderReader
  /** Whether some issuer introspects opaque tokens. */
  readonly takesOpaque: boolean
  /** Issuers whose JWTs are not verified here, by their name. */
  readonly introspectedIssuers: ReadonlyMap<unknown, Issuer>
  /** The issuer that introspects an opaque token; `undefined` if no issuer does. */
  issuerOf(raw: string): Issuer | undefined
}

/** Where tokens may be opaque. */
export const createFormatReader: CreateFormatReader = (readHeader, configured) => {
  const introspecting = configured.filter(({ introspector }) => introspector)
  const prefixed = introspecting
    .flatMap((issuer) => (issuer.tokenPrefix ?? []).map((prefix) => [prefix, issuer] as const))
    .sort(([a], [b]) => b.length - a.length)
  const anyToken = introspecting.find(({ tokenPrefix }) => !tokenPrefix)
  const rules: FormatRules = {
    readHeader,
    takesOpaque: introspecting.length > 0,
    introspectedIssuers: new Map(introspecting.filter(({ local }) => !local).map((issuer) => [issuer.name, issuer])),
    issuerOf: (raw) => prefixed.find(([prefix]) => raw.startsWith(prefix))?.[1] ?? anyToken,
  }
  return (raw) => formatOf(raw, rules)
}

const opaque = (introspectedBy: Issuer | undefined): TokenFormat => ({ jwt: undefined, introspectedBy })

/**
 * Distinguishes JWTs from opaque tokens. What looks like a signed JWT is verified as one and never introspected instead:
 * the issuer might check less than we do and accept a bad signature (RFC 9068 §4).
 */
export function formatOf(raw: string, rules: FormatRules): TokenFormat | Refusal {
  const { readHeader, takesOpaque, issuerOf } = rules
  if (takesOpaque && !raw.includes('.')) return isToken68(raw) ? opaque(issuerOf(raw)) : invalidToken('malformed')
  const jwt = parseCompactJwt(raw, readHeader)
  // Every decoder can read what we parse strictly, so valid JWTs skip the lenient check below.
  if (!(jwt instanceof Refusal)) return introspectedForm(raw, jwt.claims, rules) ?? { jwt, introspectedBy: undefined }
  if (takesOpaque) {
    // RFC 6750 §2.1: never send an issuer what cannot be a token.
    if (!isToken68(raw)) return invalidToken('malformed')
    if (!looksLikeJws(raw)) return opaque(issuerOf(raw))
  }
  // A JWT with an unsupported algorithm may come from an issuer that introspects all of its tokens.
  const claims = jwt.reason === 'algorithm' ? decodeJsonObject(raw.split('.', 2)[1] ?? '') : undefined
  if (claims) return introspectedForm(raw, claims, rules) ?? jwt
  return isEncrypted(raw) ? invalidToken('encrypted') : jwt
}

/** A JWT is introspected if its issuer introspects all of its tokens, or if it names no issuer and opaque tokens are accepted. */
function introspectedForm(raw: string, claims: JsonObject, rules: FormatRules): TokenFormat | undefined {
  if (!Object.hasOwn(claims, 'iss')) return rules.takesOpaque ? opaque(rules.issuerOf(raw)) : undefined
  const issuer = rules.introspectedIssuers.get(claims.iss)
  return issuer && opaque(issuer)
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

// White space, byte order marks, and the zero bytes of UTF-16. The text has one byte per character.
const IGNORED = /[\s\0\u00ef\u00bb\u00bf\u00fe\u00ff]/g
