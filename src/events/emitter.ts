import { builtin, type NodeChannel } from '../util/runtime.ts'
import type { BearwardEvent } from './events.ts'

export type Emit = (event: BearwardEvent) => void

/**
 * Emits events to the `onEvent` option and, if the runtime supports it, to the `diagnostics_channel` of their type,
 * such as `bearward:decision` or `bearward:fetch`. Errors thrown by `onEvent` are ignored: observing a request must not
 * change it. Node reports errors thrown by a channel subscriber as uncaught exceptions.
 */
export function createEmitter(onEvent: ((event: BearwardEvent) => void) | undefined): Emitter {
  const diagnostics = builtin('node:diagnostics_channel')
  const channels: Record<BearwardEvent['type'], NodeChannel | undefined> = {
    decision: diagnostics?.channel('bearward:decision'),
    report: diagnostics?.channel('bearward:report'),
    fetch: diagnostics?.channel('bearward:fetch'),
    keys: diagnostics?.channel('bearward:keys'),
    key_skipped: diagnostics?.channel('bearward:key_skipped'),
    breaker: diagnostics?.channel('bearward:breaker'),
    store: diagnostics?.channel('bearward:store'),
  }
  return {
    wants: (type) => onEvent !== undefined || channels[type]?.hasSubscribers === true,
    emit(event) {
      const frozen = Object.freeze(event)
      notify(onEvent, frozen)
      const channel = channels[event.type]
      if (channel?.hasSubscribers) channel.publish(frozen)
    },
  }
}

export interface Emitter {
  /** False if no one listens, so that callers can skip building the event. */
  wants(type: BearwardEvent['type']): boolean
  readonly emit: Emit
}

function notify(onEvent: ((event: BearwardEvent) => unknown) | undefined, event: BearwardEvent): void {
  try {
    const returned = onEvent?.(event)
    // An async listener that fails must not end the process as an unhandled rejection.
    Promise.resolve(returned).catch(() => undefined)
  } catch {
    // As above: no listener affects the request.
  }
}
