import type { JsonWebKeySet } from 'bearward'

/** Tells a process of the API what to run. */
export interface Start {
  readonly issuer: string
  readonly resource: string
  readonly keys: JsonWebKeySet
  readonly redis: string
  /** Tokens by the name of their user. Requests take them in turns. */
  readonly tokens: Readonly<Record<string, string>>
  /** Requests a second that the process sends to itself. */
  readonly rate: number
}

/** Later messages. `sub` names the user whose tokens are revoked. */
export type Command = { readonly do: 'revoke'; readonly sub: string } | { readonly do: 'report' }

/** The responses to the token of one user. */
export interface Responses {
  /** By status, with the reason of a refusal: `200`, `401 revoked`. */
  readonly counts: Readonly<Record<string, number>>
  /** When the last request was permitted and the first one was refused, in milliseconds since the epoch. */
  readonly lastPermitted: number
  readonly firstRefused: number | undefined
  /** Requests that were permitted after one was refused. */
  readonly permittedAgain: number
}

export interface Report {
  readonly responses: Readonly<Record<string, Responses>>
  /** Calls of the revocation store. */
  readonly storeCalls: number
  /** Those that a request made. */
  readonly storeCallsOfRequests: number
  /** The revocations that it knows. */
  readonly entries: number
}

export type Reply =
  | { readonly type: 'ready' }
  | { readonly type: 'revoked'; readonly at: number; readonly problem: string | undefined }
  | ({ readonly type: 'report' } & Report)
