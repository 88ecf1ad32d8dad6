import { encodeBase64url } from '../../util/encoding.ts'
import { builtin } from '../../util/runtime.ts'

const hash = builtin('node:crypto')?.hash

/** The SHA-256 of a certificate's DER in base64url: `x5t#S256` (RFC 7515 §4.1.8, RFC 8705 §3.1). */
export async function thumbprintOf(der: Uint8Array): Promise<string> {
  if (hash) return hash('sha256', der, 'base64url')
  const digest = await crypto.subtle.digest('SHA-256', Uint8Array.from(der))
  return encodeBase64url(String.fromCharCode(...new Uint8Array(digest)))
}
