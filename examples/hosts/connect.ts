// Connect, which also serves gRPC-Web: an interceptor authenticates each call.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 node connect.js

import { Code, ConnectError, createConnectRouter, createContextKey, type Interceptor } from '@connectrpc/connect'
import { createFetchHandler } from '@connectrpc/connect/protocol'
import { serve } from '@hono/node-server'
import { type AccessToken, BearwardError, createResourceServer, type Guards, scope } from 'bearward'
import { Orders } from './orders-service.ts'
import { address, issuer, resource } from './settings.ts'

const server = createResourceServer({ resource, issuer, scopes: ['read:orders', 'write:orders'] })

/** What each method needs. A method that is not here is refused. */
const guards: Readonly<Record<string, Guards>> = {
  List: server.guards(scope('read:orders')),
  Add: server.guards(scope('write:orders')),
}

const tokenKey = createContextKey<AccessToken | undefined>(undefined, { description: 'the access token' })

const CODES: Readonly<Record<number, Code>> = {
  400: Code.InvalidArgument,
  401: Code.Unauthenticated,
  403: Code.PermissionDenied,
  503: Code.Unavailable,
}

// The headers are those of a Request, where a second Authorization is visible as a comma. On node:http with
// @connectrpc/connect-node it is not: there, put protect() of bearward/node before the handler as well.
const authenticate: Interceptor = (next) => async (call) => {
  const needed = guards[call.method.name]
  if (!needed) throw new ConnectError('no one may call this method', Code.PermissionDenied)
  const authorization = call.header.get('authorization')
  try {
    const token = await server.authenticate(
      {
        native: call,
        method: call.requestMethod,
        target: new URL(call.url).pathname,
        authorization: authorization === null ? [] : [authorization],
        contentType: undefined,
      },
      needed,
    )
    call.contextValues.set(tokenKey, token)
  } catch (error) {
    if (!(error instanceof BearwardError)) throw error
    throw new ConnectError(error.description, CODES[error.status] ?? Code.Internal, { ...error.headers })
  }
  return next(call)
}

const router = createConnectRouter({ interceptors: [authenticate] }).service(Orders, {
  list: (_, { values }) => ({
    fields: { for: { kind: { case: 'stringValue', value: values.get(tokenKey)?.subject ?? 'client' } } },
  }),
  add: () => ({}),
  drop: () => ({}),
})

const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, createFetchHandler(handler)]))

async function app(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  const document = await server.metadata.respond(request.method, pathname + search)
  if (document) return new Response(document.body, document)
  return handlers.get(pathname)?.(request) ?? new Response(null, { status: 404 })
}
await server.metadata.respond('GET', server.metadata.path) // it is served: challenges point to it

const listener = serve({ fetch: app, ...address }, ({ port }) => console.log(`Connect at http://localhost:${port}/`))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => listener.close())
