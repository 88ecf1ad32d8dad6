import type { BindingMode } from '../binding/mode.ts'
import type { CertificateFormat } from '../binding/mtls/certificate-field.ts'
import type { BearwardEvent } from '../events.ts'
import type { IntrospectionOptions, VerifyOptions, VerifyToken } from '../introspection/types.ts'
import type { Profile } from '../jwt/token-kind.ts'
import type { JsonWebKeySet, KeySet } from '../keys/key-set.ts'
import type { MaybePromise } from '../platform/maybe-promise.ts'
import type { NumericDate, Seconds } from '../platform/time.ts'
import type { Peer } from '../request.ts'
import type { JwsAlgorithm } from '../signature/algorithms.ts'
import type { ReplayStore } from '../stores/replay-store.ts'
import type { VerdictCache } from '../stores/verdict-cache.ts'
import type { StandardSchema } from '../token/standard-schema.ts'
import type { MetadataOptions } from './metadata-options.ts'

/** A number of bytes. */
export type Bytes = number

/**
 * The options of a resource server. They are copied and checked when it is made; a wrong one throws a
 * {@link ConfigurationError} that names it. A member that is present but `undefined` is wrong, too: it is usually an
 * environment variable that is not set.
 */
export interface ResourceServerOptions<Scope extends string = string, Claims = JwtClaims> {
  /**
   * Our own identifier, an absolute URL without fragment: the audience tokens must name, and the base of the metadata
   * URL (RFC 8707 §2, RFC 9728 §1.2).
   */
  readonly resource: string
  /** Whom we trust: one authorization server, several, or a function that knows them. */
  readonly issuer: string | IssuerOptions | IssuerResolver | readonly (string | IssuerOptions)[]
  /**
   * The scopes this API knows. Declared once, a misspelt scope is a compile error, and an error at construction. An
   * object tells as well what each scope implies, such as `{ admin: ['write'], write: ['read'], read: [] }`: a token with
   * `admin` then has all three.
   */
  readonly scopes?: readonly Scope[] | ScopeGraphOption<Scope>
  /** A Standard Schema (Zod, Valibot, ArkType …) for the claims. A token whose claims fail it is refused with 401. */
  readonly claims?: StandardSchema<Claims>
  /** The `realm` of challenges. Default: `resource`. */
  readonly realm?: string
  /** A request with a token in its query string: refuse it with 400, or act as if it were not there. Default: `reject`. */
  readonly queryTokens?: 'reject' | 'ignore'
  /** Tokens in form bodies (RFC 6750 §2.2). Default: `off`, and the body is not touched. */
  readonly formTokens?: 'off' | 'accept'
  /**
   * Tokens that are bound to a key of the client, who proves with each request that it has the key (RFC 9449). With
   * `accept` such tokens and bearer tokens are taken side by side, with `require` bound ones only. Default: `off`.
   */
  readonly dpop?: 'off' | 'accept' | 'require' | DpopOptions
  /**
   * Tokens that are bound to the certificate with which the client authenticates itself in TLS (RFC 8705 §3); modes as
   * with `dpop`. Default: `off`.
   */
  readonly mtls?: 'off' | 'accept' | 'require' | MtlsOptions
  /**
   * Where callers see this server: the origin that DPoP proofs name, with the path that a proxy takes away before a
   * request arrives; several where it has several names. A request's own `Host` or `Forwarded` is never believed.
   * Default: the origin of `resource`.
   */
  readonly publicUrl?: string | readonly string[]
  /** Who answers a refused request: the adapter, or the framework's own error path. Default: `answer`. */
  readonly errors?: 'answer' | 'forward'
  /** The shape of answers: RFC 6750's names, or problem details (RFC 9457). Default: `oauth`. */
  readonly body?: 'oauth' | 'problem'
  /** `minimal` leaves descriptions and reasons out of answers. Default: `full`. */
  readonly detail?: 'full' | 'minimal'
  /** The wall clock for `exp`, `nbf` and `iat`, in seconds since the epoch. Default: the system's. */
  readonly clock?: () => NumericDate
  /** How authorization servers are reached: for proxies, own certificate authorities and tests. Default: the global one. */
  readonly fetch?: typeof globalThis.fetch
  /** What several processes share. */
  readonly stores?: StoreOptions
  /** Called with each decision, fetch and key change. What it throws is ignored. */
  readonly onEvent?: (event: BearwardEvent) => void
  /**
   * Called with work that goes on after the answer: on Workers, pass `waitUntil` of `cloudflare:workers`, so that key
   * sets are refreshed in the background there as well. Not needed elsewhere.
   */
  readonly waitUntil?: (work: Promise<unknown>) => void
  /** What the protected resource metadata says beside what the other options tell (RFC 9728). */
  readonly metadata?: MetadataOptions
  readonly limits?: LimitOptions
}

