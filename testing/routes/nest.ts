import { expressRoutes, type IsRoute } from './express.ts'
import { responds, routerOf } from './express-layers.ts'
import { type FastifyApp, fastifyRoutes } from './fastify.ts'
import type { AnyFunction, Found } from './found.ts'
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
    adapter.getType() === 'fastify'
      ? await fastifyRoutes(instance as FastifyApp)
      : expressRoutes(instance, isRouteIn(instance))
  const { accessOf, countAt } = controllerRoutes(app)
  const sameAs = ({ method, path }: Found) => found.filter((one) => one.method === method && one.path === path)
  return found.flatMap((route): readonly Found[] => {
    const { method, path } = route
    const access = accessOf(method, path)
    // Which of several is the application's own is unknown.
    if (sameAs(route).length > countAt(method, path)) return [{ ...route, problem: access ? BESIDE : NO_CONTROLLER }]
    return access ? [{ ...route, ...access, guards: [...route.guards, ...access.guards] }] : []
  })
}

const NO_CONTROLLER = 'not a route of a controller'
const BESIDE = 'a handler that no controller has is at this path as well'

function isRouteIn(app: object): IsRoute {
  const notFound = notFoundIn(app)
  return (layer) => (layer.route ? layer.route.stack.some(({ handle }) => handle !== notFound) : responds(layer))
}

/**
 * Nest 12 with a global prefix responds to unknown paths below it with a router of its own, and with the same function at each
 * path that is excluded from the prefix.
 */
function notFoundIn(app: object): AnyFunction | undefined {
  const inner = routerOf(app)?.stack.flatMap(({ handle }) => ('stack' in handle ? [routerOf(handle)] : [])) ?? []
  const alone = inner.flatMap((router) => (router?.stack.length === 1 ? router.stack : []))
  const found = alone.flatMap(({ route }) => (route?.path === '*path' ? route.stack : []))
  return found.find(({ handle }) => FROM_NEST.test(`${handle}`))?.handle
}

/** In every function that Nest mounts, and in no other. */
const FROM_NEST = /\bexceptionsHandler\.next\(/
