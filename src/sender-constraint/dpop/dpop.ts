import type { CacheSize } from '../../config/cache-size.ts'
import type { Limits } from '../../config/limits.ts'
import type { Refusal } from '../../errors/refusal.ts'
import type { Emitter } from '../../events/emitter.ts'
import type { ResourceRequest, ResponseHeaders } from '../../http-message.ts'
import type { StoreSettings } from '../../stores/options.ts'
import type { NumericDate } from '../../util/time.ts'
import type { DpopSettings } from '../settings.ts'
import { createNonces } from './nonce.ts'
import { createReplayGuard } from './replay-guard.ts'
import { createTargets } from './target-uri.ts'
import { createProofVerifier } from './verify-proof.ts'

/** Checks the DPoP proofs of requests. */
export interface DpopBinding {
  /**
   * Refuses a request without a valid proof for this token and this request, signed with the key of this thumbprint.
   *
   * @returns headers for the response: the next nonce, if nonces are required
   * @see RFC 9449 §4.3, §7.1
   */
  prove(jkt: string, token: string, request: ResourceRequest): Promise<ResponseHeaders | Refusal | undefined>
  /** The number of used proofs that this process has recorded. */
  usedProofs(): number
}

export interface DpopParts {
  readonly dpop: DpopSettings
  readonly publicUrls: readonly string[]
  readonly clock: () => NumericDate
  readonly limits: Pick<Limits, 'proof'>
  readonly cacheSize: Pick<CacheSize, 'replay'>
  readonly stores: Pick<StoreSettings, 'replay'>
}

/** `undefined` if DPoP is off: bound tokens are refused then. */
export function createDpopBinding(settings: DpopParts, events: Emitter): DpopBinding | undefined {
  const { dpop, clock, limits, cacheSize, publicUrls, stores } = settings
  if (dpop.mode === 'off') return undefined
  const { algorithms, maxAge, clockTolerance, nonce, onStoreFailure } = dpop
  const nonces = nonce && createNonces({ ...nonce, clock })
  const window = maxAge + clockTolerance
  const replay = createReplayGuard({ window, max: cacheSize.replay, store: stores.replay, onStoreFailure }, events)
  const proofs = createProofVerifier({
    algorithms,
    maxAge,
    clockTolerance,
    maxBytes: limits.proof,
    targets: createTargets(publicUrls),
    clock,
    nonces,
    replay,
  })
  return {
    usedProofs: () => replay.size(),
    async prove(jkt, token, request) {
      const { method, target } = request
      const refusal = await proofs.verify({ lines: request.headers?.('dpop') ?? [], method, target, token, jkt })
      return refusal ?? (nonces && { 'DPoP-Nonce': await nonces.current() })
    },
  }
}
