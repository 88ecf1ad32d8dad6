import type { Socket } from 'node:net'
import { type ConnectionOptions, connect } from 'node:tls'
import { type Certificate, createCertificate } from './certificates.ts'

/** How an API or a proxy serves TLS: with a certificate of its own, asking for the client's, whoever has signed it. */
export interface TlsServing {
  readonly key: string
  readonly cert: string
  readonly requestCert: true
  /** RFC 8705 §2.2: a certificate that clients have signed themselves is as good as any; the token says whose it is. */
  readonly rejectUnauthorized: false
}

export function createTlsServing(): TlsServing {
  const { key, cert } = createCertificate('127.0.0.1')
  return { key, cert, requestCert: true, rejectUnauthorized: false }
}

/** Opens a connection to a port of loopback. */
export type Connect = (port: number, connected: () => void) => Socket

/** A client of TLS, with or without a certificate; who the server is does not matter to it. */
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
