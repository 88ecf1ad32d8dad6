import { ConfigurationError, type IntrospectionStore, type ReplayStore, type RevocationStore } from 'bearward'
import { type Commands, commandsOf, type IoredisClient, type NodeRedisClient } from './internal/redis-commands.ts'
import { createRevocationStore } from './internal/redis-revocations.ts'

export type { IoredisClient, NodeRedisClient } from './internal/redis-commands.ts'

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
  const redis = commandsOf(client, 'redisStores')
  const prefix = prefixOf(options, 'redisStores')
  return {
    introspection: introspectionStore(redis, `${prefix}introspection:`, `${prefix}claim:`),
    replay: { firstUse: (key, ttlMs) => redis.setIfAbsent(`${prefix}proof:${key}`, '', ttlMs) },
  }
}

/**
 * Revocations in Redis 5 or newer, or Valkey, for `revocation({ store: revocationStore(client) })`. Needs a secret
 * (`stores.secret`), because its records are authenticated.
 *
 * Where the client has `duplicate()`, a connection of its own listens for notifications. It does not keep the process
 * alive, but its attempts to reconnect do while Redis is unreachable; `close()` of the resource server ends them. Redis
 * must not evict the records (`maxmemory-policy noeviction`).
 *
 * @throws {ConfigurationError} an invalid `client` or `prefix`
 */
export function revocationStore(
  client: NodeRedisClient | IoredisClient,
  options: RedisStoresOptions = {},
): RevocationStore {
  const prefix = prefixOf(options, 'revocationStore')
  return createRevocationStore(client, commandsOf(client, 'revocationStore'), `${prefix}revocations`)
}

function introspectionStore(redis: Commands, records: string, claims: string): Required<IntrospectionStore> {
  // One owner for all claims of this process: it introspects each token at most once at a time.
  const owner = crypto.randomUUID()
  return {
    get: (key) => redis.get(records + key),
    set: (key, value, ttlMs) => redis.set(records + key, value, ttlMs),
    delete: (key) => redis.delete(records + key),
    claim: (key, ttlMs) => redis.setIfAbsent(claims + key, owner, ttlMs),
    release: (key) => redis.run(DELETE_IF_EQUAL, claims + key, owner),
  }
}

const DELETE_IF_EQUAL = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`

function prefixOf(options: RedisStoresOptions, where: string): string {
  if (typeof options !== 'object' || options === null) throw new ConfigurationError(where, 'must be an object')
  const { prefix, ...others } = { prefix: 'bearward:', ...options }
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw new ConfigurationError(`${where}.${unknown}`, 'is unknown; the options here: prefix')
  if (typeof prefix !== 'string' || !/^[!-~]{1,128}$/.test(prefix)) {
    throw new ConfigurationError(`${where}.prefix`, 'must be 1 to 128 printable ASCII characters, without spaces')
  }
  return prefix
}
