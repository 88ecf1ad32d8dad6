import { InvalidToken } from '../errors.ts'
import { decodeBase64url, decodeUtf8, type JsonObject, parseJsonObject } from '../platform/encoding.ts'
import { ALGORITHMS, type JwsAlgorithm } from '../signature/algorithms.ts'
import type { SignedText } from '../signature/engine.ts'

/** A JWT in its parts; nothing in it is verified yet. */
export interface UnverifiedJwt {
  readonly header: JsonObject
  readonly claims: JsonObject
  readonly algorithm: JwsAlgorithm
  readonly kid: string | undefined
  /** What the signature check needs. */
  readonly signed: SignedText
}

export interface CompactLimits {
  /** The most characters of the encoded header. */
  readonly header: number
  /** The most characters of `kid`. */
  readonly keyId: number
}

/**
 * Takes a token apart as a compact JWS with JSON claims, strictly, or throws. It refuses what has no business in an
 * access token before any key is looked for: encrypted tokens, `none` and symmetric algorithms, critical extensions.
 *
 * @see RFC 7515 §2, §3.1, §4.1.11; RFC 7797; RFC 8725 §3.1
 */
export function parseCompactJwt(compact: string, limits: CompactLimits): UnverifiedJwt {
  const headerEnd = compact.indexOf('.')
  const claimsEnd = compact.indexOf('.', headerEnd + 1)
  if (headerEnd <= 0 || claimsEnd === -1 || compact.indexOf('.', claimsEnd + 1) !== -1) throw malformed()
  // Before anything is decoded, so that no input costs more than its length.
  if (headerEnd > limits.header) throw new InvalidToken('token_too_large')
  const header = jsonPart(compact.slice(0, headerEnd))
  // RFC 7515 §4.1.11: we understand no extension, so each critical one is refused; b64 is one of them (RFC 7797 §6).
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) throw malformed()
  const { alg, kid } = header
  if (typeof alg !== 'string' || !ALGORITHMS.has(alg)) throw new InvalidToken('algorithm')
  if (kid !== undefined && typeof kid !== 'string') throw malformed()
  if (kid !== undefined && kid.length > limits.keyId) throw new InvalidToken('token_too_large')
  const claims = jsonPart(compact.slice(headerEnd + 1, claimsEnd))
  const signature = decodeBase64url(compact.slice(claimsEnd + 1))
  if (!signature || signature.length === 0) throw malformed()
  const algorithm = alg as JwsAlgorithm
  return { header, claims, algorithm, kid, signed: { algorithm, compact, signatureAt: claimsEnd + 1, signature } }
}

function jsonPart(part: string): JsonObject {
  const bytes = decodeBase64url(part)
  const text = bytes && decodeUtf8(bytes)
  const json = text === undefined ? undefined : parseJsonObject(text)
  if (!json) throw malformed()
  return json
}

const malformed = () => new InvalidToken('malformed')
