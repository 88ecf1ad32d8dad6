import type { Peer } from '../http-message.ts'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import type { Seconds } from '../util/time.ts'
import type { BindingMode } from './mode.ts'
import type { CertificateFormat } from './mtls/certificate-field.ts'

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
  readonly maxAge?: Seconds
  /** How far in the future, by a clock that runs ahead. Default: 15; from 0 to 300. */
  readonly clockTolerance?: Seconds
  /**
   * While `stores.replay` cannot be asked, requests with a proof are answered with 503. With `use_local` they are
   * let through, and a proof can be used once in each process. Default: `refuse`.
   */
  readonly onStoreFailure?: 'refuse' | 'use_local'
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
    readonly isTrusted: (peer: Peer, request: object) => boolean
    /** Default: `Client-Cert` (RFC 9440). */
    readonly header?: string
    /** How the certificate is written there. Default: `rfc9440`. */
    readonly format?: CertificateFormat
  }
}
