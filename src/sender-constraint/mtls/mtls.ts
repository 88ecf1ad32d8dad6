import { invalidToken, type Refusal } from '../../errors/refusal.ts'
import type { ResourceRequest } from '../../http-message.ts'
import type { MtlsSettings } from '../settings.ts'
import { clientThumbprint } from './client-certificate.ts'

/**
 * Refuses a token that is bound to a certificate other than the client's (RFC 8705 §3). Only the thumbprint is compared:
 * the token names the certificate, and the TLS handshake proved possession of its key.
 *
 * Not checked: the issuer, expiry and revocation of the certificate. The TLS server checks them (RFC 8705 §6.2, §7.1),
 * except for self-signed client certificates (§2.2).
 *
 * Refused with `confirmation`.
 */
export async function checkCertificate(
  expected: string,
  request: ResourceRequest,
  mtls: MtlsSettings,
): Promise<Refusal | undefined> {
  const thumbprint = mtls.mode === 'off' ? undefined : await clientThumbprint(request, mtls)
  return thumbprint === expected ? undefined : invalidToken('confirmation')
}
