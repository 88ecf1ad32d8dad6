import { type Refusal, unavailable } from '../../errors/refusal.ts'
import type { Emitter } from '../../events/emitter.ts'
import { type GuardedStore, guardStore } from '../../stores/guarded-store.ts'
import type { ReplayStore } from '../../stores/replay-store.ts'
import { redactError } from '../../upstream/redact-error.ts'
import { textDigestOf } from '../../util/digest.ts'
import type { NumericDate, Seconds } from '../../util/time.ts'
import type { ProofClaims } from './proof-claims.ts'
import { createUsedProofs, type UsedProofs } from './replay-cache.ts'
import { createUnrecordedKeys } from './unrecorded-keys.ts'

/** Ensures that a proof is used once (RFC 9449 §11.1). */
export interface ReplayGuard {
  /** True for the first use of this `jti` with this key; refused with `replay_unavailable` if that cannot be known. */
  firstUse(thumbprint: string, proof: Pick<ProofClaims, 'jti' | 'iat'>): Promise<boolean | Refusal>
  /** The number of proofs that this process has recorded. */
  size(): number
}

export interface ReplaySettings {
  /** How long a proof can be accepted: from its earliest time to its latest. */
  readonly window: Seconds
  /** The maximum number of proofs that this process records. */
  readonly max: number
  /** Shared by several processes; `undefined` for a single process. */
  readonly store: ReplayStore | undefined
  readonly onStoreFailure: 'refuse' | 'use_local'
}

/** How much longer than its window a proof is recorded: clocks differ between processes, and may be adjusted. */
const CLOCKS_DIFFER: Seconds = 10

export function createReplayGuard(settings: ReplaySettings, events: Emitter): ReplayGuard {
  const { window, max, store, onStoreFailure } = settings
  const lifetime = (window + CLOCKS_DIFFER) * 1000
  const guarded = guardStore('replay', events)
  const used = createUsedProofs(max, lifetime)
  const firstUse = store ? inStore(store, lifetime, guarded, used, onStoreFailure) : inProcess(used, guarded)
  return {
    // A thumbprint has a fixed length, so no other pair gives the same text.
    size: () => used.size(),
    firstUse: async (thumbprint, { jti, iat }) =>
      firstUse(thumbprint, await textDigestOf(`${thumbprint}\n${jti}`), iat),
  }
}

type FirstUse = (thumbprint: string, proof: string, issuedAt: NumericDate) => Promise<boolean | Refusal>

const inProcess =
  (used: UsedProofs, guarded: GuardedStore): FirstUse =>
  async (thumbprint, proof, issuedAt) => {
    const isFirst = used.firstUse(thumbprint, proof, issuedAt)
    if (typeof isFirst === 'boolean') return isFirst
    guarded.emit('first_use', isFirst)
    return unavailable('replay_unavailable', { retryAfter: used.roomIn(thumbprint) })
  }

function inStore(
  store: ReplayStore,
  lifetime: number,
  guarded: GuardedStore,
  used: UsedProofs,
  onStoreFailure: ReplaySettings['onStoreFailure'],
): FirstUse {
  const unrecorded = createUnrecordedKeys(lifetime)
  /** Proofs that this process does not record, while the store decides. */
  const pending = new Set<string>()

  const inShared = (proof: string) => guarded.run('first_use', () => store.firstUse(proof, lifetime), isBoolean)

  async function firstUseUnrecorded(thumbprint: string, proof: string, why: 'full' | 'share'): Promise<boolean> {
    pending.add(proof)
    try {
      const isFirst = await inShared(proof)
      unrecorded.note(why === 'share' ? thumbprint : undefined)
      return isFirst
    } catch (cause) {
      guarded.emit('first_use', why)
      throw cause
    } finally {
      pending.delete(proof)
    }
  }

  return async (thumbprint, proof, issuedAt) => {
    // A proof that was used here is refused whatever the store says: also during an outage of the store, and after the
    // clock was set back, when the store has deleted it.
    const isFirstHere = used.firstUse(thumbprint, proof, issuedAt)
    if (isFirstHere === false) return false
    try {
      return await (typeof isFirstHere === 'string'
        ? firstUseUnrecorded(thumbprint, proof, isFirstHere)
        : inShared(proof))
    } catch (thrown) {
      const isLocalEnough = onStoreFailure === 'use_local' && isFirstHere === true
      if (isLocalEnough && !unrecorded.has(thumbprint) && !pending.has(proof)) return true
      return unavailable('replay_unavailable', { cause: redactError(thrown), retryAfter: guarded.retryIn() })
    }
  }
}

const isBoolean = (outcome: unknown): boolean => typeof outcome === 'boolean'
