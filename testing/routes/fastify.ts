import { type AnyFunction, type Found, type FoundGuard, mountedIn, namesOf } from './found.ts'

/** An instance of Fastify, as far as it is read here. */
export interface FastifyApp {
  ready(): PromiseLike<unknown>
  printRoutes(options: object): string
}

interface FastifyRoute {
  readonly method: string
  readonly path: string
  readonly store: FastifyContext
}

type Hooks = readonly AnyFunction[] | null

/** What Fastify keeps of a registration. */
interface FastifyContext {
  readonly config?: object
  readonly onRequest: Hooks
  readonly preValidation: Hooks
  readonly preHandler: Hooks
}

/** The routes of an instance of Fastify, with those of its plugins. */
export async function fastifyRoutes(app: FastifyApp): Promise<readonly Found[]> {
  await app.ready()
  const registered = new Map<FastifyContext, Map<string, Set<string>>>()
  for (const { store, path, method } of recordsOf(app)) {
    const paths = registered.get(store) ?? new Map<string, Set<string>>()
    registered.set(store, paths.set(path, (paths.get(path) ?? new Set()).add(method)))
  }
  return [...registered].flatMap(([context, paths]) =>
    isOurs(context) ? [] : [...paths].flatMap(([path, methods]) => foundIn(context, path, methods)),
  )
}

/** An endpoint responds in its hook. */
const isOurs = ({ onRequest }: FastifyContext): boolean =>
  onRequest?.some((hook) => mountedIn(hook)?.kind === 'endpoint') === true

function foundIn(context: FastifyContext, path: string, methods: ReadonlySet<string>): readonly Found[] {
  const { config } = context
  const found = config && ENDPOINT in config ? { guards: [], problem: NO_LONGER_OURS } : { guards: guardsOf(context) }
  return namesOf(methods).map((method) => ({ method, path, ...found }))
}

/** Where the adapter marks routes of endpoints, which guards of the instance then let through. */
const ENDPOINT = Symbol.for('bearward.endpoint')

const NO_LONGER_OURS = 'it has the config of an endpoint, but not its hook'

/** Hooks that run before the handler. Whatever else they do, none can skip the others and reach it. */
const guardsOf = ({ onRequest, preValidation, preHandler }: FastifyContext): readonly FoundGuard[] =>
  [onRequest, preValidation, preHandler]
    .flatMap((hooks) => hooks ?? [])
    .flatMap((hook) => {
      const mounted = mountedIn(hook)
      return mounted?.kind === 'guard' ? [mounted] : []
    })

/**
 * Fastify only prints its routes, and asks for each one what to print of it. The function it asks is put into the options
 * that it gets, so that these see every route as it is kept.
 *
 * @throws {Error} if this version of Fastify does it otherwise
 */
function recordsOf(app: FastifyApp): readonly FastifyRoute[] {
  const records: FastifyRoute[] = []
  let original: ((route: FastifyRoute) => object) | undefined
  const printed = app.printRoutes({
    includeHooks: true,
    set buildPrettyMeta(describe: (route: FastifyRoute) => object) {
      original = describe
    },
    get buildPrettyMeta() {
      return (route: FastifyRoute) => {
        records.push({ ...route }) // it merges them afterwards
        return original?.(route) ?? {}
      }
    },
  })
  if (records.length === 0 && printed !== EMPTY)
    throw new Error('bearward: the routes of this version of Fastify cannot be read')
  return records
}

const EMPTY = '(empty tree)'
