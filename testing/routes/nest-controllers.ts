import type { FoundGuard } from './found.ts'

/** An application of Nest, as far as it is read here. */
export interface NestApp {
  init(): PromiseLike<unknown>
  getHttpAdapter(): NestAdapter
  readonly container: { getModules(): ReadonlyMap<unknown, NestModule> & { readonly applicationId?: string } }
  readonly config: { getGlobalPrefix(): string; getVersioning(): Versioning | undefined }
  readonly middlewareContainer?: { getConfigurations(): ReadonlyMap<unknown, ReadonlySet<MiddlewareConfiguration>> }
}

interface NestAdapter {
  getType(): string
  getInstance(): object
  /** Nest 11: rewrites the patterns of earlier versions. */
  normalizePath?(path: string): string
}

interface NestModule {
  readonly metatype: object
  readonly controllers: ReadonlyMap<unknown, { readonly metatype: Class | null }>
  readonly providers: ReadonlyMap<unknown, { readonly instance: unknown }>
}

type Class = (abstract new (...given: never[]) => object) & object

interface Versioning {
  readonly type: number
  readonly prefix?: string | false
}

interface MiddlewareConfiguration {
  readonly middleware: unknown
  readonly forRoutes: readonly { readonly path: string; readonly method: number }[]
}

/** Who may call a route, as the module of `bearward/nest` says. */
export interface Access {
  readonly guards: readonly FoundGuard[]
  readonly declaredPublic: boolean
  readonly problem?: string
}

const ACCESS = Symbol.for('bearward.access')

interface OurModule {
  [ACCESS](module: NestModule, controller: object, method: object): Access
}

const UNGUARDED: Access = { guards: [], declaredPublic: false }

/** From `RequestMethod` of Nest. */
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'ALL', 'OPTIONS', 'HEAD', 'SEARCH', 'PROPFIND', 'PROPPATCH']
const URI_VERSIONS = 0

interface ControllerRoutes {
  /** Who may call a route, if a controller has it. */
  accessOf(method: string, path: string): Access | undefined
  /** How many routes of the framework are Nest's there: of controllers, and of `consumer.apply(…).forRoutes(…)`. */
  countAt(method: string, path: string): number
}

export function controllerRoutes(app: NestApp): ControllerRoutes {
  const modules = app.container.getModules()
  const all = [...modules.values()]
  const ours = all.flatMap(({ providers }) => [...providers.values()].map(({ instance }) => instance)).find(isOurs)
  const prefixes = ['', app.config.getGlobalPrefix()]
  const accesses = new Map<string, Access[]>()
  const normal = (path: string) => app.getHttpAdapter().normalizePath?.(path) ?? path

  for (const module of all) {
    const ofModule = metadata(`__module_path__${modules.applicationId ?? ''}`, module.metatype)
    for (const { metatype } of module.controllers.values()) {
      if (!metatype) continue
      for (const method of methodsOf(metatype)) {
        const versions = versionsOf(app.config.getVersioning(), metatype, method)
        const parts = [prefixes, versions, ofModule ?? '', metadata('path', metatype), metadata('path', method)]
        const access = ours?.[ACCESS](module, metatype, method) ?? UNGUARDED
        for (const path of new Set(pathsOf(parts).map(normal))) {
          const key = `${METHODS[Number(metadata('method', method))]} ${path}`
          accesses.set(key, [...(accesses.get(key) ?? []), access])
        }
      }
    }
  }
  const middleware = middlewareOf(app, prefixes)
  const accessesAt = (method: string, path: string) =>
    accesses.get(`${method} ${path}`) ?? (method === 'HEAD' ? accesses.get(`GET ${path}`) : undefined) ?? []
  return {
    accessOf: (method, path) => weakest(accessesAt(method, path)),
    countAt: (method, path) =>
      accessesAt(method, path).length + (middleware.get(`${method === 'USE' ? 'ALL' : method} ${path}`) ?? 0),
  }
}

/** How many functions of consumers are at each method and path. On Fastify, they are no routes. */
function middlewareOf(app: NestApp, prefixes: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  if (app.getHttpAdapter().getType() === 'fastify') return counts
  for (const configurations of app.middlewareContainer?.getConfigurations().values() ?? []) {
    for (const { middleware, forRoutes } of configurations) {
      for (const { path, method } of forRoutes) {
        for (const one of new Set(pathsOf([prefixes, path]))) {
          const key = `${METHODS[method]} ${one}`
          counts.set(key, (counts.get(key) ?? 0) + [middleware].flat().length)
        }
      }
    }
  }
  return counts
}

const isOurs = (instance: unknown): instance is OurModule =>
  typeof instance === 'object' && instance !== null && ACCESS in instance

/** Nest needs the package that adds this to `Reflect`. */
const metadata = (key: string, target: object): unknown =>
  (Reflect as { getMetadata?: (key: string, target: object) => unknown }).getMetadata?.(key, target)

/** The methods of a class that are routes, inherited ones included. */
function methodsOf({ prototype }: Class): readonly object[] {
  const methods = new Map<string, object>()
  for (let one = prototype as object; one !== Object.prototype && one !== null; one = Object.getPrototypeOf(one)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(one))) {
      if (typeof value === 'function' && !methods.has(name)) methods.set(name, value)
    }
  }
  return [...methods.values()].filter((method) => metadata('path', method) !== undefined)
}

function versionsOf(versioning: Versioning | undefined, controller: object, method: object): readonly string[] {
  if (versioning?.type !== URI_VERSIONS) return ['']
  const versions = [metadata('__version__', method) ?? metadata('__version__', controller) ?? []].flat()
  const prefix = versioning.prefix === false ? '' : (versioning.prefix ?? 'v')
  // A default version of the application, and none, for `VERSION_NEUTRAL`.
  const others = [(versioning as { defaultVersion?: unknown }).defaultVersion ?? []].flat()
  return ['', ...[...versions, ...others].map((version) => `${prefix}${String(version)}`)]
}

/** Every path that the parts can form; each is one text, or several. */
function pathsOf(parts: readonly unknown[]): readonly string[] {
  let paths = ['']
  for (const part of parts) {
    const texts = [part ?? ''].flat().map((text) => `${text}`.replace(/^\/|\/$/g, ''))
    paths = paths.flatMap((path) => texts.map((text) => (text === '' ? path : `${path}/${text}`)))
  }
  return paths.map((path) => path || '/')
}

/** If several methods may have the same path, the one that everyone may call counts. */
const weakest = (accesses: readonly Access[]): Access | undefined =>
  accesses.find(({ guards, declaredPublic }) => guards.length === 0 && !declaredPublic) ??
  accesses.find(({ declaredPublic }) => declaredPublic) ??
  accesses[0]
