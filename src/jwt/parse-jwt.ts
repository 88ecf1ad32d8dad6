import { InvalidToken } from '../errors/errors.ts'
import { splitCompact } from '../jws/compact.ts'
import type { SignedText } from '../jws/engine.ts'
import { decodeBase64url, decodeJsonObject, type JsonObject } from '../util/encoding.ts'
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
  const parts = splitCompact(compact)
  if (!parts) throw new InvalidToken('malformed')
  const header = readHeader(parts.header)
  const claims = decodeJsonObject(parts.payload)
  const signature = decodeBase64url(parts.signature)
  if (!claims || !signature || signature.length === 0) throw new InvalidToken('malformed')
  return {
    header,
    claims,
    signed: { algorithm: header.algorithm, compact, signatureAt: parts.signatureAt, signature },
  }
}
