import {
  appIn,
  type ExpressRouter,
  expressPattern,
  isErrorHandler,
  type Layer,
  mountPathsOf,
  pathsIn,
  prefixOf,
  responds,
  routerOf,
} from './express-layers.ts'
import { type AnyFunction, chainOf, type Found, type FoundGuard, mountedIn, namesOf } from './found.ts'
import { covers, joined, type Pattern, type Segment } from './pattern.ts'

/** A guard that runs for what is mounted later. */
interface ActiveGuard {
  readonly guard: FoundGuard
  readonly pattern: Pattern
  /** The method of a guard on a route, unless it is all. */
  readonly method: string | undefined
}

/** Where a router is mounted. */
interface Place {
  readonly prefix: readonly Segment[]
  /** The prefix as text. */
  readonly path: string
  readonly guards: readonly ActiveGuard[]
  /** The routers around it. */
  readonly within: readonly object[]
}

/** The routes of an application of Express 4 or 5, with those of its routers and sub-applications. */
export function expressRoutes(app: object, isRoute: IsRoute = isRouteAt): readonly Found[] {
  const router = routerOf(app)
  return router ? routesIn(router, { prefix: [], path: '', guards: [], within: [] }, isRoute) : []
}

/** Whether a layer is a route of the application: also a function that is mounted as middleware is. */
export type IsRoute = (layer: Layer, path: string | undefined) => boolean

/** Whole handlers are often mounted at a path, such as those of files or of GraphQL. */
const isRouteAt: IsRoute = (layer, path) => layer.route !== undefined || path !== '/' || responds(layer)

function routesIn(router: ExpressRouter, place: Place, isRoute: IsRoute): readonly Found[] {
  const { prefix, path, guards, within } = place
  const sensitive = router.caseSensitive === true
  const found: Found[] = []
  let active: readonly ActiveGuard[] = []
  let problem: string | undefined

  const add = (
    method: string,
    own: string | undefined,
    pattern: Pattern,
    before: readonly FoundGuard[],
    why?: string,
  ) => {
    const outer = [...guards, ...active].filter(
      (one) => (one.method ?? method) === method && covers(one.pattern, pattern),
    )
    const all = [...outer.map(({ guard }) => guard), ...before]
    found.push({ method, path: textOf(path, own) || '/', guards: all, ...withProblem(why ?? problem) })
  }
  const at = (own: string | undefined, below: Pattern['below']) => joined(prefix, expressPattern(own, sensitive, below))

  function addRoute(route: NonNullable<Layer['route']>): void {
    const leading: ActiveGuard[] = []
    for (const own of pathsIn(route.path)) {
      const pattern = at(own, 'none')
      for (const [name, functions] of functionsOf(route)) {
        const chain = chainOf(functions, 3)
        if (chain.guards) add(name, own, pattern, chain.guards)
        // Any function before a guard may skip the rest of its route.
        const method = name === 'ALL' ? undefined : name
        leading.push(...chain.leading.map((guard) => ({ guard, pattern, method })))
      }
    }
    // To a strict router, a path with a slash at its end is another one, and both look alike here.
    if (!router.strict) active = [...active, ...leading]
  }

  function addMounted(layer: Layer, own: string | undefined): void {
    const mounted = mountedIn(layer.handle)
    const pattern = at(own, 'also')
    if (mounted?.kind === 'guard') active = [...active, { guard: mounted, pattern, method: undefined }]
    if (mounted) return
    const inner = appIn(layer)
    if (inner && within.includes(inner)) return
    if (inner) {
      const reaching = [...guards, ...active].filter(reachesBelow)
      const below = routerOf(inner)
      const innerPlace = {
        prefix: prefixOf(pattern),
        path: textOf(path, own),
        guards: reaching,
        within: [...within, inner],
      }
      if (below) found.push(...routesIn(below, innerPlace, isRoute))
    } else if (isRoute(layer, own)) {
      add('USE', own, pattern, [], layer.name === 'mounted_app' ? UNREADABLE : MAY_RESPOND)
    }
  }

  for (const layer of router.stack) {
    if (layer.route) {
      if (isRoute(layer, undefined)) addRoute(layer.route)
    } else if (isErrorHandler(layer)) {
      // What it passes on without the error continues behind the guard that has refused it.
      if (active.length > 0) problem = ERROR_HANDLER
      active = []
    } else for (const own of mountPathsOf(layer)) addMounted(layer, own)
  }
  return found
}

/** What runs for each method of a route. `app.all()` registers a function once for each. */
function functionsOf({ stack }: NonNullable<Layer['route']>): readonly (readonly [string, readonly AnyFunction[]])[] {
  const byMethod = new Map<string, readonly AnyFunction[]>()
  for (const { method } of stack) {
    const own = stack.filter((layer) => [undefined, method].includes(layer.method))
    byMethod.set(
      method?.toUpperCase() ?? 'ALL',
      own.map(({ handle }) => handle),
    )
  }
  const [first = []] = byMethod.values()
  const isSame = [...byMethod.values()].every(
    (one) => one.length === first.length && one.every((f, i) => f === first[i]),
  )
  return isSame ? namesOf(new Set(byMethod.keys())).map((name) => [name, first]) : [...byMethod]
}

/** Routers may treat case and a slash at the end differently, so that one path is not the same for all of them. */
const reachesBelow = ({ method, pattern }: ActiveGuard): boolean => method === undefined && pattern.below !== 'none'

const withProblem = (problem: string | undefined) => (problem === undefined ? {} : { problem })

const textOf = (prefix: string, own = '/(pattern)'): string => prefix + own.replace(/\/$/, '')

const MAY_RESPOND = 'middleware that may respond itself'
const UNREADABLE = 'a sub-application that cannot be read'
const ERROR_HANDLER = 'an error handler behind the guard may let refused requests continue'
