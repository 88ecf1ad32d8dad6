import { InvalidToken } from '../errors/errors.ts'
import { isToken68 } from '../http/grammar.ts'
import type { JoseHeader } from '../jwt/header.ts'
import { parseCompactJwt, type UnverifiedJwt } from '../jwt/parse-jwt.ts'
import { decodeBase64urlLeniently, decodeJsonObject, type JsonObject } from '../util/encoding.ts'

/** What a token is by its form: a JWT that names its issuer, or something that only an issuer can read. */
export interface TokenForm {
  readonly jwt: UnverifiedJwt | undefined
  /** The issuer it names, where it is one that is asked about all of its tokens. */
  readonly issuerName: string | undefined
}

export interface FormRules {
  readonly readHeader: (encoded: string) => JoseHeader
  /** Whether there is anybody to ask about opaque tokens. */
  readonly takesOpaque: boolean
  /** Issuers whose JWTs are not verified here. */
  readonly introspectedIssuers: ReadonlySet<unknown>
}

const OPAQUE: TokenForm = Object.freeze({ jwt: undefined, issuerName: undefined })

/**
 * Tells JWTs from opaque tokens. Whatever sets out to be a signed JWT is judged as one, and finally: an issuer that is
 * asked about it might look at less of it than we do, and would lend a bad signature its good word (RFC 9068 §4).
 *
 * @throws {InvalidToken} what is no good JWT, and nothing else either
 */
export function formOf(
  raw: string,
  { readHeader, takesOpaque, introspectedIssuers: askedAboutAll }: FormRules,
): TokenForm {
  if (takesOpaque && !raw.includes('.')) {
    checkSyntax(raw)
    return OPAQUE
  }
  try {
    // What we can read strictly, every decoder can: good JWTs are not looked at leniently.
    const jwt = parseCompactJwt(raw, readHeader)
    return introspectedForm(jwt.claims, takesOpaque, askedAboutAll) ?? { jwt, issuerName: undefined }
  } catch (thrown) {
    if (takesOpaque) {
      checkSyntax(raw)
      if (!setsOutToBeJws(raw)) return OPAQUE
    }
    // An algorithm that we do not know may be known to an issuer whose tokens we leave to it. All else is final.
    const claims = isOfAlgorithm(thrown) ? decodeJsonObject(raw.split('.', 2)[1] ?? '') : undefined
    const form = claims && introspectedForm(claims, takesOpaque, askedAboutAll)
    if (form) return form
    throw thrown
  }
}

/** Nobody is asked about what cannot be a token (RFC 6750 §2.1). */
function checkSyntax(raw: string): void {
  if (!isToken68(raw)) throw new InvalidToken('malformed')
}

/** Whom to ask about a JWT: who is named in it, if all of its tokens are left to it; or whoever takes opaque tokens. */
function introspectedForm(
  claims: JsonObject,
  takesOpaque: boolean,
  introspectedIssuers: ReadonlySet<unknown>,
): TokenForm | undefined {
  if (!Object.hasOwn(claims, 'iss')) return takesOpaque ? OPAQUE : undefined
  return introspectedIssuers.has(claims.iss) ? { jwt: undefined, issuerName: claims.iss as string } : undefined
}

const isOfAlgorithm = (thrown: unknown): boolean => thrown instanceof InvalidToken && thrown.reason === 'algorithm'

/**
 * True for everything that some decoder, more lenient than ours, would take for a signed JWT: its first part begins a
 * JSON object with an `alg`, or its second one names an issuer, however they are encoded. Only a JWE, with its five parts, is left to its issuer.
 */
function setsOutToBeJws(raw: string): boolean {
  const parts = raw.replace(/^\.+/, '').split('.', 6)
  if (parts.length < 2 || isJwe(parts)) return false
  const [header, claims] = parts.map((part) => decodeBase64urlLeniently(part).replace(IGNORED, ''))
  return header?.startsWith('{') === true && (/alg|\\u/i.test(header) || /"iss"|\\u/.test(claims ?? ''))
}

const isJwe = (parts: readonly string[]): boolean => parts.length === 5 && parts.slice(2).every((part) => part !== '')

// White space, byte order marks, and the zeros of encodings with two bytes for each character; one byte stands in each.
const IGNORED = /[\s\0\u00ef\u00bb\u00bf\u00fe\u00ff]/g
