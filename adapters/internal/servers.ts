import { createResourceServer, type ResourceServer, type ResourceServerOptions } from 'bearward'

/** Settings that are known only when a request arrives, such as `c.env` on Workers. */
interface Source {
  readonly env: unknown
}

interface Entry<Scope extends string, Claims> {
  readonly server: ResourceServer<Scope, Claims>
  /** The options as text, without what is not plain data. */
  readonly data: string
  /** The rest, by path. */
  readonly others: ReadonlyMap<string, object>
  isClosed: boolean
}

const MAX_SERVERS = 100
const MAX_REPEATED = 10

/**
 * Finds or creates the server for the settings of a request, so that keys and caches survive it: by the object with the
 * settings, or else by the options, because some hosts create that object for each request. At most 100 are alive.
 *
 * @throws {ConfigurationError} naming the option that is wrong
 * @throws {Error} if the function fails because the host passes no `env`
 * @throws {Error} if the options contain functions that are created for each request
 */
export function serversBy<S extends Source, Scope extends string, Claims, Native extends object>(
  optionsOf: (source: S) => ResourceServerOptions<Scope, Claims, Native>,
): (source: S) => ResourceServer<Scope, Claims> {
  const byEnv = new WeakMap<object, Entry<Scope, Claims>>()
  const alive = new Set<Entry<Scope, Claims>>()
  let repeated = 0

  function optionsFrom(source: S): ReturnType<typeof optionsOf> {
    try {
      return optionsOf(source)
    } catch (cause) {
      // `env.ISSUER` of nothing is a TypeError that names neither the function nor what the host should do.
      throw source.env === undefined || source.env === null ? new Error(NO_ENV, { cause }) : cause
    }
  }

  function find(source: S): Entry<Scope, Claims> {
    const options = optionsFrom(source)
    const others = new Map<string, object>()
    const data = JSON.stringify(plain(options, '', others))
    const alike = [...alive].filter((entry) => entry.data === data)
    const found = alike.find((entry) => changed(entry.others, others).length === 0)
    if (found) return found
    const [earlier] = alike
    // Each would fetch keys again. A few are legitimate: settings whose objects a host creates again now and then.
    if (earlier && ++repeated >= MAX_REPEATED) throw new Error(created(changed(earlier.others, others)))
    return create(options, data, others)
  }

  function create(
    options: ResourceServerOptions<Scope, Claims, Native>,
    data: string,
    others: ReadonlyMap<string, object>,
  ): Entry<Scope, Claims> {
    const entry = { server: createResourceServer(options), data, others, isClosed: false }
    alive.add(entry)
    const [oldest] = alive
    if (oldest && alive.size > MAX_SERVERS) close(oldest)
    return entry
  }

  function close(entry: Entry<Scope, Claims>): void {
    alive.delete(entry)
    entry.isClosed = true
    entry.server.close()
  }

  return (source) => {
    const { env } = source
    const key = typeof env === 'object' && env !== null ? env : undefined
    const known = key && byEnv.get(key)
    const entry = known && !known.isClosed ? known : find(source)
    if (key) byEnv.set(key, entry)
    // The most recently used one is the last.
    if (alive.delete(entry)) alive.add(entry)
    return entry.server
  }
}

/** A copy in which everything but plain data is left out, and collected by its path instead. */
function plain(value: unknown, path: string, others: Map<string, object>): unknown {
  if (typeof value === 'string' || value === null) return value
  // JSON has no `undefined`, which is a wrong option, and no infinite numbers.
  if (typeof value !== 'object' && typeof value !== 'function') return { [typeof value]: String(value) }
  if (Array.isArray(value)) return value.map((one, index) => plain(one, `${path}[${index}]`, others))
  if (typeof value === 'object' && isPlain(value)) {
    const members = Object.entries(value)
    return { members: members.map(([name, one]) => [name, plain(one, path ? `${path}.${name}` : name, others)]) }
  }
  others.set(path, value)
  return { path }
}

/** As src/util/is-plain.ts, which an adapter cannot import: a third party could not either. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf'))
  )
}

const changed = (before: ReadonlyMap<string, object>, now: ReadonlyMap<string, object>): readonly string[] =>
  [...now.keys()].filter((path) => before.get(path) !== now.get(path))

const created = (paths: readonly string[]): string =>
  `bearward: the options function creates ${paths.join(', ')} on each call, and each new server starts without keys; create ${
    paths.length > 1 ? 'them' : 'it'
  } outside of the function`

const NO_ENV =
  'bearward: the options function needs env, but the host passed none; pass it, as in ' +
  'app.fetch(request, env) or app.request(path, init, env), or write resourceServer({ resource, issuer })'
