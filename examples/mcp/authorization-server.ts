import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import type { Configuration } from 'oidc-provider'
import { withoutNotices } from '../demo/without-notices.ts'

/**
 * A real authorization server on loopback, for experiments only: any client may register, users choose any name, and
 * nothing is stored. In production this is your provider.
 */
export async function startAuthorizationServer(
  scopes: readonly string[],
): Promise<{ readonly issuer: string; readonly server: Server }> {
  const { Provider } = await withoutNotices(() => import('oidc-provider'))
  let serve: RequestListener | undefined
  const server = createServer((request, response) => {
    // Against DNS rebinding: a page of another host name must not register, sign in and get a token here.
    if (request.headers.host === new URL(issuer).host) serve?.(request, response)
    else response.writeHead(421).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  const settings = await configuration(scopes)
  serve = withoutNotices(() => new Provider(issuer, settings)).callback()
  return { issuer, server }
}

async function configuration(scopes: readonly string[]): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'one', alg: 'ES256', use: 'sig' }] },
    cookies: { keys: [crypto.randomUUID()] },
    scopes: ['openid', 'offline_access', ...scopes],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    // MCP clients register for the scopes of their first challenge. If that limited them, they could never request more.
    extraClientMetadata: {
      properties: ['scope'],
      validator(_context, _name, _value, metadata) {
        Reflect.deleteProperty(metadata, 'scope')
      },
    },
    // Browser clients, such as the MCP Inspector.
    clientBasedCORS: () => true,
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    ttl: { AccessToken: 300, Grant: 3600, IdToken: 300, Interaction: 600, Session: 3600 },
    features: {
      registration: { enabled: true }, // RFC 7591
      devInteractions: { enabled: true }, // two plain pages: sign-in and consent
      resourceIndicators: {
        enabled: true, // RFC 8707: the audience of a token is the MCP server that the client requests it for
        getResourceServerInfo: () => ({
          scope: scopes.join(' '),
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  }
}
