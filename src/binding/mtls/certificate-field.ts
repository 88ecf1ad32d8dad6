/**
 * How a proxy writes the client's certificate into a field.
 *
 * `rfc9440`: as `Client-Cert` has it, base64 of the DER between colons. `der`: the same without colons. `pem`: PEM, as it
 * is or percent-encoded.
 */
export type CertificateFormat = 'rfc9440' | 'der' | 'pem'

const BASE64 = '[A-Za-z0-9+/]+={0,2}'

/** `sf-binary = ":" *(base64) ":"` (RFC 8941 §3.3.5); a certificate has no parameters (RFC 9440 §2.2). */
const SF_BINARY = new RegExp(`^:(${BASE64}):$`)

const DER = new RegExp(`^(${BASE64})$`)

/** One block of PEM (RFC 7468 §2); line ends may have become spaces on the way. */
const PEM = /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/

/** The DER of the one certificate that a field value holds, or `undefined`. */
export function readCertificate(value: string, format: CertificateFormat): Uint8Array | undefined {
  const base64 = READERS[format](value)
  return base64 === undefined ? undefined : decodeBase64(base64)
}

const READERS: Readonly<Record<CertificateFormat, (value: string) => string | undefined>> = {
  rfc9440: (value) => SF_BINARY.exec(value)?.[1],
  der: (value) => DER.exec(value)?.[1],
  pem: (value) => PEM.exec(value.includes('%') ? percentDecoded(value) : value)?.[1]?.replace(/\s+/g, ''),
}

function percentDecoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return ''
  }
}

function decodeBase64(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}
