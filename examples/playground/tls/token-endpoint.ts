import type { RequestListener } from 'node:http'
import type { ClientCertificate } from 'bearward/testing'
import type { Front } from '../../demo/authorization-server.ts'
import { TOKEN_HOST } from './certificates.ts'
import { listenSecurely } from './listen-securely.ts'

export interface SecureTokenEndpoint {
  readonly url: string
  /** Serves the token endpoint of this provider as well. */
  beside(front: Front): Front
  close(): Promise<void>
}

const PATH = '/token'

/** Serves only the authorization server's token endpoint over TLS, on its own socket (RFC 8705 §5). */
export async function openTokenEndpoint(certificate: ClientCertificate): Promise<SecureTokenEndpoint> {
  let serve: RequestListener = (_request, response) => response.writeHead(503).end()
  const { port, close } = await listenSecurely(
    certificate,
    (port) => `${TOKEN_HOST}:${port}`,
    (request, response) => {
      if (request.url === PATH) serve(request, response)
      else response.writeHead(404).end()
    },
  )
  return {
    url: `https://${TOKEN_HOST}:${port}${PATH}`,
    beside: (front) => (provider) => {
      serve = provider.callback()
      return front(provider)
    },
    close,
  }
}
