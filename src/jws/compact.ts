/** A compact JWS in its parts, still encoded. */
export interface CompactParts {
  readonly header: string
  readonly payload: string
  readonly signature: string
  /** Where the signature begins in the whole. */
  readonly signatureAt: number
}

/** The three parts of a compact JWS (RFC 7515 §3.1), or `undefined`: none of them is looked into, the first is not empty. */
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
 * What kind of JWT a header declares: a media type in lower case and without `application/`, since media types are
 * compared without regard to case and may leave that out (RFC 7515 §4.1.9).
 */
export const mediaTypeOf = (typ: unknown): string =>
  typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : '' // which is no type of ours
