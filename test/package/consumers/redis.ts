import { createResourceServer, type IntrospectionStore } from 'bearward'
import { redisStores, revocationStore } from 'bearward/redis'
import { revocation } from 'bearward/revocation'
import { Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel, RESP_TYPES } from 'redis'

const client = createClient()
export const cache: IntrospectionStore = redisStores(client, { prefix: 'orders:' }).introspection

redisStores(client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }))
redisStores(createClient({ RESP: 3 }))
redisStores(createClientPool({ disableOfflineQueue: true }))
redisStores(createCluster({ rootNodes: [{ url: 'redis://localhost:7000' }] }))
redisStores(createSentinel({ name: 'one', sentinelRootNodes: [{ host: 'localhost', port: 26_379 }] }))
redisStores(new Redis({ lazyConnect: true }))
redisStores(new Cluster(['redis://localhost:7000'], { lazyConnect: true }))

export const server = createResourceServer({
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
  stores: redisStores(client),
})

export const revoked = revocation({ store: revocationStore(new Redis({ lazyConnect: true })) })
revocationStore(client, { prefix: 'orders:' })

// @ts-expect-error: a promise of a client is not a client.
redisStores(client.connect())

// @ts-expect-error: its methods take callbacks.
redisStores(client.legacy())

// @ts-expect-error: it queues commands without responses.
redisStores(client.multi())

// @ts-expect-error: a misspelt option.
redisStores(client, { prefx: 'orders:' })
