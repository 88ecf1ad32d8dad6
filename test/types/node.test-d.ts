// Compiled, never run: see scopes.test-d.ts.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { claim, scope } from 'bearward'
import { resourceServer } from 'bearward/node'

const { requireScope, protect, optionalAuth, accessToken, metadata, upgrade } = resourceServer({
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  scopes: ['read:orders', 'write:orders'],
})

// @ts-expect-error a misspelt scope
requireScope('read:order')
protect((token, request) => request.url === token.subject)

export const http = createServer(async (request, response) => {
  if (await metadata()(request, response)) return
  const token = await requireScope('read:orders')(request, response)
  // @ts-expect-error the guard may have responded
  token.subject
  if (!token) return
  token.hasScope('write:orders')
  // @ts-expect-error a misspelt scope
  token.hasScope('write:order')
  const known = await optionalAuth()(request, response)
  const states: typeof token | null | undefined = known
  // @ts-expect-error `null` is an anonymous request
  const never: typeof token | undefined = known
  // @ts-expect-error with next, the token is not returned
  const none: typeof token | undefined = await protect()(request, response, (error) => void error)
  response.end([states, never, none].length)
})

http.on('upgrade', async (request, socket) => {
  const token = await upgrade(request, socket, scope('read:orders'), claim('tenant', 'acme'))
  // @ts-expect-error it may have been refused
  token.subject
  // @ts-expect-error a guard that names a scope which is not declared
  upgrade(request, socket, scope('read:order'))
  socket.end(accessToken(request).subject)
})

/** As connect and polka type their middleware. */
type Connect = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void
export const mounted: readonly Connect[] = [metadata(), protect(), optionalAuth(), requireScope('read:orders')]
