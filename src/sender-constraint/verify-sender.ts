import type { Confirmation } from '../access-token/confirmation.ts'
import { invalidToken, type Refusal } from '../errors/refusal.ts'
import type { Credential } from '../http/credentials.ts'
import type { ResourceRequest, ResponseHeaders } from '../http-message.ts'
import type { DpopBinding } from './dpop/dpop.ts'

/**
 * Refuses a request that does not prove possession of every key its token is bound to. A bearer token needs no proof.
 *
 * @returns headers for the response, if any
 * @see RFC 9449 §7; RFC 8705 §3
 */
export type VerifySender = (
  confirmation: Confirmation | undefined,
  credential: Credential,
  request: ResourceRequest,
) => Promise<ResponseHeaders | Refusal | undefined>

/** Refuses a token that is bound to another certificate than the client's, with `confirmation`. */
export type CheckCertificate = (expected: string, request: ResourceRequest) => Promise<Refusal | undefined>

export function createSenderVerifier(
  checkCertificate: CheckCertificate,
  dpop: Pick<DpopBinding, 'prove'> | undefined,
): VerifySender {
  return async (confirmation, credential, request) => {
    const isDpop = credential.scheme === 'DPoP'
    if (!confirmation) return isDpop ? invalidToken('unbound') : undefined
    const { jkt, 'x5t#S256': thumbprint } = confirmation
    if (jkt === undefined && isDpop) return invalidToken('unbound')
    // RFC 9449 §7.2: a bound token must not be accepted as a bearer token; it may be stolen.
    if (jkt !== undefined && !(isDpop && dpop)) return invalidToken('confirmation')
    const refusal = thumbprint === undefined ? undefined : await checkCertificate(thumbprint, request)
    // The proof comes last, because it can be used only once.
    return refusal ?? (jkt === undefined ? undefined : dpop?.prove(jkt, credential.token, request))
  }
}
