import type { Reason, RefusedClaim } from '../errors/reasons.ts'
import type { NetworkProblem } from '../util/network-problem.ts'
import type { Seconds } from '../util/time.ts'

/** One per guard that decided on a request. It contains no token, no subject and no claim value. */
export interface DecisionEvent {
  readonly type: 'decision'
  readonly outcome: 'allowed' | 'anonymous' | 'refused' | 'unavailable' | 'failed'
  /** The status of the response to a refused request; `undefined` if the handler responds. */
  readonly status: number | undefined
  readonly code: string | undefined
  readonly reason: Reason | undefined
  /** The name of the claim that caused it, from a closed list; never its value. */
  readonly claim: RefusedClaim | undefined
  /** The option to change if the refusal is not wanted. */
  readonly option: string | undefined
  /** With reason `token_too_large`: the size of the token, its header or its `kid`, and the limit. */
  readonly size: number | undefined
  readonly limit: number | undefined
  /** A configured issuer, once the token has been verified. */
  readonly issuer: string | undefined
  readonly format: 'jwt' | 'opaque' | undefined
  /** True if another guard decided on this request before. To count requests, count the events where it is `false`. */
  readonly stacked: boolean
  /** Milliseconds from the guard's start to its decision. */
  readonly duration: number
  /** The cause of an outage, for your logs. Never part of a response. */
  readonly cause: unknown
}

/**
 * A report-only rule would have refused a request that was let through. One per request and reason. It contains no
 * token, no subject and no claim value.
 */
export interface ReportEvent {
  readonly type: 'report'
  /** `failed`: the rule threw an error of the application, whose error handling would have responded. */
  readonly outcome: 'refused' | 'unavailable' | 'failed'
  /** The status that the response would have had; `undefined` if the rule `failed`. */
  readonly status: number | undefined
  readonly code: string | undefined
  readonly reason: Reason | undefined
  /** As in {@link DecisionEvent}. */
  readonly claim: RefusedClaim | undefined
  /** The scopes the challenge would have named. */
  readonly scopes: readonly string[]
  readonly issuer: string
  readonly format: 'jwt' | 'opaque'
}

/** One per request to an authorization server, or to the application's `introspect` function. */
export interface FetchEvent {
  readonly type: 'fetch'
  readonly target: 'discovery' | 'keys' | 'introspection' | 'status'
  readonly issuer: string
  readonly outcome: 'ok' | 'failed'
  /**
   * Why it failed, from a closed list; `undefined` if it succeeded. `client_refused` is for the operator: the
   * introspection endpoint rejected our client credentials or our request.
   */
  readonly code: string | undefined
  /** The status of the response, if there was one. */
  readonly status: number | undefined
  /** Why the connection failed, with the code `network`, if the runtime says so. */
  readonly network: NetworkProblem | undefined
  /** The media type of a response that is not a key set, such as `text/html`; `invalid` if it has no valid one. */
  readonly mediaType: string | undefined
  /** Milliseconds, including the body. */
  readonly duration: number
}

/** A fetched key set differs from the previous one. The `kid` values are those of the published set. */
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

/** The circuit breaker of an issuer's introspection changed its state. */
export interface BreakerEvent {
  readonly type: 'breaker'
  readonly issuer: string
  readonly state: 'open' | 'half_open' | 'closed'
  /** Seconds until the next introspection request is allowed. */
  readonly retryIn: Seconds
}

/**
 * A store failed, was too slow, returned a value that this package did not write, or is full; or one key used up its
 * `share` of the DPoP proofs that a process can hold. Problems of `introspection` refuse no request. Problems of `replay`
 * lead to 503. Those of `revocation` do so after `staleIfError`.
 */
export interface StoreEvent {
  readonly type: 'store'
  readonly store: 'introspection' | 'replay' | 'revocation'
  readonly operation: 'get' | 'set' | 'delete' | 'claim' | 'release' | 'first_use'
  readonly code: 'timeout' | 'failed' | 'corrupt' | 'full' | 'share'
  /** Milliseconds. */
  readonly duration: number
}

/**
 * An option that is accepted but probably does not do what was intended, or that lowers the security on purpose. Emitted
 * when the server is created, or when the options of an issuer are resolved.
 */
export interface ConfigurationEvent {
  readonly type: 'configuration'
  /** The configured issuer that it belongs to; `undefined` for the server. */
  readonly issuer: string | undefined
  /** The path of the option, such as `issuer.scopeClaims[1]`. */
  readonly option: string
  readonly problem: string
}

/**
 * Revocations changed, or what reports them. It contains no token, no subject and no session.
 */
export interface RevocationEvent {
  readonly type: 'revocation'
  /**
   * `added` and `removed`: entries, in this process or in another one that shares the store. `status`: see `status`.
   * `rejected`: a logout token or a security event that is not accepted. `ignored`: a security event without effect.
   */
  readonly action: 'added' | 'removed' | 'status' | 'rejected' | 'ignored'
  /** How many entries. */
  readonly count: number
  /** Why it was rejected, from a closed list, such as `audience`; why it was ignored: `verification` or `unknown_event`. */
  readonly code: string | undefined
  /** The status after it; see `state().revocation`. */
  readonly status: 'current' | 'stale' | 'unavailable'
}

/** An issuer that was resolved at run time was evicted, because `alive` others were used since. */
export interface IssuerEvictedEvent {
  readonly type: 'issuer_evicted'
  readonly issuer: string
}

/** Lookups of issuers were refused, because the limits did not allow them in time. At most one per second. */
export interface LookupsLimitedEvent {
  readonly type: 'lookups_limited'
  /** The limits. */
  readonly maxConcurrent: number
  readonly perSecond: number
}

/** Every event, distinguished by `type`. No event contains a token, a proof, a secret or a claim. */
export type BearwardEvent =
  | DecisionEvent
  | ReportEvent
  | FetchEvent
  | KeysEvent
  | KeySkippedEvent
  | BreakerEvent
  | StoreEvent
  | ConfigurationEvent
  | IssuerEvictedEvent
  | LookupsLimitedEvent
  | RevocationEvent
