import { invalidToken, type Refusal, tooLarge } from '../errors/refusal.ts'
import { ALGORITHMS, type JwsAlgorithm } from '../jws/algorithms.ts'
import { mediaTypeOf } from '../jws/compact.ts'
import { decodeJsonObject } from '../util/encoding.ts'
import { memoize } from '../util/memoize.ts'

/** A supported protected header, not verified yet. */
export interface JoseHeader {
  readonly algorithm: JwsAlgorithm
  readonly kid: string | undefined
  /** The media type of `typ`, in lower case and without `application/`; `undefined` if there is no `typ`. */
  readonly type: string | undefined
}

export interface HeaderLimits {
  /** Maximum characters of the encoded header. */
  readonly header: number
  /** Maximum characters of `kid`. */
  readonly keyId: number
}

/** Reads the encoded header of a JWT. */
export type HeaderReader = (encoded: string) => JoseHeader | Refusal

// An issuer uses the same few headers in all its tokens.
const CACHE_SIZE = 128

/** Reads encoded headers and caches the latest, since the result depends on the text alone. */
export function createHeaderReader(limits: HeaderLimits): HeaderReader {
  const read = memoize(CACHE_SIZE, (encoded) => readHeader(encoded, limits))
  return (encoded) => {
    // Before decoding, so that the cost of an input is bounded.
    if (encoded.length > limits.header) return tooLarge(encoded.length, limits.header, 'limits.header')
    return read(encoded)
  }
}

/**
 * Refuses what an access token must not contain, before any key lookup: encryption, `none` and symmetric algorithms,
 * critical extensions.
 *
 * @see RFC 7515 §4.1.11; RFC 7797; RFC 8725 §3.1
 */
function readHeader(encoded: string, limits: HeaderLimits): JoseHeader | Refusal {
  const members = decodeJsonObject(encoded)
  if (!members) return invalidToken('malformed')
  // RFC 7515 §4.1.11: we support no extension, so we refuse every critical one, including b64 (RFC 7797 §6).
  if (Object.hasOwn(members, 'crit') || Object.hasOwn(members, 'b64')) return invalidToken('malformed')
  const { alg, kid } = members
  if (typeof alg !== 'string' || !ALGORITHMS.has(alg)) return invalidToken('algorithm')
  if (kid !== undefined && typeof kid !== 'string') return invalidToken('malformed')
  if (kid !== undefined && kid.length > limits.keyId) return tooLarge(kid.length, limits.keyId, 'limits.keyId')
  return {
    algorithm: alg as JwsAlgorithm,
    kid,
    type: Object.hasOwn(members, 'typ') ? mediaTypeOf(members.typ) : undefined,
  }
}
