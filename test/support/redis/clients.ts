import type { IoredisClient, NodeRedisClient } from 'bearward/redis'
import { Redis as Ioredis, Cluster as IoredisCluster } from 'ioredis'
import { Redis as Ioredis5 } from 'ioredis5'
import { createClient, createClientPool, createCluster } from 'redis'
import { createClient as createClient4 } from 'redis4'
import { createClient as createClient5 } from 'redis5'

export interface RedisConnection {
  readonly client: NodeRedisClient | IoredisClient
  close(): void
}

export interface RedisLibrary {
  readonly name: string
  readonly cluster?: true
  /** Connects and resolves when commands are accepted. Later it reconnects quickly whenever necessary. */
  connect(url: string): Promise<RedisConnection>
}

/** A listener is required: without one, node-redis ends the process and ioredis prints. */
interface Listenable {
  on(name: 'error', listener: () => void): unknown
  connect(): Promise<unknown>
}

async function connected<Client extends NodeRedisClient | IoredisClient>(
  client: Client & Listenable,
  close: () => unknown,
): Promise<RedisConnection> {
  client.on('error', () => undefined)
  await client.connect()
  return { client, close: () => void close() }
}

const soon = () => 20
const socket = { reconnectStrategy: soon }
// Pools and clusters do not report whether a server is reachable; this makes them fail immediately.
const disableOfflineQueue = true
const ioredisOptions = { lazyConnect: true, retryStrategy: soon }

export const NODE_REDIS: RedisLibrary = {
  name: 'node-redis 6',
  connect: (url) => {
    const client = createClient({ url, socket })
    return connected(client, () => client.destroy())
  },
}

export const IOREDIS: RedisLibrary = {
  name: 'ioredis 6',
  connect: (url) => {
    const client = new Ioredis(url, ioredisOptions)
    return connected(client, () => client.disconnect())
  },
}

/** Every kind of client that a program can pass to us. */
export const LIBRARIES: readonly RedisLibrary[] = [
  NODE_REDIS,
  {
    name: 'a pool of node-redis 6',
    connect: (url) => {
      const pool = createClientPool({ url, socket, disableOfflineQueue }, { minimum: 2, maximum: 4 })
      return connected(pool, () => pool.destroy())
    },
  },
  {
    name: 'node-redis 5',
    connect: (url) => {
      const client = createClient5({ url, socket })
      return connected(client, () => client.destroy())
    },
  },
  {
    name: 'node-redis 4',
    connect: (url) => {
      const client = createClient4({ url, socket })
      return connected(client, () => client.disconnect())
    },
  },
  IOREDIS,
  {
    name: 'ioredis 5',
    connect: (url) => {
      const client = new Ioredis5(url, ioredisOptions)
      return connected(client, () => client.disconnect())
    },
  },
  {
    name: 'a cluster of node-redis 6',
    cluster: true,
    connect: (url) => {
      const cluster = createCluster({ rootNodes: [{ url }], defaults: { socket, disableOfflineQueue } })
      return connected(cluster, () => cluster.destroy())
    },
  },
  {
    name: 'a cluster of ioredis 6',
    cluster: true,
    connect: (url) => {
      const cluster = new IoredisCluster([url], { lazyConnect: true, clusterRetryStrategy: soon })
      return connected(cluster, () => cluster.disconnect())
    },
  },
]
