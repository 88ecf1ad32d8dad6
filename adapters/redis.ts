import { ConfigurationError, type IntrospectionStore, type ReplayStore } from 'bearward'

/** What we use of node-redis 4, 5 and 6: a client, a pool, a cluster or a sentinel. */
export interface NodeRedisClient {
  readonly isOpen: boolean
  /** Missing on pools, and on clusters before node-redis 6. */
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
   * The prefix of all keys, for applications that share a Redis: 1 to 128 printable ASCII characters without spaces.
   * Default: `bearward:`.
   */
  prefix?: string
}

/** Both stores, for the option `stores`. To use only one, pass that member. */
export interface RedisStores {
  readonly introspection: Required<IntrospectionStore>
  /**
   * Used DPoP proofs. Redis must not evict them (`maxmemory-policy noeviction`): a proof whose record is evicted, or lost
   * in a failover, can be replayed.
   */
  readonly replay: ReplayStore
}

/**
 * Stores in Redis or Valkey, for resource servers in several processes: `createResourceServer({ …, stores:
 * redisStores(client) })`.
 *
 * The client remains yours: connect it, listen to its `error` event (node-redis ends the process if no one does) and
 * close it. While it is not connected, every operation fails immediately instead of waiting in its offline queue. For
 * pools and clusters this cannot be detected: set `disableOfflineQueue: true`, or `enableOfflineQueue: false` in ioredis.
 *
 * @throws {ConfigurationError} an invalid `client` or `prefix`
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
  // One owner for all claims of this process: it introspects each token at most once at a time.
  const owner = crypto.randomUUID()
  return {
    get: (key) => redis.get(records + key),
    set: (key, value, ttlMs) => redis.set(records + key, value, ttlMs),
    delete: (key) => redis.delete(records + key),
    claim: (key, ttlMs) => redis.setIfAbsent(claims + key, owner, ttlMs),
    release: (key) => redis.deleteIfEqual(claims + key, owner),
  }
}

/** The commands behind both stores, for either library. Each is a single Redis command, hence atomic. */
interface Commands {
  get(key: string): Promise<string | undefined>
  set(key: string, value: string, ttlMs: number): Promise<unknown>
  /** True if the key was absent. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>
  delete(key: string): Promise<unknown>
  deleteIfEqual(key: string, value: string): Promise<unknown>
}

const DELETE_IF_EQUAL = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`

function nodeRedis(client: NodeRedisClient): Commands {
  const ready = () => connected(client, client.isReady ?? client.isOpen)
  return {
    get: async (key) => textOf(await ready().get(key)),
    // node-redis 5 renamed `PX` and `NX`, but all versions accept these names.
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
  // A lazy client (`wait`) connects on its first command.
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

/** Redis replies `OK` or null; anything else does not say whether the key was absent. */
function wasSet(reply: unknown): boolean {
  if (reply === null) return false
  if (textOf(reply) === 'OK') return true
  throw new Error('bearward: Redis replied to SET with something other than OK')
}

/** A client may be configured to return buffers. */
const textOf = (reply: unknown): string | undefined => (reply == null ? undefined : String(reply))

const METHODS = ['get', 'set', 'del', 'eval'] as const

function commandsOf(client: unknown): Commands {
  const members = (typeof client === 'object' && client !== null ? client : {}) as Readonly<Record<string, unknown>>
  const missing = METHODS.filter((name) => typeof members[name] !== 'function')
  if (missing.length > 0) throw wrongClient(client, `without ${missing.join(', ')}`)
  if (typeof members.status === 'string') return ioredis(client as IoredisClient)
  if (typeof members.isOpen !== 'boolean') throw wrongClient(client, 'with neither `isOpen` nor `status`')
  // In legacy mode methods use callbacks and return nothing, so every record would silently be missing.
  if ((members.options as { legacyMode?: unknown } | undefined)?.legacyMode) throw wrongClient(client, 'in legacy mode')
  return nodeRedis(client as NodeRedisClient)
}

function wrongClient(client: unknown, problem: string): ConfigurationError {
  // Only the type: a string would be the URL, which may contain the password.
  const actual = client === null ? 'null' : typeof client === 'object' ? `an object ${problem}` : `a ${typeof client}`
  const expected = 'a client of node-redis (4, 5 or 6) or ioredis (5 or 6)'
  return new ConfigurationError('redisStores.client', `must be ${expected}; got ${actual}`)
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
