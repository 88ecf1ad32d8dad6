import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { ClientCertificate } from 'bearward/testing'
import { hangUp, listen } from '../../demo/listen.ts'

export interface SecureSocket {
  readonly port: string
  close(): Promise<void>
}

/**
 * Listens on loopback over TLS, and asks clients for a certificate.
 *
 * @param hostOf who is asked for has to be this: a page elsewhere whose name has been pointed to loopback must not get
 *   through (DNS rebinding). Its browser would not trust the certificate either
 */
export async function listenSecurely(
  { key, cert }: ClientCertificate,
  hostOf: (port: string) => string,
  answer: RequestListener,
): Promise<SecureSocket> {
  // Clients are not asked who has signed their certificates: the token says whose is right (RFC 8705 §2.2, §6.2), and
  // who has another one, or none, is to get an answer in words and not a broken handshake.
  const listener = createServer({ key, cert, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    if (request.headers.host === host) answer(request, response)
    else response.writeHead(421, { 'Content-Type': 'text/plain' }).end('421\n')
  })
  const { port } = new URL(await listen(listener))
  const host = hostOf(port)
  return { port, close: () => hangUp(listener) }
}
