import { ConfigurationError, type IntrospectionStore, type ReplayStore } from 'bearward'

/** What we use of node-redis 4, 5 and 6: a client, a pool, a cluster or a sentinel. */
export interface NodeRedisClient {
  readonly isOpen: boolean
  /** Pools have none, nor have clusters before node-redis 6. */
  readonly isReady?: boolean
  get(key: string): Promise<unknown>
  set(key: string, value: string, options: { PX: number; NX?: true }): Promise<unknown>
  del(key: string): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** What we use of ioredis 5 and 6: a client or a cluster. */
export interface IoredisClient {
  readonly status: string
  get(key: string): Promise<unknown>
  set(key: string, value: string, unit: 'PX', ttlMs: number): Promise<unknown>
  set(key: string, value: string, unit: 'PX', ttlMs: number, condition: 'NX'): Promise<unknown>
  del(key: string): Promise<unknown>
  eval(script: string, count: number, key: string, value: string): Promise<unknown>
}

/** How the stores use Redis. */
export interface RedisStoresOptions {
  /**
   * What the name of every key begins with, for applications that share a Redis: 1 to 128 printable characters of
   * ASCII, without spaces. Default: `bearward:`.
   */
  prefix?: string
}

/** Both stores, as the option `stores` takes them; take one alone by its name. */
export interface RedisStores {
  readonly introspection: Required<IntrospectionStore>
  /**
   * Used DPoP proofs. The server must not evict them (`maxmemory-policy noeviction`): one that is gone before its time
   * can be used again, and so can those that a failover loses.
   */
  readonly replay: ReplayStore
}

/**
 * Stores in Redis or Valkey, for resource servers in several processes: `createResourceServer({ …, stores:
 * redisStores(client) })`.
 *
 * The client remains yours: connect it, listen to its `error` event (node-redis ends the process if no one does) and
 * close it. While it is not connected every operation fails at once: nothing waits in its queue for better times. Pools
 * and clusters cannot tell; give theirs `disableOfflineQueue: true`, or `enableOfflineQueue: false` in ioredis.
 *
 * @throws {ConfigurationError} naming what is wrong: `client`, `prefix`
 */
export function redisStores(client: NodeRedisClient | IoredisClient, options: RedisStoresOptions = {}): RedisStores {
  const redis = commandsOf(client)
  const prefix = prefixOf(options)
  return {
    introspection: introspectionStore(redis, `${prefix}introspection:`, `${prefix}claim:`),
    replay: { firstUse: (key, ttlMs) => redis.setIfAbsent(`${prefix}proof:${key}`, '', ttlMs) },
  }
}

function introspectionStore(redis: Commands, records: string, claims: string): Required<IntrospectionStore> {
  // One owner for all claims of this process: it has at most one introspection of a token pending.
  const owner = crypto.randomUUID()
  return {
    get: (key) => redis.get(records + key),
    set: (key, value, ttlMs) => redis.set(records + key, value, ttlMs),
    delete: (key) => redis.delete(records + key),
    claim: (key, ttlMs) => redis.setIfAbsent(claims + key, owner, ttlMs),
    release: (key) => redis.deleteIfEqual(claims + key, owner),
  }
}

/** The commands behind every store, whichever library sends them. Each is one step for the server, hence atomic. */
interface Commands {
  get(key: string): Promise<string | undefined>
  set(key: string, value: string, ttlMs: number): Promise<unknown>
  /** Whether it was absent. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>
  delete(key: string): Promise<unknown>
  deleteIfEqual(key: string, value: string): Promise<unknown>
}

const DELETE_IF_EQUAL = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`

function nodeRedis(client: NodeRedisClient): Commands {
  const ready = () => connected(client, client.isReady ?? client.isOpen)
  return {
    get: async (key) => textOf(await ready().get(key)),
    // `PX` and `NX` have new names since node-redis 5, but these are understood by all.
    set: async (key, value, ttlMs) => ready().set(key, value, { PX: Math.ceil(ttlMs) }),
    setIfAbsent: async (key, value, ttlMs) => {
      const reply = await ready().set(key, value, { PX: Math.ceil(ttlMs), NX: true })
      return wasSet(reply)
    },
    delete: async (key) => ready().del(key),
    deleteIfEqual: async (key, value) => ready().eval(DELETE_IF_EQUAL, { keys: [key], arguments: [value] }),
  }
}

function ioredis(client: IoredisClient): Commands {
  // A lazy client waits for its first command to connect, and is no longer waiting then.
  const ready = () => connected(client, client.status === 'ready' || client.status === 'wait')
  return {
    get: async (key) => textOf(await ready().get(key)),
    set: async (key, value, ttlMs) => ready().set(key, value, 'PX', Math.ceil(ttlMs)),
    setIfAbsent: async (key, value, ttlMs) => {
      const reply = await ready().set(key, value, 'PX', Math.ceil(ttlMs), 'NX')
      return wasSet(reply)
    },
    delete: async (key) => ready().del(key),
    deleteIfEqual: async (key, value) => ready().eval(DELETE_IF_EQUAL, 1, key, value),
  }
}

function connected<Client>(client: Client, isReady: boolean): Client {
  if (!isReady) throw new Error('bearward: the Redis client is not connected')
  return client
}

/** `OK` or null; for anything else it is unknown whether it was absent. */
function wasSet(reply: unknown): boolean {
  if (reply === null) return false
  if (textOf(reply) === 'OK') return true
  throw new Error('bearward: Redis answered SET with something else than OK')
}

/** A client may be set to return buffers. */
const textOf = (reply: unknown): string | undefined => (reply == null ? undefined : String(reply))

const METHODS = ['get', 'set', 'del', 'eval'] as const

function commandsOf(client: unknown): Commands {
  const given = (typeof client === 'object' && client !== null ? client : {}) as Readonly<Record<string, unknown>>
  const missing = METHODS.filter((name) => typeof given[name] !== 'function')
  if (missing.length > 0) throw wrongClient(client, `without ${missing.join(', ')}`)
  if (typeof given.status === 'string') return ioredis(client as IoredisClient)
  if (typeof given.isOpen !== 'boolean') throw wrongClient(client, 'with neither `isOpen` nor `status`')
  // Its methods call back and return nothing: every record would be missing, and no one would notice.
  if ((given.options as { legacyMode?: unknown } | undefined)?.legacyMode) throw wrongClient(client, 'in legacy mode')
  return nodeRedis(client as NodeRedisClient)
}

function wrongClient(client: unknown, problem: string): ConfigurationError {
  // The type alone: a string would be the URL, which holds the password.
  const shown = client === null ? 'null' : typeof client === 'object' ? `an object ${problem}` : `a ${typeof client}`
  const wanted = 'a client of node-redis (4, 5 or 6) or ioredis (5 or 6)'
  return new ConfigurationError('redisStores.client', `must be ${wanted}; got ${shown}`)
}

function prefixOf(options: RedisStoresOptions): string {
  if (typeof options !== 'object' || options === null) throw new ConfigurationError('redisStores', 'takes an object')
  const { prefix, ...others } = { prefix: 'bearward:', ...options }
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw new ConfigurationError(`redisStores.${unknown}`, 'is not known; known here: prefix')
  if (typeof prefix !== 'string' || !/^[!-~]{1,128}$/.test(prefix)) {
    throw new ConfigurationError('redisStores.prefix', 'must be 1 to 128 characters of ASCII, none of them a space')
  }
  return prefix
}
