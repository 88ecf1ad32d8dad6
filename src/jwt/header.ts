import { InvalidToken } from '../errors/errors.ts'
import { ALGORITHMS, type JwsAlgorithm } from '../jws/algorithms.ts'
import { mediaTypeOf } from '../jws/compact.ts'
import { decodeJsonObject } from '../util/encoding.ts'
import { memoize } from '../util/memoize.ts'

/** A protected header that has no business being refused; nothing in it is verified yet. */
export interface JoseHeader {
  readonly algorithm: JwsAlgorithm
  readonly kid: string | undefined
  /** The media type of `typ`, in lower case and without `application/`; `undefined` where there is no `typ`. */
  readonly type: string | undefined
}

export interface HeaderLimits {
  /** The most characters of the encoded header. */
  readonly header: number
  /** The most characters of `kid`. */
  readonly keyId: number
}

// An issuer writes the same few headers on all its tokens.
const CACHED = 128

/** Reads encoded headers, and remembers the last ones: their text alone decides what they are. */
export function createHeaderReader(limits: HeaderLimits): (encoded: string) => JoseHeader {
  const read = memoize(CACHED, (encoded) => readHeader(encoded, limits))
  return (encoded) => {
    // Before anything is decoded, so that no input costs more than its length.
    if (encoded.length > limits.header) throw new InvalidToken('token_too_large')
    return read(encoded)
  }
}

/**
 * Refuses what has no business in an access token before any key is looked for: encrypted tokens, `none` and symmetric
 * algorithms, critical extensions.
 *
 * @see RFC 7515 §4.1.11; RFC 7797; RFC 8725 §3.1
 */
function readHeader(encoded: string, limits: HeaderLimits): JoseHeader {
  const members = decodeJsonObject(encoded)
  if (!members) throw new InvalidToken('malformed')
  // RFC 7515 §4.1.11: we understand no extension, so each critical one is refused; b64 is one of them (RFC 7797 §6).
  if (Object.hasOwn(members, 'crit') || Object.hasOwn(members, 'b64')) throw new InvalidToken('malformed')
  const { alg, kid } = members
  if (typeof alg !== 'string' || !ALGORITHMS.has(alg)) throw new InvalidToken('algorithm')
  if (kid !== undefined && typeof kid !== 'string') throw new InvalidToken('malformed')
  if (kid !== undefined && kid.length > limits.keyId) throw new InvalidToken('token_too_large')
  return {
    algorithm: alg as JwsAlgorithm,
    kid,
    type: Object.hasOwn(members, 'typ') ? mediaTypeOf(members.typ) : undefined,
  }
}
