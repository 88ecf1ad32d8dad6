import type { MaybePromise } from '../util/maybe-promise.ts'

/** One public key as RFC 7517 §4 describes it; members we do not know are left alone. */
export type PublicJsonWebKey = Readonly<Record<string, unknown>>

/** A JWK Set (RFC 7517 §5). */
export interface JsonWebKeySet {
  readonly keys: readonly PublicJsonWebKey[]
}

/**
 * Keys from a place of your own, such as a file or a database. Freshness, background refresh, kept keys, cooldown and
 * back-off are the same as for a key set that is fetched.
 */
export interface KeySet {
  /** The whole set as it is now. A failure counts as an outage: kept keys go on serving. */
  load(context: { readonly signal: AbortSignal }): MaybePromise<JsonWebKeySet>
}
