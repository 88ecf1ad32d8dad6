import type { Reason } from '../errors/reasons.ts'
import type { Seconds } from '../util/time.ts'

/** One per guard that decided on a request. It names no token, no subject and no claim value. */
export interface DecisionEvent {
  readonly type: 'decision'
  readonly outcome: 'allowed' | 'anonymous' | 'refused' | 'unavailable' | 'failed'
  /** The status of our answer; `undefined` where the handler answers. */
  readonly status: number | undefined
  readonly code: string | undefined
  readonly reason: Reason | undefined
  /** A configured issuer, once the token has been verified. */
  readonly issuer: string | undefined
  readonly format: 'jwt' | 'opaque' | undefined
  /** True if another guard had decided on the same request before: count requests by those where it is `false`. */
  readonly stacked: boolean
  /** Milliseconds from the guard's start to its decision. */
  readonly duration: number
  /** What lies behind an outage, for your logs. Never part of an answer. */
  readonly cause: unknown
}

/**
 * A rule on trial (`report-only`) would have refused a request; it went on. One for each request and reason. It names no token, no
 * subject and no claim value.
 */
export interface ReportEvent {
  readonly type: 'report'
  /** `failed`: the rule threw an error that is not ours, and the request would have ended in the application's error path. */
  readonly outcome: 'refused' | 'unavailable' | 'failed'
  /** How it would have been answered; `undefined` where not by us. */
  readonly status: number | undefined
  readonly code: string | undefined
  readonly reason: Reason | undefined
  /** The scopes that would have been asked for. */
  readonly scopes: readonly string[]
  readonly issuer: string
  readonly format: 'jwt' | 'opaque'
}

/** One per request we make to an authorization server, or to a verifier of the application. */
export interface FetchEvent {
  readonly type: 'fetch'
  readonly target: 'discovery' | 'keys' | 'introspection'
  readonly issuer: string
  readonly outcome: 'ok' | 'failed'
  /**
   * Why it failed, from a closed list; `undefined` where it did not. `client_refused` is for the operator: our own
   * credentials at the introspection endpoint are wrong, or it wants something else of us.
   */
  readonly code: string | undefined
  /** The status of the answer, where there was one. */
  readonly status: number | undefined
  /** Milliseconds, the body included. */
  readonly duration: number
}

/** A key set arrived and differs from the one before. `kid` values are those of the published set. */
export interface KeysEvent {
  readonly type: 'keys'
  readonly issuer: string
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly total: number
}

/** A member of a key set that cannot be used. */
export interface KeySkippedEvent {
  readonly type: 'key_skipped'
  readonly issuer: string
  readonly kid: string | undefined
  readonly problem: string
}

/** Questions about tokens of an issuer are held back for a while, tried again with one, or asked freely again. */
export interface BreakerEvent {
  readonly type: 'breaker'
  readonly issuer: string
  readonly state: 'open' | 'half_open' | 'closed'
  /** Seconds until the next question may be asked. */
  readonly retryIn: Seconds
}

/**
 * A store failed, was too slow, held something that is not ours, or is full; or one key has made so many DPoP proofs that
 * it has its `share` of a process' memory. Because of `introspection`, nobody is refused; because of `replay`, which remembers
 * used proofs, requests are answered with 503.
 */
export interface StoreEvent {
  readonly type: 'store'
  readonly store: 'introspection' | 'replay'
  readonly operation: 'get' | 'set' | 'delete' | 'claim' | 'release' | 'first_use'
  readonly code: 'timeout' | 'failed' | 'corrupt' | 'full' | 'share'
  /** Milliseconds. */
  readonly duration: number
}

/**
 * Everything that is told to `onEvent`; `type` says which one it is. No event holds a token, a proof, a secret or a claim.
 */
export type BearwardEvent =
  | DecisionEvent
  | ReportEvent
  | FetchEvent
  | KeysEvent
  | KeySkippedEvent
  | BreakerEvent
  | StoreEvent