/** Every scope as a member, with those it implies directly; none may imply itself, on whatever way. */
export type ScopeGraphOption<Scope extends string = string> = {
  readonly [Name in Scope]: readonly NoInfer<Scope>[]
}

/** What several processes share. Without a store, each process has a memory of its own. */
export interface StoreOptions {
  /** What issuers said about opaque tokens, behind a memory of our own. `bearward/redis` makes one. */
  readonly verdicts?: VerdictCache
  /**
   * The DPoP proofs that have been used. Without it each process remembers its own, and a proof can be used once in each.
   * `bearward/redis` makes one.
   */
  readonly replay?: ReplayStore
}

/**
 * How tokens that are bound to a key of the client are taken (DPoP, RFC 9449). All checks of §4.3 are made, and each proof
 * is accepted once (§11.1).
 *
 * Not checked: query and body of the request, which no proof names; and, without `nonce`, when a proof was made other than
 * by the clock of the client.
 */
export interface DpopOptions {
  /** `accept` and `require` as above; `warn` accepts, and an event tells what `require` would have refused. Default: `accept`. */
  readonly mode?: BindingMode
  /**
   * Proofs must hold a nonce of this server, so that none can be made in advance (RFC 9449 §9). Nonces are made from the
   * secret, at least 32 random bytes, the same in all processes; there is no store. A new one begins every `rotate`
   * seconds, by default 300, and the one before it is still accepted. Default: `off`.
   */
  readonly nonce?: 'off' | { readonly secret: string | Uint8Array; readonly rotate?: Seconds }
  /** Accepted signature algorithms of proofs. Default: those of which no proof costs much more than one of ES256. */
  readonly algorithms?: readonly JwsAlgorithm[]
  /** How long ago a proof may have been made. Default: 60; from 1 to 3600. */
  readonly past?: Seconds
  /** How far in the future, by a clock that runs ahead. Default: 15; from 0 to 300. */
  readonly future?: Seconds
  /**
   * While `stores.replay` cannot be asked, requests with a proof are answered with 503. With `remember_locally` they are
   * let through, and a proof can be used once in each process. Default: `refuse`.
   */
  readonly onStoreFailure?: 'refuse' | 'remember_locally'
}

/**
 * How tokens that are bound to a certificate of the client are taken (RFC 8705 §3): the SHA-256 thumbprint of the
 * certificate is compared with `cnf`.
 *
 * Not checked: chain, validity and revocation of the certificate, which TLS looks at or nobody does
 * (§6.2).
 */
export interface MtlsOptions {
  /** As with `dpop`. Default: `accept`. */
  readonly mode?: BindingMode
  /** A proxy in front of us ends TLS, and passes the client's certificate on in a field. Default: nobody does. */
  readonly proxy?: {
    /**
     * Whether the direct peer of a connection is such a proxy. Only then is the field looked at, and only the field: the
     * certificate of the connection itself would be the proxy's own. Only `true` is trust. It answers at once: a promise,
     * as anything that it throws, is an error of the application (500).
     */
    readonly trusts: (peer: Peer, request: object) => boolean
    /** Default: `Client-Cert` (RFC 9440). */
    readonly field?: string
    /** How the certificate is written there. Default: `rfc9440`. */
    readonly format?: CertificateFormat
  }
}

