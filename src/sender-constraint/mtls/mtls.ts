import { InvalidToken } from '../../errors/errors.ts'
import type { ResourceRequest } from '../../http-message.ts'
import { chain, type MaybePromise } from '../../util/maybe-promise.ts'
import type { MtlsSettings } from '../settings.ts'
import { clientThumbprint } from './client-certificate.ts'

/**
 * Refuses a token that is bound to another certificate than the client's (RFC 8705 §3). Only its thumbprint counts: the
 * token says whose certificate it is, and the handshake that the client has the key.
 *
 * Not checked: who has signed the certificate, and whether it has expired or been revoked. That is for the TLS server to
 * say (RFC 8705 §6.2, §7.1); for certificates that clients sign themselves, nobody has to (§2.2).
 *
 * @throws {InvalidToken} `confirmation`
 */
export function checkCertificate(expected: string, request: ResourceRequest, mtls: MtlsSettings): MaybePromise<void> {
  const thumbprint = mtls.mode === 'off' ? undefined : clientThumbprint(request, mtls)
  return chain(thumbprint, (known) => {
    if (known !== expected) throw new InvalidToken('confirmation')
  })
}
