import type { Emitter } from '../events.ts'
import type { ServerSettings } from '../options/server-options.ts'
import { announce } from '../platform/announce.ts'
import { type AskedVerdicts, createAskedVerdicts } from './asked-verdicts.ts'
import { createKnownVerdicts } from './known-verdict.ts'
import { sharedSource } from './shared-source.ts'
import { createSharedVerdicts } from './shared-verdicts.ts'
import { issuersAsSource } from './verdict-source.ts'

/** What issuers say about tokens, in three layers: the memory of this process, a shared store, the issuers themselves. */
export function createVerdicts(
  { limits, clock, verdictStore, waitUntil }: ServerSettings,
  events: Emitter,
): AskedVerdicts {
  const source = verdictStore
    ? sharedSource(createSharedVerdicts(verdictStore, clock, events), clock, (work) => announce(waitUntil, work))
    : issuersAsSource(clock)
  return createAskedVerdicts(createKnownVerdicts(limits), source, clock)
}
