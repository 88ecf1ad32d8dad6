import type { ResponseFields } from '../../answer.ts'
import type { Emitter } from '../../events.ts'
import type { ServerSettings } from '../../options/server-options.ts'
import { chain, type MaybePromise } from '../../platform/maybe-promise.ts'
import type { ResourceRequest } from '../../request.ts'
import { createNonces } from './nonce.ts'
import { createProofVerifier } from './proof.ts'
import { createReplayGuard } from './replay.ts'
import { createTargets } from './target-uri.ts'

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
export function createDpopBinding(settings: ServerSettings, events: Emitter): DpopBinding | undefined {
  const { dpop, clock, limits, publicUrls, replayStore } = settings
  if (dpop.mode === 'off') return undefined
  const { algorithms, past, future, nonce, onStoreFailure } = dpop
  const nonces = nonce && createNonces({ ...nonce, clock })
  const window = past + future
  const proofs = createProofVerifier({
    algorithms,
    past,
    future,
    maxBytes: limits.proof,
    targets: createTargets(publicUrls),
    clock,
    nonces,
    replay: createReplayGuard({ window, most: limits.replay, store: replayStore, onStoreFailure }, events),
  })
  return {
    prove(jkt, token, request) {
      const { method, target } = request
      const proven = proofs.verify({ lines: request.fields?.('dpop') ?? [], method, target, token, jkt })
      return chain(proven, () => nonces && chain(nonces.current(), nonceField))
    },
  }
}

const nonceField = (nonce: string): ResponseFields => ({ 'DPoP-Nonce': nonce })
