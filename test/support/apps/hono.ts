import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { resourceServer } from 'bearward/hono'
import { Hono, type MiddlewareHandler } from 'hono'
import { type App, type AppOptions, type Bound, reachedBy, serve } from './app.ts'

/** Hono over its own adapter for Node. */
export function honoNodeApp(settings: AppOptions): Promise<App> {
  const { app, server, reached } = makeApp(settings)
  return serve('Hono on Node', getRequestListener(app.fetch), { server, reached }, settings.tls)
}

/** Hono as on runtimes with only `fetch(Request)`: it never sees Node's request. */
export function honoFetchApp(settings: AppOptions): Promise<App> {
  const { app, server, reached } = makeApp(settings)
  return serve('Hono fetch', bridge(app.fetch), { server, reached }, settings.tls)
}

function makeApp({ options, routes }: AppOptions) {
  const bound = resourceServer(options)
  const guards: Bound<MiddlewareHandler> = bound
  const reached: string[] = []
  const app = new Hono()
  app.use(bound.metadata())
  for (const { path, methods = ['GET'], use, router } of routes) {
    const parent = router ? app.basePath(router.prefix) : app
    if (router) parent.use('*', ...router.use(guards))
    for (const method of methods) {
      parent.on(method, [path.slice(router?.prefix.length ?? 0)], ...use(guards), (context) => {
        reached.push(path)
        return context.json(reachedBy(path, bound.maybeAccessToken(context)))
      })
    }
  }
  return { app, server: bound.server, reached }
}

/** A minimal conversion to a `Request`. `Headers` joins several lines of one header. */
function bridge(fetch: (request: Request) => Response | Promise<Response>): RequestListener {
  return (incoming, response) => {
    respond(fetch, incoming, response).catch(() => {
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  }
}

async function respond(
  fetch: (request: Request) => Response | Promise<Response>,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const headers = new Headers()
  for (let at = 0; at + 1 < incoming.rawHeaders.length; at += 2) {
    headers.append(incoming.rawHeaders[at] as string, incoming.rawHeaders[at + 1] as string)
  }
  const method = incoming.method ?? 'GET'
  const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host}`)
  const body = method === 'GET' || method === 'HEAD' ? null : Buffer.concat(chunks)
  const result = await fetch(new Request(url, { method, headers, body }))
  for (const [name, value] of result.headers) response.appendHeader(name, value)
  response.writeHead(result.status).end(Buffer.from(await result.arrayBuffer()))
}
