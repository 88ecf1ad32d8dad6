import { invalidToken, Refusal } from '../errors/refusal.ts'
import { splitCompact } from '../jws/compact.ts'
import type { SignedText } from '../jws/engine.ts'
import { decodeBase64url, decodeJsonObject, type JsonObject } from '../util/encoding.ts'
import type { HeaderReader, JoseHeader } from './header.ts'

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
export function parseCompactJwt(compact: string, readHeader: HeaderReader): UnverifiedJwt | Refusal {
  const parts = splitCompact(compact)
  if (!parts) return invalidToken('malformed')
  const header = readHeader(parts.header)
  if (header instanceof Refusal) return header
  const claims = decodeJsonObject(parts.payload)
  const signature = decodeBase64url(parts.signature)
  if (!claims || !signature || signature.length === 0) return invalidToken('malformed')
  return {
    header,
    claims,
    signed: { algorithm: header.algorithm, compact, signatureAt: parts.signatureAt, signature },
  }
}
