import type { Refusal } from '../errors/refusal.ts'
import type { JwksCacheTimes } from '../jwks/freshness.ts'
import type { UnverifiedJwt } from '../jwt/parse-jwt.ts'
import type { Watch } from '../upstream/client.ts'
import type { Closing } from '../upstream/shutdown.ts'
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

/** The status lists of one issuer. Both methods take the claim `status` of a verified token, whatever it is. */
export interface AttachedStatusList {
  /** Whether a token is valid according to a list in memory. If not, {@link check} decides. */
  isValid(status: unknown): boolean
  /** The refusal of a token that is valid otherwise. It waits while its list is loaded. */
  check(status: unknown): Promise<Refusal | undefined>
}
