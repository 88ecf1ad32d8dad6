import { expressRoutes } from './express.ts'
import { responds } from './express-layers.ts'
import { type FastifyApp, fastifyRoutes } from './fastify.ts'
import type { Found } from './found.ts'
import { controllerRoutes, type NestApp } from './nest-controllers.ts'

/**
 * The routes of an application of Nest: those of the framework below, with what the decorators of their controllers say.
 * Whatever is not a controller's has no guards of Nest.
 */
export async function nestRoutes(app: NestApp): Promise<readonly Found[]> {
  await app.init()
  const adapter = app.getHttpAdapter()
  const instance = adapter.getInstance()
  const found =
    adapter.getType() === 'fastify' ? await fastifyRoutes(instance as FastifyApp) : expressRoutes(instance, responds)
  const { accessOf, isMiddleware } = controllerRoutes(app)
  return found.flatMap((route): readonly Found[] => {
    const access = accessOf(route.method, route.path)
    if (access) return [{ ...route, ...access, guards: [...route.guards, ...access.guards] }]
    return isMiddleware(route.method, route.path) ? [] : [{ ...route, problem: NO_CONTROLLER }]
  })
}

const NO_CONTROLLER = 'not a route of a controller'
