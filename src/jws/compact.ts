/** The parts of a compact JWS, still encoded. */
export interface CompactParts {
  readonly header: string
  readonly payload: string
  readonly signature: string
  /** The index of the signature in the compact JWS. */
  readonly signatureAt: number
}

/** Splits a compact JWS (RFC 7515 §3.1) without decoding it; `undefined` unless it has three parts and a header. */
export function splitCompact(compact: string): CompactParts | undefined {
  const headerEnd = compact.indexOf('.')
  const payloadEnd = compact.indexOf('.', headerEnd + 1)
  if (headerEnd <= 0 || payloadEnd === -1 || compact.indexOf('.', payloadEnd + 1) !== -1) return undefined
  return {
    header: compact.slice(0, headerEnd),
    payload: compact.slice(headerEnd + 1, payloadEnd),
    signature: compact.slice(payloadEnd + 1),
    signatureAt: payloadEnd + 1,
  }
}

/**
 * The `typ` of a header in lower case and without `application/`, since media types are case-insensitive and may omit
 * that prefix (RFC 7515 §4.1.9).
 */
export const mediaTypeOf = (typ: unknown): string =>
  typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : '' // matches none of our types
