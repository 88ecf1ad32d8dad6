import type { IntrospectionOptions, IntrospectOptions, IntrospectToken } from '../introspection/options.ts'
import type { JsonWebKeySet, KeySet } from '../jwks/types.ts'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import type { Profile } from '../jwt/token-type.ts'
import type { MaybePromise } from '../util/maybe-promise.ts'
import type { Seconds } from '../util/time.ts'

/**
 * An authorization server whose tokens are accepted. Its URL alone stands for an object with that `issuer` and all
 * defaults. What cannot be right is a {@link ConfigurationError} at construction.
 *
 * Not checked: whether the issuer exists; its metadata and keys are fetched when they are first needed, or by `ready()`.
 */
export interface IssuerOptions {
  /** The exact `iss` of its tokens. `https:`, or `http:` on loopback. */
  readonly issuer: string
  /** Accepted values of `aud`. Default: the server's `resource`. `null` accepts tokens for anybody. */
  readonly audience?: string | readonly string[] | null
  /**
   * How strictly tokens must follow RFC 9068: `compat` takes what issuers really write, `rfc9068` what the standard
   * describes, and with `report-only` an event tells which tokens `rfc9068` would refuse. Default: `compat`.
   */
  readonly profile?: Profile
  /** Accepted signature algorithms. Default: RS, PS and ES with 256, 384 and 512, EdDSA and Ed25519. */
  readonly algorithms?: readonly JwsAlgorithm[]
  /**
   * The URL of the key set, the set itself, or a place of your own. `null`: no JWT of this issuer is verified here, all
   * its tokens are asked about. Default: discovered (RFC 8414, OpenID Connect); with `introspect`: `null`.
   */
  readonly keys?: string | JsonWebKeySet | KeySet | null
  /** Opaque tokens are asked about at the issuer (RFC 7662). */
  readonly introspection?: IntrospectionOptions
  /** The same for a provider without introspection: a function of your own. */
  readonly introspect?: IntrospectToken | IntrospectOptions
  /**
   * How the opaque tokens of this issuer begin; where several fit, the longest counts. Of several issuers that take opaque tokens, only one may be without it:
   * nothing else tells whose they are, and a token must not be shown to another issuer.
   */
  readonly tokenPrefix?: string | readonly string[]
  /** Where we reach the issuer if not at its own URL, such as inside a container network. Plain `http:` is allowed here. */
  readonly internalUrl?: string
  /** Claims that hold scopes. Default: `scope` and `scp`. */
  readonly scopeClaims?: readonly string[]
  /** How far clocks may differ. Default: 30; from 0 to 60. */
  readonly clockTolerance?: Seconds
  /** The greatest age of a token since `iat`. Default: no limit. */
  readonly maxAge?: Seconds
  readonly jwksCache?: JwksCacheOptions
  /** How long loading keys may take, discovery and bodies included. Default: 3. */
  readonly deadline?: Seconds
}

/**
 * How long the keys of an issuer are cached, and how often they are fetched. They are refreshed in the background when
 * 80 % of their lifetime has passed; stale keys are used while that fails (RFC 5861 §4).
 */
export interface JwksCacheOptions {
  /** How long a key set is fresh. Default: by `Cache-Control` between 60 and 86400, otherwise 600; from 1. */
  readonly maxAge?: Seconds
  /** How long stale keys are used while the refresh fails. Default: 3600; from 0 to 86400. */
  readonly staleIfError?: Seconds
  /** The least time between two fetches forced by unknown keys. Default: 30; from 1. */
  readonly cooldown?: Seconds
  /** The pause after a failed fetch; it doubles with each further one. Default: 1. */
  readonly backoff?: Seconds
  /** The longest such pause. Default: 60. */
  readonly maxBackoff?: Seconds
}

/** Issuers that are known at run time only, such as one per tenant. */
export interface IssuerResolver {
  /** Says whether an issuer is trusted, by its exact string. An array, a `Set`, or anything with `has`. */
  readonly allow: readonly string[] | { has(issuer: string): boolean | Promise<boolean> }
  /** The options of a trusted issuer; called when a first token of it arrives. A failure is answered with 503. */
  readonly resolve: (issuer: string) => MaybePromise<Omit<IssuerOptions, 'issuer'>>
  /**
   * How many issuers are kept alive with their keys; the least recently used one goes, and is loaded anew when it is
   * needed again. Make it larger than the number of issuers in use. Default: 1000, or the length of an `allow` array.
   */
  readonly alive?: number
}
