import { fail } from './assertion.ts'
import { expressRoutes } from './routes/express.ts'
import { type FastifyApp, fastifyRoutes } from './routes/fastify.ts'
import type { Found } from './routes/found.ts'
import { type HonoApp, honoRoutes } from './routes/hono.ts'
import { nestRoutes } from './routes/nest.ts'
import type { NestApp } from './routes/nest-controllers.ts'

/** What a route requires of its callers. */
export interface RouteSecurity {
  /** In upper case; `ALL` for a route that has all methods, `USE` for middleware that may respond itself. */
  readonly method: string
  /** As the framework writes it, with the paths of routers: `/orders/:id`. */
  readonly path: string
  /** The scopes that challenges name: a token with these passes its guards of scopes. */
  readonly scopes: readonly string[]
  /** Whether callers without a token are served. */
  readonly optional: boolean
  /** Why no guard is known to run before it; `undefined` if one does, or if it is `@Public()`. */
  readonly unguarded: string | undefined
}

/**
 * Lists the routes of an application of Express 4 or 5, Fastify, Hono or Nest, except endpoints of ours. It sends no request.
 *
 * @throws {TypeError} something else
 */
export async function routeSecurity(app: object): Promise<readonly RouteSecurity[]> {
  const all = (await foundIn(app)).map(securityOf)
  const seen = new Map<string, RouteSecurity>()
  for (const route of all) {
    const key = `${route.method} ${route.path}`
    const other = seen.get(key)
    if (!other || (other.unguarded === undefined && route.unguarded !== undefined)) seen.set(key, route)
  }
  // Fastify adds a HEAD route to each GET route.
  const isTwin = (route: RouteSecurity) => {
    const get = seen.get(`GET ${route.path}`)
    return route.method === 'HEAD' && JSON.stringify({ ...get, method: 'HEAD' }) === JSON.stringify(route)
  }
  return [...seen.values()].filter((route) => !isTwin(route))
}

/** What is not to be reported. */
export interface AllProtectedOptions {
  /**
   * Routes that everyone may call: a path as it is listed, or a path that ends with `*` for all below, with or without a
   * method: `['GET /health', '/.well-known/*']`. `/*` is only the route that is written so.
   */
  readonly except?: readonly string[]
}

/**
 * Fails if an application has a route without a guard. What cannot be determined counts as unguarded.
 *
 * Not checked: what guards require; middleware at the root of a router or of an application that takes `next`, and
 * responds nevertheless; requests whose URL or method middleware changes; routes that are added later.
 *
 * @throws {AssertionError} with every route that has no guard, and why, for vitest, jest and node:test alike
 * @throws {TypeError} something that is not an application, or an exception that is not a path
 */
export async function expectAllProtected(app: object, { except = [] }: AllProtectedOptions = {}): Promise<void> {
  const exceptions = except.map(exceptionOf)
  const routes = await routeSecurity(app)
  if (routes.length === 0) fail('The application has no routes: add them before this check', routes, expectAllProtected)
  const open = routes.filter((route) => route.unguarded !== undefined && !exceptions.some((matches) => matches(route)))
  if (open.length === 0) return
  const lines = open.map(({ method, path, unguarded }) => `  ${method} ${path}: ${unguarded}`)
  fail([`Routes without a guard:`, ...lines, HINT].join('\n'), open, expectAllProtected)
}

const HINT = "  Add a guard before each, or name it: { except: ['GET /health'] }"

async function foundIn(app: object): Promise<readonly Found[]> {
  const has = (...names: readonly string[]) => names.every((name) => name in app)
  if (has('getHttpAdapter', 'init')) return nestRoutes(app as NestApp)
  if (has('printRoutes', 'ready')) return fastifyRoutes(app as FastifyApp)
  // Elysia has routes as well.
  if (has('routes', 'fetch', 'notFound')) return honoRoutes(app as HonoApp)
  if (typeof app === 'function' && has('use', 'param')) return expressRoutes(app)
  throw new TypeError('bearward: pass an application of Express, Fastify, Hono or Nest')
}

function securityOf({ method, path, guards, declaredPublic = false, problem }: Found): RouteSecurity {
  const isOpen = guards.length === 0
  return {
    method,
    path,
    scopes: [...new Set(guards.flatMap(({ scopes }) => scopes))],
    optional: guards.every(({ optional }) => optional),
    unguarded: isOpen && !declaredPublic ? (problem ?? NO_GUARD) : undefined,
  }
}

const NO_GUARD = 'no guard runs before its handler'

/** @throws {TypeError} */
function exceptionOf(exception: string): (route: RouteSecurity) => boolean {
  const [, method, path = ''] = /^(?:([A-Z-]+) )?(\/\S*)$/.exec(exception) ?? []
  if (path === '')
    throw new TypeError(`bearward: except has ${JSON.stringify(exception)}, not a path such as 'GET /health'`)
  const below = path.endsWith('/*') && path !== '/*' ? path.slice(0, -1) : undefined
  return (route) =>
    (method === undefined || method === route.method) &&
    (route.path === path || (below !== undefined && route.path.startsWith(below)))
}
