import type { TokenData } from '../access-token/access-token.ts'
import type { Refusal } from '../errors/refusal.ts'
import type { Availability } from '../issuers/availability.ts'
import type { IssuerContext } from '../issuers/context.ts'
import type { Issuers } from '../issuers/issuer-registry.ts'
import type { Seconds } from '../util/time.ts'

/** What a revocation may name of a token. */
export type RevocableToken = Pick<
  TokenData,
  'format' | 'issuer' | 'subject' | 'clientId' | 'tokenId' | 'sessionId' | 'issuedAt' | 'expiresAt'
>

/**
 * Decides whether a token is revoked; `revocation()` of `bearward/revocation` creates it. One object may serve several
 * resource servers.
 */
export interface Revocation {
  /** Resource servers call it at construction. */
  attach(server: RevocationHost): AttachedRevocation
}

/** What a resource server provides. */
export interface RevocationHost extends IssuerContext {
  readonly issuers: Pick<Issuers, 'areFixed' | 'listed' | 'select' | 'find' | 'all'>
  readonly limits: IssuerContext['limits'] & { readonly token: number }
  /** Called when tokens that were valid have been revoked: soon, but not for each entry. */
  changed(): void
}

/** The revocations as one resource server sees them. */
export interface AttachedRevocation {
  /** The refusal of a token that is valid otherwise. It reads memory only. */
  check(token: RevocableToken, clockTolerance: Seconds): Refusal | undefined
  /**
   * For how long opaque tokens are refused. No introspection response is used for longer: it may be from before a
   * revocation that has ended.
   */
  readonly maxLifetime: Seconds
  /** The first load of the store, or the next one after the process was suspended, if it is pending. It never rejects. */
  readonly loading: Promise<void> | undefined
  /** The refusal of all tokens, while the revocations are not known. */
  readonly refusal: Refusal | undefined
  state(): RevocationState
  /** After the last server is closed, background work ends. */
  close(): void
}

/** The availability of a server whose issuers have this one. */
export function availabilityWith(revocation: AttachedRevocation | undefined, issuers: Availability): Availability {
  if (!revocation) return issuers
  if (revocation.refusal) return revocation.loading ? 'starting' : 'unavailable'
  return issuers === 'ready' && revocation.state().status !== 'current' ? 'degraded' : issuers
}

/** The state of the revocations, for operators. */
export interface RevocationState {
  /**
   * `current`: the store was read within the last seconds. `stale`: reading it fails, for less than `staleIfError`.
   * `unavailable`: for longer, or since the start.
   */
  readonly status: 'current' | 'stale' | 'unavailable'
  /** How many revocations are in force, in this process. */
  readonly entries: number
  /** Seconds since the store was last read; 0 without a store, `undefined` if it never was. */
  readonly age: Seconds | undefined
}
