import type { Confirmation } from '../access-token/confirmation.ts'
import { InvalidToken } from '../errors/errors.ts'
import type { Credential } from '../http/credentials.ts'
import type { ResourceRequest, ResponseHeaders } from '../http-message.ts'
import { chain, type MaybePromise } from '../util/maybe-promise.ts'
import type { DpopBinding } from './dpop/dpop.ts'
import { checkCertificate } from './mtls/mtls.ts'
import type { MtlsSettings } from './settings.ts'

/** Tells whether a request proves that its token belongs to whoever sent it. */
export interface Binding {
  /**
   * Goes through if the request proves everything that its token is bound to; a bearer token needs no proof.
   *
   * @returns fields for the response, where it has some
   * @throws {InvalidToken} `confirmation` a binding that is not proven; `unbound` a proof for a token without binding
   * @throws {InvalidDpopProof | UseDpopNonce | Unavailable} what is wrong with a DPoP proof
   * @see RFC 9449 §7; RFC 8705 §3
   */
  prove(
    confirmation: Confirmation | undefined,
    credential: Credential,
    request: ResourceRequest,
  ): MaybePromise<ResponseHeaders | undefined>
}

export function createBinding({ mtls }: { readonly mtls: MtlsSettings }, dpop: DpopBinding | undefined): Binding {
  return {
    prove(confirmation, credential, request) {
      const isProofGiven = credential.scheme === 'DPoP'
      if (!confirmation) {
        if (isProofGiven) throw new InvalidToken('unbound')
        return undefined
      }
      const { jkt, 'x5t#S256': thumbprint } = confirmation
      if (jkt === undefined && isProofGiven) throw new InvalidToken('unbound')
      // RFC 9449 §7.2: a bound token that comes as a bearer token is stolen, or a mistake.
      if (jkt !== undefined && !(isProofGiven && dpop)) throw new InvalidToken('confirmation')
      // The proof comes last: it is used up by being good.
      return chain(thumbprint === undefined ? undefined : checkCertificate(thumbprint, request, mtls), () =>
        jkt === undefined ? undefined : dpop?.prove(jkt, credential.token, request),
      )
    },
  }
}
