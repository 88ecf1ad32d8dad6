import { parse } from 'node:querystring'
import { resourceServer } from 'bearward/koa'
import Koa, { type Context, type Middleware } from 'koa'
import { type App, type AppOptions, type Bound, reachedBy, serve } from './app.ts'

/** Koa with the least of a router. */
export function koaApp({ options, routes, tls, onError }: AppOptions): Promise<App> {
  const bound = resourceServer(options)
  const guards: Bound<Middleware> = bound
  const reached: string[] = []
  const stacks = new Map<string, readonly Middleware[]>()
  for (const { path, methods = ['GET'], use, router } of routes) {
    const handler: Middleware = (context) => {
      reached.push(path)
      context.body = reachedBy(path, bound.maybeAccessToken(context))
    }
    const stack = [...(router?.use(guards) ?? []), ...use(guards), handler]
    for (const method of methods) stacks.set(`${method} ${path}`, stack)
  }
  const app = new Koa()
  app.silent = true
  app.use(async (_, next) => {
    try {
      await next()
    } catch (error) {
      onError?.(error)
      throw error
    }
  })
  app.use(bound.metadata())
  app.use(readForm)
  app.use((context) =>
    run(stacks.get(`${context.method === 'HEAD' ? 'GET' : context.method} ${context.path}`) ?? [], context),
  )
  return serve('Koa', app.callback(), { server: bound.server, reached }, tls)
}

async function run([first, ...rest]: readonly Middleware[], context: Context): Promise<unknown> {
  return first?.(context as Parameters<Middleware>[0], () => run(rest, context))
}

/** What a body parser would do. */
const readForm: Middleware = async (context, next) => {
  if (context.is('application/x-www-form-urlencoded')) {
    let text = ''
    for await (const chunk of context.req) text += String(chunk)
    Object.assign(context.request, { body: parse(text) })
  }
  await next()
}
