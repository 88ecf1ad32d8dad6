import type { Emitter } from '../events.ts'
import type { ServerSettings } from '../options/server-options.ts'
import { type AskedVerdicts, createAskedVerdicts } from './asked-verdicts.ts'
import { createKnownVerdicts } from './known-verdict.ts'
import { createSharedVerdicts } from './shared-verdicts.ts'
import { issuersAsSource, sharedSource } from './verdict-source.ts'

/** What issuers say about tokens, in three layers: the memory of this process, a shared store, the issuers themselves. */
export function createVerdicts(
  { limits, clock, verdictStore, waitUntil }: ServerSettings,
  events: Emitter,
): AskedVerdicts {
  const source = verdictStore
    ? sharedSource(createSharedVerdicts(verdictStore, clock, events), clock, (work) => announce(waitUntil, work))
    : issuersAsSource(clock)
  return createAskedVerdicts(createKnownVerdicts(limits), source)
}

function announce(waitUntil: ServerSettings['waitUntil'], work: Promise<unknown>): void {
  try {
    waitUntil?.(work)
  } catch {
    // It belongs to the runtime; that it has no use for the work now is not the request's concern.
  }
}
