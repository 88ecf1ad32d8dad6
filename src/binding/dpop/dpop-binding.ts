import type { Emitter } from '../../events.ts'
import type { ServerSettings } from '../../options/server-options.ts'
import type { MaybePromise } from '../../platform/maybe-promise.ts'
import type { ResourceRequest } from '../../request.ts'
import type { ResponseFields } from '../binding.ts'

/** Proofs of possession of a DPoP key, as requests carry them. */
export interface DpopBinding {
  /**
   * Goes through if the request carries a good proof, made with the key of this thumbprint for this token and this request.
   *
   * @returns the fields of the response: the next nonce, where nonces are demanded
   * @see RFC 9449 §4.3, §7.1
   */
  prove(jkt: string, token: string, request: ResourceRequest): MaybePromise<ResponseFields | undefined>
}

/** `undefined` where the server knows no DPoP: bound tokens are refused then. */
export function createDpopBinding(_settings: ServerSettings, _events: Emitter): DpopBinding | undefined {
  return undefined
}
