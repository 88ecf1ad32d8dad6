import type { Refusal } from '../errors/refusal.ts'
import type { JwksCacheTimes } from '../jwks/freshness.ts'
import type { UnverifiedJwt } from '../jwt/parse-jwt.ts'
import type { Watch } from '../upstream/client.ts'
import type { Closing } from '../upstream/shutdown.ts'
import type { UpstreamError } from '../upstream/upstream-error.ts'
import type { Seconds } from '../util/time.ts'
import type { IssuerContext } from './context.ts'

/**
 * Looks up the status of JWTs in the status lists of their issuer; `statusList()` of `bearward/status-list` creates it. One
 * object may serve several issuers.
 */
export interface StatusList {
  /** Issuers call it at construction. */
  attach(issuer: StatusListHost): AttachedStatusList
}

/** What an issuer provides. */
export interface StatusListHost extends IssuerContext {
  /** `iss` of its tokens. */
  readonly issuer: string
  readonly plainHttpOrigins: readonly string[]
  readonly clockTolerance: Seconds
  readonly deadline: Seconds
  readonly jwksCache: JwksCacheTimes
  readonly watch: Watch
  readonly closing: Closing
  /** Checks a signature with the keys of the issuer. */
  verifySignature(jwt: UnverifiedJwt): Promise<Refusal | undefined>
}

/** The status lists of one issuer. `isValid` and `check` take the claim `status` of a verified token, whatever it is. */
export interface AttachedStatusList {
  /** Whether a token is valid according to a list in memory. If not, {@link check} decides. */
  isValid(status: unknown): boolean
  /** The refusal of a token that is valid otherwise. It waits while its list is loaded. */
  check(status: unknown): Promise<Refusal | undefined>
  state(): StatusListsState
}

/** The status lists of an issuer, as `state()` returns them. */
export interface StatusListsState {
  /** How many lists this process holds. */
  readonly entries: number
  /** How many of them are past their lifetime: no request needs them, or they cannot be refreshed. */
  readonly stale: number
  /** The most recent failure of one that has not been loaded since. */
  readonly lastError: UpstreamError | undefined
}

/** The status of one verified token, which may change at any time. */
export interface TokenStatus {
  /** As {@link AttachedStatusList.isValid}. */
  isValid(): boolean
  /** As {@link AttachedStatusList.check}. */
  check(): Promise<Refusal | undefined>
}
