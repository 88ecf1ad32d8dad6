import { InvalidToken } from '../errors.ts'
import { isToken68 } from '../http/grammar.ts'
import { parseCompactJwt, type UnverifiedJwt } from '../jwt/compact.ts'
import type { JoseHeader } from '../jwt/header.ts'
import { decodeBase64urlLeniently } from '../platform/encoding.ts'

/** What a token turned out to be by its form alone: a JWT that names its issuer, or something only an issuer can read. */
export type TokenForm = { readonly jwt: UnverifiedJwt } | { readonly jwt: undefined }

const OPAQUE: TokenForm = Object.freeze({ jwt: undefined })

/**
 * Tells JWTs from opaque tokens. Whatever sets out to be a signed JWT is judged as one, and finally: an issuer that is
 * asked about it might look at less of it than we do, and would lend a bad signature its good word (RFC 9068 §4).
 *
 * @param takesOpaque whether there is anybody to ask
 * @throws {InvalidToken} what is no good JWT, and nothing else either
 */
export function formOf(raw: string, readHeader: (encoded: string) => JoseHeader, takesOpaque: boolean): TokenForm {
  if (!takesOpaque) return { jwt: parseCompactJwt(raw, readHeader) }
  if (!isToken68(raw)) throw new InvalidToken('malformed')
  if (!setsOutToBeJws(raw)) return OPAQUE
  const jwt = parseCompactJwt(raw, readHeader)
  return typeof jwt.claims.iss === 'string' ? { jwt } : OPAQUE
}

/** Three parts, the first of which begins a JSON object, however carelessly it is encoded. A JWE has five parts. */
function setsOutToBeJws(raw: string): boolean {
  const parts = raw.split('.', 4)
  return parts.length === 3 && /^\s*\{/.test(decodeBase64urlLeniently((parts[0] as string).slice(0, 64)))
}
