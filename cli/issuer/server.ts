import { randomBytes, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSigningKey, createTestIssuer, type TestIssuer } from 'bearward/testing'
import { CommandError } from '../context.ts'
import { type TokenResponse, tokenResponse } from './token-endpoint.ts'

/** Only this machine reaches it. */
const HOST = '127.0.0.1'

/** A running authorization server. */
export interface LocalIssuer {
  readonly issuer: TestIssuer
  readonly tokenEndpoint: string
  readonly server: Server
}

/**
 * Starts an authorization server on loopback, with a new key and a new secret of its client.
 *
 * @throws {CommandError} if the port is not free
 */
export async function startIssuer(port: number, resource: string, scopes: readonly string[]): Promise<LocalIssuer> {
  const server = createServer()
  const origin = originAt(await listen(server, port))
  const issuer = await createTestIssuer({
    issuer: origin,
    resource,
    client: { method: 'client_secret_basic', clientId: 'dev-client', clientSecret: randomBytes(16).toString('hex') },
  })
  // An API that is running meanwhile must not take this key for the one before.
  issuer.keys = [await createSigningKey('ES256', randomUUID())]
  const tokenEndpoint = `${origin}/token`
  const metadata = {
    token_endpoint: tokenEndpoint,
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    scopes_supported: scopes,
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    issuer.requests.reset() // it would record them all
    // A page in a browser reaches loopback under a name of its own (DNS rebinding).
    if (`http://${request.headers.host}` !== origin) return write(response, UNKNOWN_HOST)
    const path = request.url?.split('?', 1)[0] ?? ''
    if (path === '/token') return write(response, await tokenResponse(request, issuer, scopes))
    if (!path.startsWith('/.well-known/')) return issuer.listener(request, response)
    const document = await issuer.fetch(`${origin}${path}`)
    const body = (await document.json()) as object
    write(response, {
      status: document.status,
      headers: {},
      body: document.ok ? { ...body, ...metadata } : { ...body },
    })
  }
  server.on('request', (request, response) => {
    respond(request, response).catch(() => request.socket.destroy())
  })
  return { issuer, tokenEndpoint, server }
}

/** Without the default port, as in the `Host` of requests (RFC 9110 §4.2.3). */
export const originAt = (port: number): string => new URL(`http://${HOST}:${port}`).origin

const UNKNOWN_HOST: TokenResponse = { status: 421, headers: {}, body: { error: 'unknown_host' } }

function write(response: ServerResponse, { status, headers, body }: TokenResponse): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      reject(new CommandError(`port ${port} cannot be used (${code}); choose another with --port`))
    })
    server.listen(port, HOST, () => resolve((server.address() as AddressInfo).port))
  })
}
