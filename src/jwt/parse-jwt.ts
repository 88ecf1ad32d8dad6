import { InvalidToken } from '../errors/errors.ts'
import { splitCompact } from '../jws/compact.ts'
import type { SignedText } from '../jws/engine.ts'
import { decodeBase64url, decodeJsonObject, type JsonObject } from '../util/encoding.ts'
import type { JoseHeader } from './header.ts'

/** A parsed JWT, not verified yet. */
export interface UnverifiedJwt {
  readonly header: JoseHeader
  readonly claims: JsonObject
  /** The input of the signature check. */
  readonly signed: SignedText
}

/**
 * Parses a compact JWS with JSON claims strictly: three parts of canonical base64url.
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
