import type { IntrospectionOptions, IntrospectOptions, IntrospectToken } from '../introspection/options.ts'
import type { JsonWebKeySet, KeySet } from '../jwks/types.ts'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import type { Profile } from '../jwt/token-kind.ts'
import type { Seconds } from '../util/time.ts'
import type { StatusList } from './status-list.ts'

/**
 * An authorization server whose tokens are accepted. Its URL alone means an object with that `issuer` and all defaults. A
 * wrong option is a {@link ConfigurationError} at construction.
 *
 * Not checked: whether the issuer exists; its metadata and keys are fetched when they are first needed, or by `ready()`.
 */
export interface IssuerOptions {
  /**
   * The exact `iss` of its tokens. If metadata is discovered from it, it must be an `https:` URL, or `http:` on loopback. With
   * `keys`, and with `introspection.endpoint` if tokens are introspected, it may be any string (RFC 7519 §4.1.1).
   */
  readonly issuer: string
  /** Accepted values of `aud`. `null` accepts tokens for anyone. Default: the server's `resource`. */
  readonly audience?: string | readonly string[] | null
  /**
   * Refuses tokens that are also for someone else: every value of `aud` must be an accepted one (RFC 8707 §3). Default:
   * `false`.
   */
  readonly soleAudience?: boolean
  /**
   * The clients whose tokens are accepted, by `client_id`, or `azp` if that is missing (RFC 9068 §2.2). A token without
   * either is refused. For providers whose tokens have no `aud`, with `audience: null`. Default: any client.
   */
  readonly clients?: readonly string[]
  /**
   * How strictly tokens must follow RFC 9068: `compat` accepts what real issuers send, `rfc9068` only what the standard
   * describes. `report-only` is `compat` and emits an event for each token that `rfc9068` would reject. Default: `'compat'`.
   */
  readonly profile?: Profile
  /**
   * Accepts access tokens and introspection responses with `nonce`, `at_hash` or `c_hash`, which mark ID tokens: for
   * issuers that put them into access tokens, such as Dex, Azure AD B2C and authentik. Then an ID token whose `aud` is
   * accepted counts as an access token, unless something else marks it (RFC 8725 §3.11). Default: `false`.
   */
  readonly allowIdTokenClaims?: boolean
  /**
   * Accepted signature algorithms. ML-DSA-44, -65 and -87 are accepted only if they are listed, and if the runtime has them.
   * A published key without `alg` is used with the first algorithm that fits. Default: RS, PS and ES with 256, 384 and 512,
   * EdDSA and Ed25519.
   */
  readonly algorithms?: readonly JwsAlgorithm[]
  /**
   * The URL of the key set, the set itself, or an object that loads it. With `null` all tokens of this issuer are
   * introspected, JWTs as well. Default: discovered (RFC 8414, OpenID Connect); with `introspect`: `null`.
   */
  readonly keys?: string | JsonWebKeySet | KeySet | null
  /** Introspects opaque tokens at the issuer (RFC 7662). */
  readonly introspection?: IntrospectionOptions
  /** Introspects opaque tokens of a provider without an introspection endpoint: a function, or an object that has one. */
  readonly introspect?: IntrospectToken | IntrospectOptions
  /**
   * The first characters of this issuer's opaque tokens; the longest prefix that matches counts. Among several issuers with
   * opaque tokens, only one may omit it: an opaque token does not name its issuer, and must not be sent to another one.
   */
  readonly tokenPrefix?: string | readonly string[]
  /** The URL to reach the issuer at, if it differs from `issuer`: in a container network, for example. It may be `http:`. */
  readonly internalUrl?: string
  /**
   * For container networks: permits plain `http:` for `issuer`, `keys` and `introspection.endpoint`, and for URLs in metadata
   * with the same host and port. Anyone on the network path can read tokens and credentials, and replace keys. Default: `false`.
   */
  readonly allowInsecureRequests?: boolean
  /**
   * Claims with scopes, by name. A list of names is a path into objects: `['realm_access', 'roles']`. Default: `scope`,
   * `scp`.
   */
  readonly scopeClaims?: readonly (string | readonly string[])[]
  /** How far clocks may differ. Default: `30`; from 0 to 60. */
  readonly clockTolerance?: Seconds
  /** The greatest age of a token since `iat`. Default: no limit; from 1. */
  readonly maxAge?: Seconds
  /** How long keys are cached, and how often they are fetched. */
  readonly jwksCache?: JwksCacheOptions
  /**
   * Refuses JWTs that a status list declares invalid: `statusList()` of `bearward/status-list`. Default: the claim `status`
   * is not read.
   */
  readonly statusList?: StatusList
  /** How long loading keys may take, including discovery and bodies. Default: `3`; from 0.001 to 300. */
  readonly deadline?: Seconds
}

