import type { IntrospectionClient } from 'bearward/testing'

/** Tells a process what to run. */
export interface ToProcess {
  /** The first one introspects. */
  readonly issuers: readonly string[]
  readonly resource: string
  readonly client: IntrospectionClient
  /** The shared stores, and which of them are used. */
  readonly redis: { readonly url: string; readonly responses: boolean; readonly revocations: boolean } | undefined
  readonly keyLifetime: number
  readonly active: number
  readonly jwts: readonly string[]
  readonly opaqueTokens: readonly string[]
  /** Requests a second of this process. */
  readonly jwtRequests: number
  readonly opaqueRequests: number
}

export interface Counts {
  readonly jwt: number
  readonly opaque: number
  readonly responseStore: number
  readonly revocationStore: number
}

export type FromProcess =
  | { readonly type: 'ready' }
  | { readonly type: 'counts'; readonly counts: Counts; readonly failures: readonly string[] }
