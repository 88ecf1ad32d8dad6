import { type AnyFunction, mountedIn } from './found.ts'
import { type Pattern, type Segment, segmentOf, unknown } from './pattern.ts'

/** An application or a router of Express, as far as it is read here. */
export interface ExpressRouter {
  readonly stack: readonly Layer[]
  readonly caseSensitive?: boolean
  readonly strict?: boolean
}

/** What is mounted: a route, a router, or a function. */
export interface Layer {
  readonly handle: AnyFunction
  readonly name: string
  readonly route?: Route
  /** In the stack of a route. */
  readonly method?: string
  /** Express 4. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean }
  readonly keys?: readonly { readonly name: string | number }[]
  /** Express 5: whether it is mounted at the root, and the path as written. */
  readonly slash?: boolean
  readonly rawPath?: unknown
}

interface Route {
  readonly path: unknown
  readonly stack: readonly Layer[]
}

/** The router of an application, which Express 4 creates with the first route. */
export function routerOf(app: object): ExpressRouter | undefined {
  if ('stack' in app) return app as ExpressRouter
  // In Express 4, reading `router` throws.
  const router = 'lazyrouter' in app ? (app as { _router?: object })._router : (app as { router?: object }).router
  return router as ExpressRouter | undefined
}

/** The paths of a layer that is not a route, as written; `undefined` for one that cannot be read. */
export function mountPathsOf({ regexp, keys = [], slash, rawPath }: Layer): readonly (string | undefined)[] {
  if (slash || regexp?.fast_slash) return ['/']
  if (regexp) return sourcePaths(regexp.source, keys)
  return pathsIn(rawPath)
}

/** A path, or a list of paths. */
export const pathsIn = (path: unknown): readonly (string | undefined)[] =>
  [path].flat(Number.POSITIVE_INFINITY).map((one) => (typeof one === 'string' ? one : undefined))

const END = '\\/?(?=\\/|$)'

const REST_GROUP = '(.*)'
const GROUP = /\(\?:\\\/\(\[\^\\?\/\]\+\?\)\)|\\\/\(\?:\(\[\^\\?\/\]\+\?\)\)|\(\.\*\)/g

/** Express 4 keeps only the regular expression of a path, or those of a list. */
function sourcePaths(source: string, keys: NonNullable<Layer['keys']>): readonly (string | undefined)[] {
  const names = keys.map(({ name }) => name)
  return source.split('|^').map((part) => {
    const body = part.replace(/^\^/, '')
    if (!body.endsWith(END)) return undefined
    const path = body
      .slice(0, -END.length)
      .replaceAll(GROUP, (group) => {
        const name = names.shift()
        return group === REST_GROUP ? '*' : `/:${name}`
      })
      .replaceAll(/\\([/.])/g, '$1')
    return /[\\()[\]?+^$|]/.test(path) ? undefined : path
  })
}

/** Reads a path of Express 4 or 5. What is special in only one of them, or optional, is unknown. */
export function expressPattern(path: string | undefined, sensitive: boolean, below: Pattern['below']): Pattern {
  if (path === undefined) return { segments: [unknown('(pattern)')], below }
  const [first, ...texts] = path.replace(/\/$/, '').split('/')
  if (first === '*' && texts.length === 0) return { segments: [], below: 'also' }
  // Without the slash, it matches nothing.
  if (first !== '') return { segments: [unknown(path)], below }
  const last = texts.at(-1) ?? ''
  const rest = REST.find(([pattern]) => pattern.test(last))
  const segments = (rest ? texts.slice(0, -1) : texts).map((text) => segmentOf(text, sensitive))
  // `/*` of Express 4 matches `/`, too.
  if (rest) return { segments, below: last === '*' && segments.length === 0 ? 'also' : rest[1] }
  return { segments, below }
}

const REST: readonly (readonly [RegExp, Pattern['below']])[] = [
  [/^\*\w*$/, 'only'],
  [/^\{\*\w+\}$/, 'also'],
]

/** The segments of a router's mount path. */
export const prefixOf = ({ segments, below }: Pattern): readonly Segment[] =>
  below === 'only' ? [...segments, unknown('*')] : segments

/** The router or the application that is mounted here. */
export const appIn = (layer: Layer): object | undefined =>
  isRouter(layer.handle) || isApplication(layer.handle) ? layer.handle : mountedApp(layer)

/** Other frameworks have a `stack` as well. */
const isRouter = (handle: object): boolean => 'stack' in handle && 'param' in handle

/** An application that a router has mounted: only `app.use()` wraps it. */
const isApplication = (handle: object): boolean => 'handle' in handle && 'mountpath' in handle

const HIDES_APP = /\bfn\.handle\(req, res,/

/**
 * The application that `app.use(other)` has mounted. Express keeps it in a closure, and the first thing it does for a request
 * is to give it the prototype of the application's requests. Nothing of the application runs.
 */
function mountedApp({ handle, name }: Layer): object | undefined {
  if (name !== 'mounted_app' || !HIDES_APP.test(Function.prototype.toString.call(handle))) return undefined
  let app: object | undefined
  const request = new Proxy(
    { url: '/', method: 'GET', headers: {}, app: { request: {}, response: {} } },
    {
      setPrototypeOf(_, prototype: { app?: object }) {
        if (app !== undefined || prototype.app === undefined) return true // on the way back
        app = prototype.app
        throw 'router' // which ends a router of Express 4 without its error handlers
      },
    },
  )
  const response = { setHeader() {}, locals: {} }
  try {
    ;(handle as (...given: unknown[]) => unknown)(request, response, () => {})
  } catch {
    // the above
  }
  return app
}

/** Whether middleware at the root of a router is a route all the same: it takes no `next`, serves files, or is an application. */
export const responds = ({ handle, name }: Layer): boolean =>
  handle.length < 3 || ['serveStatic', 'mounted_app'].includes(name) || 'stack' in handle

export const isErrorHandler = ({ handle }: Layer): boolean => handle.length > 3 && mountedIn(handle) === undefined
