import { type H3Guard, resourceServer } from 'bearward/h3'
import { H3, type H3Event } from 'h3'
import { toNodeHandler } from 'h3/node'
import type { EventHandler as H3v1EventHandler } from 'h3v1'
import { createApp, createRouter, eventHandler, toNodeListener } from 'h3v1'
import { type App, type AppOptions, type Bound, reachedBy, serve } from './app.ts'
import { bridge } from './bridge.ts'

/** h3 2 on Node, with guards as middleware. */
export function h3NodeApp(settings: AppOptions): Promise<App> {
  const { app, server, reached } = h3v2(settings)
  return serve('h3 2 on Node', toNodeHandler(app), { server, reached }, settings.tls)
}

/** h3 2 as on runtimes with only `fetch(Request)`. */
export function h3FetchApp(settings: AppOptions): Promise<App> {
  const { app, server, reached } = h3v2(settings)
  return serve(
    'h3 2 fetch',
    bridge((request) => app.fetch(request)),
    { server, reached },
    settings.tls,
  )
}

function h3v2({ options, routes, onError }: AppOptions) {
  const bound = resourceServer(options)
  const guards: Bound<H3Guard> = bound
  const reached: string[] = []
  const app = new H3({ silent: true, ...(onError && { onError: (error) => onError(error) }) })
  app.use(bound.metadata())
  for (const { path, methods = ['GET'] as const, use, router } of routes) {
    for (const guard of router?.use(guards) ?? []) app.use(`${router?.prefix}/**`, guard)
    const handler = (event: H3Event) => {
      reached.push(path)
      return reachedBy(path, bound.maybeAccessToken(event))
    }
    for (const method of methods) app.on(method, path, handler, { middleware: [...use(guards)] })
  }
  return { app, server: bound.server, reached }
}

/** h3 1 on Node, with wrapped handlers; guards of a router are middleware. */
export function h3v1App({ options, routes, tls, onError }: AppOptions): Promise<App> {
  const bound = resourceServer(options)
  const guards: Bound<H3Guard> = bound
  const reached: string[] = []
  const app = createApp(onError && { onError: (error) => onError(error) })
  const router = createRouter()
  const mounted = (guard: unknown) => eventHandler(guard as H3v1EventHandler)
  app.use(mounted(bound.metadata()))
  for (const { path, methods = ['GET'], use, router: parent } of routes) {
    for (const guard of parent?.use(guards) ?? []) app.use(parent?.prefix ?? '/', mounted(guard))
    const handler = (event: H3Event): unknown => {
      reached.push(path)
      return reachedBy(path, bound.maybeAccessToken(event))
    }
    const guarded = use(guards).reduceRight<(event: H3Event) => unknown>((inner, guard) => guard(inner), handler)
    for (const method of methods) router.use(path, mounted(guarded), method.toLowerCase() as 'get')
    if (methods.includes('GET')) router.head(path, mounted(guarded))
  }
  app.use(router)
  return serve('h3 1', toNodeListener(app), { server: bound.server, reached }, tls)
}
