import { type AnyFunction, type Found, type FoundGuard, mountedIn } from './found.ts'
import { covers, type Pattern, segmentOf } from './pattern.ts'

/** An application of Hono, as far as it is read here. */
export interface HonoApp {
  /** Everything that was mounted, in order, with that of other applications. */
  readonly routes: readonly HonoRoute[]
}

interface HonoRoute {
  readonly basePath: string
  readonly path: string
  readonly method: string
  readonly handler: AnyFunction
}

/** Where Hono keeps the handler of an application that has its own `onError`. */
const COMPOSED = '__COMPOSED_HANDLER'

const targetOf = (handler: AnyFunction): AnyFunction => {
  const target = (handler as { [COMPOSED]?: AnyFunction })[COMPOSED]
  return target ? targetOf(target) : handler
}

/** The routes of an application of Hono. Middleware and routes are of one kind: a function that takes no `next` is a handler. */
export function honoRoutes(app: HonoApp): readonly Found[] {
  const mounted = app.routes.map((route) => ({ ...route, handler: targetOf(route.handler) }))
  return mounted.flatMap((route, index) => {
    const name = nameOf(route, index, mounted)
    if (name === undefined) return []
    const guards = mounted.slice(0, index).flatMap((earlier) => guardIn(earlier, route))
    return [{ method: name, path: route.path, guards, ...(name === 'USE' && { problem: MAY_RESPOND }) }]
  })
}

/** The method of a handler, `USE` for middleware that may respond, `undefined` for everything else. */
function nameOf(route: HonoRoute, index: number, mounted: readonly HonoRoute[]): string | undefined {
  if (mountedIn(route.handler)) return undefined
  const { method, path, basePath } = route
  const others = mounted.filter((one) => one.method === method && one.path === path && !mountedIn(one.handler))
  const ending = others.find(isHandler)
  if (ending) return ending === route ? method : undefined
  // What has a method is a route, even if each of its functions takes `next`.
  if (method !== 'ALL') return others.at(-1) === mounted[index] ? method : undefined
  const isAtRoot = path === `${basePath === '/' ? '' : basePath}/*`
  return isAtRoot && route.handler.name !== MOUNT ? undefined : 'USE'
}

const isHandler = ({ handler }: HonoRoute): boolean => handler.length < 2

/** The name of what `app.mount()` creates. */
const MOUNT = 'handler'

function guardIn({ handler, method, path }: HonoRoute, route: HonoRoute): readonly FoundGuard[] {
  const guard = mountedIn(handler)
  if (guard?.kind !== 'guard' || !['ALL', route.method].includes(method)) return []
  return path === route.path || covers(patternOf(path), patternOf(route.path)) ? [guard] : []
}

function patternOf(path: string): Pattern {
  const texts = path.replace(/^\//, '').split('/')
  const isOpen = texts.at(-1) === '*'
  return {
    segments: (isOpen ? texts.slice(0, -1) : texts).map((text) => segmentOf(text, true)),
    below: isOpen ? 'also' : 'none',
  }
}

const MAY_RESPOND = 'middleware that may respond itself'
