import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { ClientCertificate } from 'bearward/testing'
import { hangUp, listen } from '../../demo/listen.ts'

export interface SecureSocket {
  readonly port: string
  close(): Promise<void>
}

/**
 * Listens on loopback over TLS, and requests client certificates.
 *
 * @param hostOf the required `Host`, against DNS rebinding: another site's name may resolve to loopback, although its
 *   browser would not trust the certificate
 */
export async function listenSecurely(
  { key, cert }: ClientCertificate,
  hostOf: (port: string) => string,
  serve: RequestListener,
): Promise<SecureSocket> {
  // Accepts any client certificate: the token identifies the right one (RFC 8705 §2.2, §6.2). A client with another one,
  // or none, gets an HTTP response instead of a broken handshake.
  const listener = createServer({ key, cert, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    if (request.headers.host === host) serve(request, response)
    else response.writeHead(421, { 'Content-Type': 'text/plain' }).end('421\n')
  })
  const { port } = new URL(await listen(listener))
  const host = hostOf(port)
  return { port, close: () => hangUp(listener) }
}