/**
 * How large things may be, and how much is remembered. A number that is out of range is a {@link ConfigurationError}.
 */
export interface LimitOptions {
  /** The largest access token. Default: 8192. */
  readonly token?: Bytes
  /** The largest encoded header of a JWT. Default: 2048. */
  readonly header?: Bytes
  /** The largest form body that is searched for a token, in characters; with `formTokens` only. Default: 65536. */
  readonly form?: Bytes
  /** The longest `kid`, in characters. Default: 256. */
  readonly keyId?: number
  /**
   * How many verified tokens are remembered, each until it expires or its key is withdrawn: so many that came once, and as
   * many that came again. 0 for none. Default: 10000.
   */
  readonly verified?: number
  /** How many tokens that an issuer called active are remembered; 0 for none. Default: 10000. */
  readonly active?: number
  /** How many that it called inactive, in a memory of their own; 0 for none. Default: 10000. */
  readonly inactive?: number
  /** The largest introspection answer, after decompression. Default: 65536. */
  readonly introspection?: Bytes
  /** The largest key set or metadata document, after decompression. Default: 524288. */
  readonly keySet?: Bytes
  /** The most members of a key set. Default: 100. */
  readonly keys?: number
  /** The largest DPoP proof. Default: 8192. */
  readonly proof?: Bytes
  /**
   * How many used DPoP proofs are remembered without a store; where that is not enough, 503. One key gets a sixth of that
   * at most, and less the less is free. Default: 100000.
   */
  readonly replay?: number
}

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
   * describes, and with `warn` an event tells which tokens `rfc9068` would refuse. Default: `compat`.
   */
  readonly profile?: Profile
  /** Accepted signature algorithms. Default: RS, PS and ES with 256, 384 and 512, EdDSA and Ed25519. */
  readonly algorithms?: readonly JwsAlgorithm[]
  /**
   * The URL of the key set, the set itself, or a place of your own. `null`: no JWT of this issuer is verified here, all
   * its tokens are asked about. Default: discovered (RFC 8414, OpenID Connect); with `verify`: `null`.
   */
  readonly keys?: string | JsonWebKeySet | KeySet | null
  /** Opaque tokens are asked about at the issuer (RFC 7662). */
  readonly introspection?: IntrospectionOptions
  /** The same for a provider without introspection: a function of your own. */
  readonly verify?: VerifyToken | VerifyOptions
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
  readonly freshness?: FreshnessOptions
  /** How long loading keys may take, discovery and bodies included. Default: 3. */
  readonly deadline?: Seconds
}

/**
 * How long keys of an issuer serve, and how often it is asked for them. They are refreshed in the background when 80 % of
 * their time has passed; while that fails, they are kept (RFC 5861 §4).
 */
export interface FreshnessOptions {
  /** How long a key set is fresh. Default: by `Cache-Control` between 60 and 86400, otherwise 600; from 1 up. */
  readonly keys?: Seconds
  /** How long past that it serves while it cannot be refreshed. Default: 3600; from 0 to 86400. */
  readonly kept?: Seconds
  /** The least time between two fetches forced by unknown keys. Default: 30; from 1 up. */
  readonly cooldown?: Seconds
  /** The pause after a failed fetch; it doubles with each further one. Default: 1. */
  readonly backoff?: Seconds
  /** The longest such pause. Default: 60. */
  readonly backoffLimit?: Seconds
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

/** The claims of a token, as far as the standards name them (RFC 7519 §4.1, RFC 9068 §2.2). */
export interface JwtClaims {
  readonly iss?: string
  readonly sub?: string
  readonly aud?: string | readonly string[]
  readonly exp?: NumericDate
  readonly nbf?: NumericDate
  readonly iat?: NumericDate
  readonly jti?: string
  readonly client_id?: string
  readonly scope?: string
  readonly [name: string]: unknown
}
