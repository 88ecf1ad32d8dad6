/** One public key (RFC 7517 §4). Unrecognized members are ignored. */
export type PublicJsonWebKey = Readonly<Record<string, unknown>>

/** A JWK Set (RFC 7517 §5). */
export interface JsonWebKeySet {
  readonly keys: readonly PublicJsonWebKey[]
}

/**
 * Keys from your own source, such as a file or a database. Freshness, background refresh, stale keys, cooldown and
 * back-off are the same as for a fetched key set.
 */
export interface KeySet {
  /** The whole current set. A failure counts as an outage: stale keys stay in use. */
  load(context: { readonly signal: AbortSignal }): JsonWebKeySet | Promise<JsonWebKeySet>
}
