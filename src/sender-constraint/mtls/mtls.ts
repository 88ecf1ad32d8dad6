import { invalidToken } from '../../errors/refusal.ts'
import type { MtlsSettings } from '../settings.ts'
import type { CheckCertificate } from '../verify-sender.ts'
import { clientThumbprint } from './client-certificate.ts'

/**
 * Compares the client's certificate with the one that a token is bound to (RFC 8705 §3). Only the thumbprint is compared:
 * the token names the certificate, and the TLS handshake proved possession of its key.
 *
 * Not checked: the issuer, expiry and revocation of the certificate. The TLS server checks them (RFC 8705 §6.2, §7.1),
 * except for self-signed client certificates (§2.2).
 */
export function createCertificateCheck(mtls: MtlsSettings): CheckCertificate {
  return async (expected, request) => {
    const thumbprint = mtls.mode === 'off' ? undefined : await clientThumbprint(request, mtls)
    return thumbprint === expected ? undefined : invalidToken('confirmation')
  }
}
