import type { Socket } from 'node:net'
import { type ConnectionOptions, connect } from 'node:tls'
import { type Certificate, createCertificate } from './certificates.ts'

/** The TLS options of an API or a proxy: its own certificate, and a request for a client certificate by any signer. */
export interface TlsServing {
  readonly key: string
  readonly cert: string
  readonly requestCert: true
  /** RFC 8705 §2.2: self-signed client certificates are accepted, since the token is bound to one of them. */
  readonly rejectUnauthorized: false
}

export function createTlsServing(): TlsServing {
  const { key, cert } = createCertificate('127.0.0.1')
  return { key, cert, requestCert: true, rejectUnauthorized: false }
}

/** Opens a connection to a port of loopback. */
export type Connect = (port: number, connected: () => void) => Socket

/** A TLS client, with or without a certificate, that does not verify the server. */
export const overTls =
  (client?: Certificate, more: ConnectionOptions = {}): Connect =>
  (port, connected) =>
    connect(
      {
        port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ...(client && { key: client.key, cert: client.cert }),
        ...more,
      },
      connected,
    )
