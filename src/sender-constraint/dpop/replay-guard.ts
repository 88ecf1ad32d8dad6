import { Unavailable } from '../../errors/errors.ts'
import type { Emitter } from '../../events/emitter.ts'
import { type GuardedStore, guardStore } from '../../stores/guarded-store.ts'
import type { ReplayStore } from '../../stores/replay-store.ts'
import { textDigestOf } from '../../util/digest.ts'
import { chain, type MaybePromise } from '../../util/maybe-promise.ts'
import type { Seconds } from '../../util/time.ts'
import { createUsedProofs, type UsedProofs } from './replay-cache.ts'
import { createUnrecordedKeys } from './unrecorded-keys.ts'

/** Sees to it that a proof is used once (RFC 9449 §11.1). */
export interface ReplayGuard {
  /**
   * True for the first use of this `jti` with this key.
   *
   * @throws {Unavailable} `replay_unavailable` where that cannot be known
   */
  firstUse(thumbprint: string, jti: string): MaybePromise<boolean>
}

export interface ReplaySettings {
  /** How long a proof can be accepted at all: from its earliest time to its latest. */
  readonly window: Seconds
  /** How many are remembered in this process. */
  readonly max: number
  /** What several processes share; `undefined` for a process on its own. */
  readonly store: ReplayStore | undefined
  readonly onStoreFailure: 'refuse' | 'use_local'
}

/** How much longer than its window a proof is remembered: the clocks of several processes differ, and ours may be set. */
const CLOCKS_DIFFER: Seconds = 10

export function createReplayGuard(settings: ReplaySettings, events: Emitter): ReplayGuard {
  const { window, max: most, store, onStoreFailure } = settings
  const lifetime = (window + CLOCKS_DIFFER) * 1000
  const guarded = guardStore('replay', events)
  const used = createUsedProofs(most, lifetime)
  const firstUse = store
    ? shared(store, lifetime, guarded, onStoreFailure === 'refuse' ? undefined : used)
    : (thumbprint: string, proof: string) => remembered(used, thumbprint, proof, guarded)
  return {
    firstUse: (thumbprint, jti) =>
      // A thumbprint has a known length: no other pair gives the same text.
      chain(textDigestOf(`${thumbprint}\n${jti}`), (proof) => firstUse(thumbprint, proof)),
  }
}

function remembered(used: UsedProofs, thumbprint: string, proof: string, guarded: GuardedStore): boolean {
  const isFirst = used.firstUse(thumbprint, proof)
  if (typeof isFirst === 'boolean') return isFirst
  guarded.emit('first_use', isFirst)
  throw new Unavailable('replay_unavailable', { retryAfter: used.roomIn(thumbprint) })
}

function shared(store: ReplayStore, lifetime: number, guarded: GuardedStore, fallback: UsedProofs | undefined) {
  const unrecorded = createUnrecordedKeys(lifetime)
  /** Proofs that are not remembered here, while the store is asked about them. */
  const introspecting = new Set<string>()

  async function ask(proof: string): Promise<boolean> {
    return guarded.run('first_use', () => store.firstUse(proof, lifetime), isBoolean)
  }

  async function askUnrecorded(thumbprint: string, proof: string, why: 'full' | 'share'): Promise<boolean> {
    introspecting.add(proof)
    try {
      const isFirst = await ask(proof)
      unrecorded.note(why === 'share' ? thumbprint : undefined)
      return isFirst
    } catch (cause) {
      guarded.emit('first_use', why)
      throw cause
    } finally {
      introspecting.delete(proof)
    }
  }

  return async (thumbprint: string, proof: string): Promise<boolean> => {
    // What was used here was used, whatever the store says; and it is known here when the store is gone.
    const isFirstHere = fallback?.firstUse(thumbprint, proof)
    if (isFirstHere === false) return false
    try {
      return await (typeof isFirstHere === 'string' ? askUnrecorded(thumbprint, proof, isFirstHere) : ask(proof))
    } catch (cause) {
      if (isFirstHere === true && !unrecorded.has(thumbprint) && !introspecting.has(proof)) return true
      throw new Unavailable('replay_unavailable', { cause, retryAfter: guarded.retryIn() })
    }
  }
}

const isBoolean = (outcome: unknown): boolean => typeof outcome === 'boolean'
