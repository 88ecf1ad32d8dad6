import { InvalidToken } from '../errors.ts'
import { decodeBase64url, decodeJsonObject, type JsonObject } from '../platform/encoding.ts'
import type { SignedText } from '../signature/engine.ts'
import type { JoseHeader } from './header.ts'

/** A JWT in its parts; nothing in it is verified yet. */
export interface UnverifiedJwt {
  readonly header: JoseHeader
  readonly claims: JsonObject
  /** What the signature check needs. */
  readonly signed: SignedText
}

/**
 * Takes a token apart as a compact JWS with JSON claims, strictly, or throws: three parts of canonical base64url.
 *
 * @see RFC 7515 §2, §3.1, §7.1
 */
export function parseCompactJwt(compact: string, readHeader: (encoded: string) => JoseHeader): UnverifiedJwt {
  const headerEnd = compact.indexOf('.')
  const claimsEnd = compact.indexOf('.', headerEnd + 1)
  if (headerEnd <= 0 || claimsEnd === -1 || compact.indexOf('.', claimsEnd + 1) !== -1) {
    throw new InvalidToken('malformed')
  }
  const header = readHeader(compact.slice(0, headerEnd))
  const claims = decodeJsonObject(compact.slice(headerEnd + 1, claimsEnd))
  const signature = decodeBase64url(compact.slice(claimsEnd + 1))
  if (!claims || !signature || signature.length === 0) throw new InvalidToken('malformed')
  return { header, claims, signed: { algorithm: header.algorithm, compact, signatureAt: claimsEnd + 1, signature } }
}
