import { createHash, type X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { type ConnectionOptions, TLSSocket } from 'node:tls'
import type { ClientCertificate } from 'bearward/testing'
import type { TlsConnection } from '../exchange.ts'

/** TLS settings of a client. */
export interface Tls {
  /** The only certificate it trusts, in PEM. */
  readonly trusted: string
  /** The name the certificate must have, if it differs from the URL's host. */
  readonly name?: string
  /** The client certificate. */
  readonly certificate?: ClientCertificate | undefined
}

export const tlsOptions = ({ trusted, name, certificate }: Tls): ConnectionOptions => ({
  ca: trusted,
  ...(name !== undefined && { servername: name }),
  ...(certificate && { cert: certificate.cert, key: certificate.key }),
})

/** Describes a connection; `undefined` without TLS. */
export function connectionOf(socket: Socket): TlsConnection | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  const server = socket.getPeerX509Certificate()
  const client = socket.getX509Certificate()
  return {
    protocol: socket.getProtocol() ?? 'TLS',
    server: server ? nameIn(server) : '',
    client: client && { name: nameIn(client), thumbprint: thumbprintOf(client.raw) },
  }
}

const nameIn = ({ subject }: X509Certificate): string => subject.replace(/^CN=/, '')

/** RFC 8705 §3.1: the SHA-256 of the DER, in base64url. */
export const thumbprintOf = (der: Uint8Array): string => createHash('sha256').update(der).digest('base64url')
