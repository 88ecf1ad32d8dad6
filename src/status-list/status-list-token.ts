import { Refusal } from '../errors/refusal.ts'
import type { HeaderReader } from '../jwt/header.ts'
import { parseCompactJwt, type UnverifiedJwt } from '../jwt/parse-jwt.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { decodeBase64url, isObject } from '../util/encoding.ts'
import { isFiniteNumber, type NumericDate, type Seconds } from '../util/time.ts'

/** A status list: `bits` bits for each token. */
export interface List {
  readonly bits: number
  readonly bytes: Uint8Array
  /** `iat` */
  readonly issuedAt: NumericDate
  /** `exp`: from then on the list is not used. */
  readonly expiry: NumericDate | undefined
  /** `ttl`: how long the list may be cached. */
  readonly ttl: Seconds | undefined
}

export interface ListRules {
  readonly readHeader: HeaderReader
  readonly clockTolerance: Seconds
  readonly clock: () => NumericDate
  verifySignature(jwt: UnverifiedJwt): Promise<Refusal | undefined>
}

/** The most bytes of a list after decompression. */
const MAX_BYTES = 2_097_152
const BITS: readonly unknown[] = [1, 2, 4, 8]

const invalid = (problem: string, cause?: unknown): UpstreamError =>
  new UpstreamError('shape', `the status list ${problem}`, cause === undefined ? {} : { cause })

/**
 * Verifies a Status List Token and decompresses its list (draft-ietf-oauth-status-list-21 §5.1, §8.3).
 *
 * @param uri where it was fetched from
 * @param inUse the list that it is to replace
 * @throws {UpstreamError}
 */
export async function readStatusListToken(
  text: string,
  uri: string,
  rules: ListRules,
  inUse: List | undefined,
): Promise<List> {
  const jwt = parseCompactJwt(text.trim(), rules.readHeader)
  if (jwt instanceof Refusal) throw invalid('is not a signed JWT')
  // An access token or ID token of the same issuer must not pass for a list (RFC 8725 §3.11).
  if (jwt.header.type !== 'statuslist+jwt') throw invalid('has another typ than statuslist+jwt')
  const { sub, iat, exp, ttl, status_list: list } = jwt.claims
  // Otherwise another list of the same issuer could replace this one.
  if (sub !== uri) throw invalid('is for another uri')
  if (
    !isFiniteNumber(iat) ||
    !(exp === undefined || isFiniteNumber(exp)) ||
    !(ttl === undefined || (isFiniteNumber(ttl) && ttl > 0))
  )
    throw invalid('has a wrong iat, exp or ttl')
  const now = rules.clock()
  if (iat > now + rules.clockTolerance) throw invalid('was issued in the future')
  // A cache on the way may still have one from before a revocation.
  if (inUse && iat < inUse.issuedAt) throw invalid('is older than the one in use')
  if (exp !== undefined && !(now < exp + rules.clockTolerance)) throw invalid('has expired')
  if (!isObject(list) || !BITS.includes(list.bits) || typeof list.lst !== 'string')
    throw invalid('has no status_list with bits and lst')
  const refusal = await rules.verifySignature(jwt)
  if (refusal) throw invalid(`cannot be verified (${refusal.reason})`, refusal.details.cause)
  // Only what its issuer has signed is decompressed.
  const compressed = decodeBase64url(list.lst)
  if (!compressed) throw invalid('is not base64url')
  return { bits: list.bits as number, bytes: await inflate(compressed), issuedAt: iat, expiry: exp, ttl }
}

/** DEFLATE in the ZLIB format (RFC 1950), read in pieces so that a small list cannot become a huge one. */
async function inflate(compressed: Uint8Array): Promise<Uint8Array> {
  const source = new Blob([compressed as Uint8Array<ArrayBuffer>]).stream()
  const reader = source.pipeThrough(new DecompressionStream('deflate')).getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      size += value.byteLength
      if (size > MAX_BYTES) throw new UpstreamError('too_large', `the status list is larger than ${MAX_BYTES} bytes`)
      chunks.push(value)
    }
  } catch (thrown) {
    reader.cancel().catch(() => undefined)
    throw thrown instanceof UpstreamError ? thrown : invalid('is not compressed with DEFLATE')
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  // Deno takes a stream that is cut off for a complete one, whose statuses would be those of a shorter list.
  const { buffer, byteOffset, byteLength } = compressed
  const isComplete = byteLength > 4 && new DataView(buffer, byteOffset).getUint32(byteLength - 4) === adler32(bytes)
  if (!isComplete) throw invalid('is not complete')
  return bytes
}

/** The checksum at the end of the ZLIB format (RFC 1950 §2.2, §8.2). */
function adler32(bytes: Uint8Array): number {
  let sum = 1
  let sums = 0
  // In pieces whose sums stay small integers.
  for (let at = 0; at < bytes.byteLength; at += 256) {
    for (const byte of bytes.subarray(at, at + 256)) {
      sum += byte
      sums += sum
    }
    sum %= 65_521
    sums %= 65_521
  }
  return sums * 65_536 + sum
}

/** The status of a token; `undefined` if the list has no such index (§8.3). 0 is valid, all others are not (§7.1). */
export function statusAt({ bits, bytes }: List, index: number): number | undefined {
  // Not by shifting the index: it may have more than 32 bits.
  const byte = bytes[Math.floor((index * bits) / 8)]
  return byte === undefined ? undefined : (byte >> ((index * bits) % 8)) & (2 ** bits - 1)
}
