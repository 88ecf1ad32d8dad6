import type { Peer } from '../http-message.ts'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import type { Seconds } from '../util/time.ts'
import type { BindingMode } from './mode.ts'
import type { CertificateFormat } from './mtls/certificate-field.ts'

/**
 * How tokens that are bound to a key of the client are accepted (DPoP, RFC 9449). Proofs get all checks of §4.3, and each
 * is accepted once (§11.1).
 *
 * Not checked: the query and the body of the request, which proofs do not contain; and, without `nonce`, whether the
 * client's clock was right when it created the proof.
 */
export interface DpopOptions {
  /** `report-only` is `accept`, with an event for each request that `require` would have rejected. Default: `'accept'`. */
  readonly mode?: BindingMode
  /**
   * Proofs must have a nonce of this server, so that clients cannot create them in advance (RFC 9449 §9). Default: `'off'`.
   */
  readonly nonce?: 'off' | DpopNonceOptions
  /**
   * Accepted signature algorithms of proofs. Those not in the default cost several times as much. Default: `ES256`,
   * `EdDSA`, `Ed25519`, `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`.
   */
  readonly algorithms?: readonly JwsAlgorithm[]
  /** The greatest age of a proof. Default: `60`; from 1 to 3600. */
  readonly maxAge?: Seconds
  /** How far the client's clock may be ahead. Default: `15`; from 0 to 300. */
  readonly clockTolerance?: Seconds
  /**
   * While `stores.replay` fails, requests with a proof get 503. With `use_local` they are accepted, and a proof can be
   * used once in each process. Default: `'refuse'`.
   */
  readonly onStoreFailure?: 'refuse' | 'use_local'
}

/** Nonces are computed from a secret and the time; there is no store. */
export interface DpopNonceOptions {
  /** At least 32 random bytes, the same in all processes. */
  readonly secret: string | Uint8Array
  /** The time until a new nonce is issued. The previous one is still accepted. Default: `300`; from 1 to 86400. */
  readonly rotate?: Seconds
}

/**
 * How tokens that are bound to a certificate of the client are accepted (RFC 8705 §3): the SHA-256 thumbprint of the
 * certificate must equal that in `cnf`.
 *
 * Not checked: chain, validity and revocation of the certificate. Only TLS can check them (§6.2).
 */
export interface MtlsOptions {
  /** As with `dpop`. Default: `'accept'`. */
  readonly mode?: BindingMode
  /** For a proxy in front of this API that terminates TLS and forwards the client's certificate in a header. */
  readonly proxy?: MtlsProxyOptions
}

/** Where a proxy that terminates TLS puts the client's certificate. */
export interface MtlsProxyOptions {
  /**
   * Whether the direct peer of a connection is such a proxy. If it returns `true`, only the header is read, because the
   * certificate of the connection is the proxy's own. Otherwise, only the certificate of the connection counts. A promise
   * or an exception is an error of the application (500).
   */
  readonly isTrusted: (peer: Peer, request: object) => boolean
  /** The header with the certificate (RFC 9440). Default: `'Client-Cert'`. */
  readonly header?: string
  /** The format of the certificate in the header. Default: `'rfc9440'`. */
  readonly format?: CertificateFormat
}
