import { trimOptionalWhitespace } from '../../http/grammar.ts'
import { decodeBase64 } from '../../util/encoding.ts'
import { thumbprintOf } from './thumbprint.ts'
import { readForwarded } from './xfcc.ts'

/**
 * How a proxy writes the client's certificate into a header. There must be exactly one certificate: of several, one may
 * have been injected.
 *
 * `rfc9440`: as in `Client-Cert`, base64 of the DER between colons. `der`: the same without colons. `pem`: PEM, with
 * spaces for line ends or percent-encoded. `xfcc`: an element of `X-Forwarded-Client-Cert` with its `Hash`.
 */
export type CertificateFormat = 'rfc9440' | 'der' | 'pem' | 'xfcc'

/** The thumbprint of the one certificate in a header value, or `undefined`. Linear in its length. */
export async function readThumbprint(value: string, format: CertificateFormat): Promise<string | undefined> {
  return READERS[format](trimOptionalWhitespace(value))
}

const READERS: Readonly<Record<CertificateFormat, (value: string) => Promise<string | undefined>>> = {
  rfc9440: (value) => ofBase64(SF_BINARY.exec(value)?.[1]),
  der: ofBase64,
  pem: ofPem,
  xfcc: (value) => readForwarded(value, ofPem),
}

/** `sf-binary = ":" *(base64) ":"` (RFC 8941 §3.3.5); a certificate has no parameters (RFC 9440 §2.2). */
const SF_BINARY = /^:([^:]*):$/

/**
 * Canonical base64 only (RFC 9440 §2.1, RFC 4648 §3.5). RFC 8941 §4.2.7 permits parsers to accept missing padding, but no
 * proxy omits it.
 */
async function ofBase64(base64: string | undefined): Promise<string | undefined> {
  const der = base64 ? decodeBase64(base64) : undefined
  return der && thumbprintOf(der)
}

/** One block (RFC 7468 §2); a proxy may have replaced its line ends by spaces. */
const PEM = /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/= \t\r\n]*)-----END CERTIFICATE-----[ \t\r\n]*$/

async function ofPem(value: string): Promise<string | undefined> {
  return ofBase64(PEM.exec(percentDecoded(value))?.[1]?.replace(/[ \t\r\n]+/g, ''))
}

/** Decoded only once: a value that is still encoded then is not PEM. */
function percentDecoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return ''
  }
}
