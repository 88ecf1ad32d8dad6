import type { CryptoKey } from 'jose'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import type { Fetch } from '../upstream/fetch.ts'
import type { NumericDate, Seconds } from '../util/time.ts'

/** An introspection response (RFC 7662 §2.2), as an `introspect` function returns it. */
export type IntrospectionResponse =
  | { readonly active: false }
  | {
      readonly active: true
      readonly scope?: string
      readonly client_id?: string
      readonly username?: string
      readonly token_type?: string
      readonly exp?: NumericDate
      readonly iat?: NumericDate
      readonly nbf?: NumericDate
      readonly sub?: string
      readonly aud?: string | readonly string[]
      readonly iss?: string
      readonly jti?: string
      readonly [name: string]: unknown
    }

/** What an `introspect` function receives besides the token. */
export interface IntrospectContext {
  /** The configured issuer that the token is assumed to come from. */
  readonly issuer: string
  /** The `fetch` of the options. */
  readonly fetch: Fetch
  /** Aborted when the deadline passes or the resource server is closed: pass it on. */
  readonly signal: AbortSignal
}

/**
 * Introspects a token, for a provider without an introspection endpoint. Whatever it throws is an outage (503), never a
 * refusal; an {@link Unavailable} can say when to retry.
 */
export type IntrospectToken = (
  token: string,
  context: IntrospectContext,
) => IntrospectionResponse | Promise<IntrospectionResponse>

/** What introspection at an endpoint and by a function have in common. */
export interface IntrospectorOptions {
  /** How long introspection responses are used. */
  readonly cache?: IntrospectionCacheOptions
  /** How long one introspection may take, including discovery, one retry and the body. Default: `2`; from 0.001 to 300. */
  readonly deadline?: Seconds
  /** When introspection that keeps failing is paused, and for how long. */
  readonly breaker?: BreakerOptions
  /**
   * How many introspections may be pending. Others wait, for at most half of the `deadline`. Tokens that were never active
   * get at most nine tenths of the places, and half while other tokens wait. Default: `200`; from 1 to 100000.
   */
  readonly maxConcurrent?: number
}

/** How long an introspection response is used before the token is introspected again (RFC 7662 §4). */
export interface IntrospectionCacheOptions {
  /** For active tokens, never beyond their `exp`; with 0 each request introspects. Default: `60`; from 0 to 86400. */
  readonly active?: Seconds
  /** For inactive tokens. Default: `10`; from 0 to 86400. */
  readonly inactive?: Seconds
}

/**
 * When introspection that keeps failing is paused, and for how long. During a pause, requests that need it get 503 at once.
 *
 * Only failures of the endpoint or function count: an inactive token is a successful response.
 */
export interface BreakerOptions {
  /** Consecutive failures before the pause. Default: `5`; from 1 to 1000000. */
  readonly failures?: number
  /** The first pause; it doubles each time the next attempt fails as well. Default: `1`; from 0.001 to 3600. */
  readonly delay?: Seconds
  /** The longest pause. Default: `30`, or `delay` if that is longer; from `delay`. */
  readonly maxDelay?: Seconds
}

/** Introspection (RFC 7662). */
export interface IntrospectionOptions extends IntrospectorOptions {
  /** The URL of the introspection endpoint. Default: discovered. */
  readonly endpoint?: string
  /** How this API authenticates there: see below. */
  readonly client: ClientAuthentication
  /** `require` accepts only signed responses (RFC 9701). Default: `'off'`. */
  readonly signed?: 'off' | 'require'
}

/**
 * For a provider without an introspection endpoint, such as GitHub: a function introspects its tokens. The result is
 * cached like an introspection response. Simultaneous requests with a token share one call, and deadline and circuit
 * breaker apply.
 */
export interface IntrospectOptions extends IntrospectorOptions {
  /**
   * The name of `check` in a shared store, required with `stores.introspection`. Functions with different rules need different
   * names, so that they never use each other's results: a process cannot see which function another one runs.
   */
  readonly name?: string
  /** The function. It gets the token and returns an introspection response. */
  readonly check: IntrospectToken
}

/** How this API authenticates at the introspection endpoint (RFC 7662 §2.1, RFC 6749 §2.3.1, RFC 7523 §2.2). */
export type ClientAuthentication =
  | {
      readonly method: 'client_secret_basic' | 'client_secret_post'
      readonly clientId: string
      readonly clientSecret: string
    }
  | {
      readonly method: 'private_key_jwt'
      readonly clientId: string
      /** The private key: a `CryptoKey` that may sign, or a private JWK. */
      readonly key: CryptoKey | Readonly<Record<string, unknown>>
      /** The algorithm of assertions. Default: `alg` of the JWK, or the one that fits the key. */
      readonly algorithm?: JwsAlgorithm
      /** The `kid` of assertions. Default: that of the JWK. */
      readonly keyId?: string
      /** The `aud` of assertions, for servers that expect the URL of the endpoint. Default: the issuer. */
      readonly audience?: string
    }
  | {
      readonly method: 'bearer'
      /** An access token of this API, or a function that gets one; it is called for each introspection request. */
      readonly token: string | (() => string | Promise<string>)
    }
  /** By the client certificate of the `fetch` of the options (RFC 8705 §2). */
  | { readonly method: 'none'; readonly clientId: string }
