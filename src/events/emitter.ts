import { builtin, type NodeChannel } from '../util/runtime.ts'
import type { BearwardEvent } from './events.ts'

/** @param request the framework's own request, if the event is about one */
export type Emit = (event: BearwardEvent, request?: object) => void

/** What receives the events of a server. */
export type Listener = (event: BearwardEvent, request: object | undefined) => unknown

/**
 * Emits events to the `onEvent` option and, if the runtime supports it, to the `diagnostics_channel` of their type,
 * such as `bearward:decision` or `bearward:fetch`. Errors thrown by `onEvent` are ignored: observing a request must not
 * change it. Node reports errors thrown by a channel subscriber as uncaught exceptions. Channels are visible to everything
 * in the process, so they never get the request, which contains the token.
 */
export function createEmitter(onEvent: Listener | undefined): Emitter {
  const diagnostics = builtin('node:diagnostics_channel')
  const channels: Record<BearwardEvent['type'], NodeChannel | undefined> = {
    decision: diagnostics?.channel('bearward:decision'),
    report: diagnostics?.channel('bearward:report'),
    fetch: diagnostics?.channel('bearward:fetch'),
    keys: diagnostics?.channel('bearward:keys'),
    key_skipped: diagnostics?.channel('bearward:key_skipped'),
    breaker: diagnostics?.channel('bearward:breaker'),
    configuration: diagnostics?.channel('bearward:configuration'),
    store: diagnostics?.channel('bearward:store'),
    revocation: diagnostics?.channel('bearward:revocation'),
  }
  return {
    wants: (type) => onEvent !== undefined || channels[type]?.hasSubscribers === true,
    emit(event, request) {
      const frozen = Object.freeze(event)
      if (onEvent) notify(onEvent, frozen, request)
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

function notify(listener: Listener, event: BearwardEvent, request: object | undefined): void {
  try {
    const returned = listener(event, request)
    // An async listener that fails must not end the process as an unhandled rejection.
    Promise.resolve(returned).catch(() => undefined)
  } catch {
    // As above: no listener affects the request.
  }
}