/**
 * How long the keys of an issuer are cached, and how often they are fetched. They are refreshed in the background when
 * 80 % of their lifetime has passed; stale keys are used while that fails (RFC 5861 §4).
 */
export interface JwksCacheOptions {
  /** How long a key set is fresh. Default: by `Cache-Control` between 60 and 86400, otherwise 600; from 1. */
  readonly maxAge?: Seconds
  /** How long stale keys are used while the refresh fails. Default: `3600`; from 0 to 86400. */
  readonly staleIfError?: Seconds
  /** The shortest time between two fetches that an unknown `kid` causes. Default: `30`; from 1. */
  readonly cooldown?: Seconds
  /** The pause after a failed fetch; it doubles with each further failure. Default: `1`; from 0.001 to 3600. */
  readonly backoff?: Seconds
  /**
   * The longest such pause, also if the issuer asks for a longer one with `Retry-After`. Default: `60`, or `backoff` if that
   * is longer; from `backoff`.
   */
  readonly maxBackoff?: Seconds
}

/** Issuers that are only known at run time, such as one per tenant. */
export interface IssuerResolver {
  /**
   * The trusted issuers, by their exact strings: an array, a `Set`, or any object with `has()`, which is called for each
   * request; if it fails, the request gets 503. It must compare exactly: many databases ignore case and accents, so that
   * another tenant of the same authorization server could pass for yours. Only an array is published in the metadata of
   * the API.
   */
  readonly allow: readonly string[] | { has(issuer: string): boolean | Promise<boolean> }
  /**
   * Returns the options of a trusted issuer; called for its first token, and again before they are `maxAge` old. If it
   * fails, the request gets 503, unless there are earlier options, which are then used. Wrong options also emit a
   * `configuration` event. The options of a preset may be returned as they are, if they are those of this issuer.
   */
  readonly resolve: (issuer: string) => Omit<IssuerOptions, 'issuer'> | Promise<Omit<IssuerOptions, 'issuer'>>
  /**
   * How long the options that `resolve` returned are used before it is called again. Others replace them, and all that is
   * cached of the issuer; the same do not, if functions and other objects in them are the same as well. While `resolve` fails,
   * the earlier ones are used. Default: `600`; from 1.
   */
  readonly maxAge?: Seconds
  /**
   * How many issuers are cached with their keys. Beyond that, the least recently used one is evicted, and loaded again when
   * needed. Set it higher than the number of issuers in use. Default: `1000`, or the length of a longer `allow`; from 1.
   */
  readonly alive?: number
  /**
   * Limits calls of `allow.has` and `resolve` for issuers that are not cached, because anyone can send tokens that name any
   * issuer. Calls for one issuer are shared, and a refusal is cached for a second. An array or a `Set` needs no limits.
   */
  readonly lookups?: LookupOptions
}

/** Limits for lookups of issuers. A request waits at most 3 seconds for a lookup, and then gets 503 `lookups_limited`. */
export interface LookupOptions {
  /** Lookups at the same time. Default: `50`; from 1 to 100000. */
  readonly maxConcurrent?: number
  /**
   * How many lookups per second may find an untrusted issuer before further lookups have to wait. Default: `20`; from 1
   * to 100000.
   */
  readonly perSecond?: number
}
