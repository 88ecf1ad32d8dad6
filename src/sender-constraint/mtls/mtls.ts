import { invalidToken, type Refusal } from '../../errors/refusal.ts'
import type { ResourceRequest } from '../../http-message.ts'
import type { MtlsSettings } from '../settings.ts'
import { clientThumbprint } from './client-certificate.ts'

/**
 * Refuses a token that is bound to another certificate than the client's (RFC 8705 §3). Only its thumbprint counts: the
 * token says whose certificate it is, and the handshake that the client has the key.
 *
 * Not checked: the issuer, expiry and revocation of the certificate. The TLS server checks them (RFC 8705 §6.2, §7.1);
 * for self-signed client certificates no one has to (§2.2).
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
