import { resourceServer } from 'bearward/express'
import express5, { type ErrorRequestHandler } from 'express'
import express4 from 'express4'
import { type App, type AppOptions, reachedBy, serve } from './app.ts'

export const express5App = (settings: AppOptions): Promise<App> => start('Express 5', express5, settings)

export const express4App = (settings: AppOptions): Promise<App> => start('Express 4', express4, settings)

function start(name: string, express: typeof express5, { options, routes, tls, onError }: AppOptions): Promise<App> {
  const bound = resourceServer(options)
  const reached: string[] = []
  const app = express()
  app.use(bound.metadata())
  app.use(express.urlencoded({ extended: false }))
  for (const { path, methods = ['GET'], use, router } of routes) {
    const parent = router ? express.Router() : app
    if (router) parent.use(...router.use(bound))
    for (const method of methods) {
      const register = method.toLowerCase() as 'get' | 'post' | 'put' | 'delete'
      parent[register](path.slice(router?.prefix.length ?? 0), ...use(bound), (request, response) => {
        reached.push(path)
        response.json(reachedBy(path, bound.maybeAccessToken(request)))
      })
    }
    if (router) app.use(router.prefix, parent)
  }
  if (onError) {
    const handler: ErrorRequestHandler = (error, _request, _response, next) => {
      onError(error)
      next(error)
    }
    app.use(handler)
  }
  return serve(name, app, { server: bound.server, reached }, tls)
}
