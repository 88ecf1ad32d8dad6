import { ConfigurationError } from 'bearward'

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
  eval(script: string, count: number, ...keysAndValues: string[]): Promise<unknown>
}

/** The commands behind the stores, for either library. Each is a single Redis command, hence atomic. */
export interface Commands {
  get(key: string): Promise<string | undefined>
  set(key: string, value: string, ttlMs: number): Promise<unknown>
  /** True if the key was absent. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>
  delete(key: string): Promise<unknown>
  /** Runs a script with one key. */
  run(script: string, key: string, ...values: readonly string[]): Promise<unknown>
}

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
    run: async (script, key, ...values) => ready().eval(script, { keys: [key], arguments: [...values] }),
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
    run: async (script, key, ...values) => ready().eval(script, 1, key, ...values),
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
export const textOf = (reply: unknown): string | undefined => (reply == null ? undefined : String(reply))

const METHODS = ['get', 'set', 'del', 'eval'] as const

/** @throws {ConfigurationError} anything but a client */
export function commandsOf(client: unknown, option: string): Commands {
  const members = (typeof client === 'object' && client !== null ? client : {}) as Readonly<Record<string, unknown>>
  const missing = METHODS.filter((name) => typeof members[name] !== 'function')
  if (missing.length > 0) throw wrongClient(client, option, `without ${missing.join(', ')}`)
  if (typeof members.status === 'string') return ioredis(client as IoredisClient)
  if (typeof members.isOpen !== 'boolean') throw wrongClient(client, option, 'with neither `isOpen` nor `status`')
  // In legacy mode methods use callbacks and return nothing, so every record would silently be missing.
  if ((members.options as { legacyMode?: unknown } | undefined)?.legacyMode)
    throw wrongClient(client, option, 'in legacy mode')
  return nodeRedis(client as NodeRedisClient)
}

function wrongClient(client: unknown, option: string, problem: string): ConfigurationError {
  // Only the type: a string would be the URL, which may contain the password.
  const actual = client === null ? 'null' : typeof client === 'object' ? `an object ${problem}` : `a ${typeof client}`
  const expected = 'a client of node-redis (4, 5 or 6) or ioredis (5 or 6)'
  return new ConfigurationError(`${option}.client`, `must be ${expected}; got ${actual}`)
}
