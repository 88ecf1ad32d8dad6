import { type ElysiaGuard, resourceServer } from 'bearward/elysia'
import { Elysia } from 'elysia'
import { type App, type AppOptions, type Bound, reachedBy, serve } from './app.ts'
import { bridge } from './bridge.ts'

/** Elysia, with guards as `beforeHandle`. */
export function elysiaApp({ options, routes, tls, onError }: AppOptions): Promise<App> {
  const bound = resourceServer(options)
  const guards: Bound<ElysiaGuard> = bound
  const reached: string[] = []
  const app = new Elysia().onError(({ error }) => onError?.(error)).use(bound.metadata())
  for (const { path, methods = ['GET'], use, router } of routes) {
    const beforeHandle = [...(router?.use(guards) ?? []), ...use(guards)]
    for (const method of methods) {
      app.route(
        method,
        path,
        (context) => {
          reached.push(path)
          return reachedBy(path, bound.maybeAccessToken(context))
        },
        { beforeHandle },
      )
    }
  }
  return serve(
    'Elysia',
    bridge((request) => app.handle(request)),
    { server: bound.server, reached },
    tls,
  )
}
