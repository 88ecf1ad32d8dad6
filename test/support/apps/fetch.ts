import { BearwardError } from 'bearward'
import { type FetchGuard, type FetchHandler, resourceServer } from 'bearward/fetch'
import { type App, type AppOptions, type Bound, reachedBy, serve } from './app.ts'
import { bridge } from './bridge.ts'

/** Wrapped handlers behind the least of a router. */
export function fetchApp({ options, routes, tls, onError }: AppOptions): Promise<App> {
  const bound = resourceServer(options)
  const guards: Bound<FetchGuard<unknown>> = bound
  const metadata = bound.metadata()
  const reached: string[] = []
  const handlers = new Map<string, FetchHandler>()
  for (const { path, methods = ['GET'], use, router } of routes) {
    const handler: FetchHandler = (request) => {
      reached.push(path)
      return Response.json(reachedBy(path, bound.maybeAccessToken(request)))
    }
    const all = [...(router?.use(guards) ?? []), ...use(guards)]
    const guarded = all.reduceRight<FetchHandler>((inner, guard) => guard(inner), handler)
    for (const method of methods) handlers.set(`${method} ${path}`, guarded)
  }
  const app: FetchHandler = async (request) => {
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const handler = handlers.get(`${method} ${new URL(request.url).pathname}`)
    try {
      return (await metadata(request)) ?? (await handler?.(request)) ?? new Response(null, { status: 404 })
    } catch (thrown) {
      onError?.(thrown)
      // There is no framework with an error path, so that this is what an application writes.
      if (thrown instanceof BearwardError) return thrown.toResponse()
      return new Response(null, { status: 500 })
    }
  }
  return serve('fetch', bridge(app), { server: bound.server, reached }, tls)
}
