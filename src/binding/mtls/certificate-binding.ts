import { InvalidToken } from '../../errors.ts'
import type { MtlsSettings } from '../../options/binding-options.ts'
import { encodeBase64url } from '../../platform/encoding.ts'
import type { ResourceRequest } from '../../request.ts'
import { clientCertificate } from './client-certificate.ts'

/**
 * Refuses a token that is bound to another certificate than the client's (RFC 8705 §3). Only its thumbprint counts: the
 * token says whose certificate it is, and the handshake that the client has the key. Whether an authority has signed it,
 * and until when, is for the TLS server to say.
 *
 * @throws {InvalidToken} `confirmation`
 */
export async function checkCertificate(expected: string, request: ResourceRequest, mtls: MtlsSettings): Promise<void> {
  const certificate = mtls.mode === 'off' ? undefined : clientCertificate(request, mtls)
  if (!certificate || (await thumbprintOf(certificate)) !== expected) throw new InvalidToken('confirmation')
}

/** `x5t#S256` (RFC 7515 §4.1.8). */
async function thumbprintOf(der: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', Uint8Array.from(der))
  return encodeBase64url(String.fromCharCode(...new Uint8Array(digest)))
}
