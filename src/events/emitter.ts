import { builtin } from '../util/runtime.ts'
import type { BearwardEvent } from './events.ts'

export type EventType = BearwardEvent['type']

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
export function createEmitter(onEvent: Listener | undefined): Events {
  const diagnostics = builtin('node:diagnostics_channel')
  const channels = perType((type) => diagnostics?.channel(`bearward:${type}`))
  // Lists are replaced, never changed: a listener may stop another one while an event is emitted.
  const listeners = perType((): readonly Listener[] => (onEvent ? [onEvent] : []))
  return {
    wants: (type) => listeners[type].length > 0 || channels[type]?.hasSubscribers === true,
    subscribe(listener, types) {
      // A function of its own, so that the same listener can be there twice.
      const own: Listener = (event, request) => listener(event, request)
      for (const type of new Set(types)) listeners[type] = [...listeners[type], own]
      return {
        stop() {
          for (const type of EVENT_TYPES) listeners[type] = listeners[type].filter((one) => one !== own)
        },
      }
    },
    emit(event, request) {
      const frozen = Object.freeze(event)
      for (const listener of listeners[event.type]) notify(listener, frozen, request)
      const channel = channels[event.type]
      if (channel?.hasSubscribers) channel.publish(frozen)
    },
  }
}

export interface Emitter {
  /** False if no one listens, so that callers can skip building the event. */
  wants(type: EventType): boolean
  readonly emit: Emit
}

/** The events of one server. */
export interface Events extends Emitter {
  subscribe(listener: Listener, types: readonly EventType[]): Subscription
}

/** A listener that has been added. */
export interface Subscription {
  /** Removes the listener. */
  stop(): void
}

// An object, so that the compiler finds a type that is missing.
const TYPES: Record<EventType, true> = {
  decision: true,
  report: true,
  fetch: true,
  keys: true,
  key_skipped: true,
  breaker: true,
  configuration: true,
  issuer_evicted: true,
  lookups_limited: true,
  store: true,
  revocation: true,
}

export const EVENT_TYPES = Object.keys(TYPES) as readonly EventType[]

const perType = <T>(create: (type: EventType) => T): Record<EventType, T> =>
  Object.fromEntries(EVENT_TYPES.map((type) => [type, create(type)])) as Record<EventType, T>

function notify(listener: Listener, event: BearwardEvent, request: object | undefined): void {
  try {
    const returned = listener(event, request)
    // An async listener that fails must not end the process as an unhandled rejection.
    Promise.resolve(returned).catch(() => undefined)
  } catch {
    // As above: no listener affects the request.
  }
}
