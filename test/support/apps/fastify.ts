import formbody from '@fastify/formbody'
import type { AccessToken, ResourceServer } from 'bearward'
import { type FastifyGuard, resourceServer } from 'bearward/fastify'
import plugin from 'bearward/fastify/plugin'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { TlsServing } from '../tls/tls.ts'
import { type App, type AppOptions, type Bound, reachedBy } from './app.ts'

/** The bound functions, used as hooks. */
export async function fastifyApp({ options, routes, tls, onError }: AppOptions): Promise<App> {
  const bound = resourceServer(options)
  const app = instance(tls, onError)
  await app.register(formbody)
  app.route(bound.metadata())
  return start('Fastify', app, routes, bound, bound.server, bound.maybeAccessToken)
}

/** The plugin, with its decorators of the instance and the requests. */
export async function fastifyPluginApp({ options, routes, tls, onError }: AppOptions): Promise<App> {
  const app = instance(tls, onError)
  await app.register(formbody)
  await app.register(plugin, options)
  return start('Fastify plugin', app, routes, app, app.resourceServer, (request) => request.maybeAccessToken)
}

/** Fastify's type depends on the underlying server; the part that the routes use does not. */
function instance(tls: TlsServing | undefined, onError: AppOptions['onError']): FastifyInstance {
  const app = tls ? (fastify({ https: { ...tls } }) as unknown as FastifyInstance) : fastify()
  if (onError) app.addHook('onError', async (_request, _reply, error) => onError(error))
  return app
}

async function start(
  name: string,
  app: FastifyInstance,
  routes: AppOptions['routes'],
  bound: Bound<FastifyGuard<unknown>>,
  server: ResourceServer,
  tokenOf: (request: FastifyRequest) => AccessToken | undefined,
): Promise<App> {
  const reached: string[] = []
  for (const { path, methods = ['GET'], use, router } of routes) {
    await app.register(
      async (child) => {
        for (const hook of router?.use(bound) ?? []) child.addHook('onRequest', hook)
        for (const method of methods) {
          child.route({
            method,
            url: path.slice(router?.prefix.length ?? 0),
            // A form can be read only after the body has been parsed.
            [method === 'GET' ? 'onRequest' : 'preValidation']: use(bound),
            handler: (request) => {
              reached.push(path)
              return reachedBy(path, tokenOf(request))
            },
          })
        }
      },
      router ? { prefix: router.prefix } : {},
    )
  }
  const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  return {
    name,
    server,
    reached,
    port: Number(url.port),
    async close() {
      server.close()
      await app.close()
    },
  }
}
