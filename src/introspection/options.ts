import type { CryptoKey } from 'jose'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import type { Fetch } from '../upstream/fetch.ts'
import type { MaybePromise } from '../util/maybe-promise.ts'
import type { NumericDate, Seconds } from '../util/time.ts'

/** What a verifier of your own says about a token: the members of an introspection answer (RFC 7662 §2.2). */
export type Verdict =
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

/** What a verifier of your own is given beside the token. */
export interface VerifyContext {
  /** The configured issuer the token is taken to be of. */
  readonly issuer: string
  /** The `fetch` of the options. */
  readonly fetch: Fetch
  /** Aborted when the deadline is over or the resource server is closed: pass it on. */
  readonly signal: AbortSignal
}

/**
 * Says what a token is worth, for a provider without introspection. What it throws is an outage (503), never a refusal;
 * an {@link Unavailable} can say when the next try makes sense.
 */
export type VerifyToken = (token: string, context: VerifyContext) => MaybePromise<Verdict>

/** How questions about tokens are asked, and how long the answers are kept. */
export interface VerdictOptions {
  /** How long a token that was called active is taken without another question. Default: 60; 0 asks each time. */
  readonly active?: Seconds
  /** How long one that was called inactive is refused without another question. Default: 10. */
  readonly inactive?: Seconds
  /** How long one question may take, discovery, one retry and the body included. Default: 2. */
  readonly deadline?: Seconds
  /** When an issuer that fails is left alone. */
  readonly breaker?: BreakerOptions
}

/**
 * When an endpoint that keeps failing is left alone, and for how long: requests that need it are answered with 503 at once.
 *
 * Only failures of the endpoint count: a token that it calls inactive is an answer.
 */
export interface BreakerOptions {
  /** After how many failures in a row. Default: 5. */
  readonly failures?: number
  /** For how long at first; it doubles each time the next question fails as well. Default: 1. */
  readonly pause?: Seconds
  /** For how long at most. Default: 30. */
  readonly pauseLimit?: Seconds
}

/** Introspection (RFC 7662). */
export interface IntrospectionOptions extends VerdictOptions {
  /** The endpoint. Default: discovered. */
  readonly endpoint?: string
  /** How we authenticate there. */
  readonly client: ClientAuthentication
  /** `require` takes signed answers only (RFC 9701). Default: `off`. */
  readonly signed?: 'off' | 'require'
}

/**
 * For a provider without introspection, such as GitHub: a function of your own decides about each of its tokens. What it
 * finds is remembered as an introspection answer is, with single flight, deadline and breaker.
 */
export interface VerifyOptions extends VerdictOptions {
  readonly check: VerifyToken
}

/** How we authenticate at the introspection endpoint (RFC 7662 §2.1, RFC 6749 §2.3.1, RFC 7523 §2.2). */
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
      /** Default: `alg` of the JWK, or what fits the key. */
      readonly algorithm?: JwsAlgorithm
      /** The `kid` of assertions. Default: that of the JWK, if it has one. */
      readonly keyId?: string
      /** The `aud` of assertions, for servers that want the URL of the endpoint in it. Default: the issuer. */
      readonly audience?: string
    }
  | {
      readonly method: 'bearer'
      /** An access token of our own, or a function that gets one; it is called for each question. */
      readonly token: string | (() => MaybePromise<string>)
    }
  /** By a client certificate that the `fetch` of the options brings (RFC 8705 §2). */
  | { readonly method: 'none'; readonly clientId: string }
