import type { IncomingMessage, ServerResponse } from 'node:http'
import { parse } from 'node:querystring'
import { BearwardError } from 'bearward'
import { type NodeGuard, type NodeNext, resourceServer } from 'bearward/node'
import { type App, type AppOptions, type Bound, reachedBy, serve } from './app.ts'

type Incoming = IncomingMessage & { body?: unknown }
type Middleware = (request: Incoming, response: ServerResponse, next: NodeNext) => unknown

/**
 * `node:http` without a framework. The guards of a router are middleware with `next`, as in connect; those of a route are
 * awaited, as in a handler without any.
 */
export function nodeApp({ options, routes, tls, onError }: AppOptions): Promise<App> {
  const bound = resourceServer(options)
  const guards: Bound<NodeGuard<unknown>> = bound
  const reached: string[] = []
  const fail = (response: ServerResponse, thrown: unknown): void => {
    onError?.(thrown)
    respondToError(response, thrown)
  }
  const handlers = new Map<string, readonly Middleware[]>()
  for (const { path, methods = ['GET'], use, router } of routes) {
    const handler: Middleware = async (request, response) => {
      try {
        for (const guard of use(guards)) if ((await guard(request, response)) === undefined) return
        reached.push(path)
        response.setHeader('Content-Type', 'application/json')
        response.end(JSON.stringify(reachedBy(path, bound.maybeAccessToken(request))))
      } catch (thrown) {
        fail(response, thrown)
      }
    }
    for (const method of methods) handlers.set(`${method} ${path}`, [...(router?.use(guards) ?? []), handler])
  }
  const listener = async (request: Incoming, response: ServerResponse): Promise<void> => {
    if (await bound.metadata()(request, response)) return
    await readForm(request)
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const found = handlers.get(`${request.method === 'HEAD' ? 'GET' : request.method} ${pathname}`)
    await run(found ?? [(_, unknown) => unknown.writeHead(404).end()], request, response, fail)
  }
  return serve('node', (request, response) => void listener(request, response), { server: bound.server, reached }, tls)
}

async function run(
  [first, ...rest]: readonly Middleware[],
  request: Incoming,
  response: ServerResponse,
  fail: (response: ServerResponse, error: unknown) => void,
): Promise<unknown> {
  return first?.(request, response, (error) => (error ? fail(response, error) : run(rest, request, response, fail)))
}

/** There is no framework with an error path, so that this is what an application writes. */
function respondToError(response: ServerResponse, thrown: unknown): void {
  const known = thrown instanceof BearwardError ? thrown.response : undefined
  response.writeHead(known?.status ?? 500, { ...known?.headers }).end(known?.body)
}

/** What a body parser would do. */
async function readForm(request: Incoming): Promise<void> {
  if (!/^application\/x-www-form-urlencoded(;|$)/i.test(request.headers['content-type'] ?? '')) return
  let text = ''
  for await (const chunk of request) text += String(chunk)
  request.body = parse(text)
}
