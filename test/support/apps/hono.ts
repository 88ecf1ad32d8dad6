import { getRequestListener } from '@hono/node-server'
import { resourceServer } from 'bearward/hono'
import { Hono, type MiddlewareHandler } from 'hono'
import { type App, type AppOptions, type Bound, reachedBy, serve } from './app.ts'
import { bridge } from './bridge.ts'

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

function makeApp({ options, routes, onError }: AppOptions) {
  const bound = resourceServer(options)
  const guards: Bound<MiddlewareHandler> = bound
  const reached: string[] = []
  const app = new Hono()
  if (onError) {
    app.use(async (context, next) => {
      await next()
      if (context.error) onError(context.error)
    })
  }
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
