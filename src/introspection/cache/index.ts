import type { Limits } from '../../config/limits.ts'
import type { Emitter } from '../../events/emitter.ts'
import type { VerdictCache } from '../../stores/introspection-store.ts'
import type { NumericDate } from '../../util/time.ts'
import { announce } from '../../util/wait-until.ts'
import { type AskedVerdicts, createAskedVerdicts } from './cached-introspection.ts'
import { createKnownVerdicts } from './local-cache.ts'
import { sharedSource } from './shared-cache.ts'
import { createSharedVerdicts } from './shared-store.ts'
import { issuersAsSource } from './source.ts'

export interface VerdictsSettings {
  readonly limits: Pick<Limits, 'active' | 'inactive'>
  readonly clock: () => NumericDate
  readonly verdictStore: VerdictCache | undefined
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined
}

/** What issuers say about tokens, in three layers: the memory of this process, a shared store, the issuers themselves. */
export function createVerdicts(
  { limits, clock, verdictStore, waitUntil }: VerdictsSettings,
  events: Emitter,
): AskedVerdicts {
  const source = verdictStore
    ? sharedSource(createSharedVerdicts(verdictStore, clock, events), clock, (work) => announce(waitUntil, work))
    : issuersAsSource(clock)
  return createAskedVerdicts(createKnownVerdicts(limits), source, clock)
}
