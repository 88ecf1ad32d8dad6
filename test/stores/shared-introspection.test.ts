import {
  createResourceServer,
  type IntrospectionStore,
  type ResourceServer,
  type ResourceServerOptions,
} from 'bearward'
import { redisStores } from 'bearward/redis'
import Keyv from 'keyv'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  activeResponse,
  CLIENT,
  createIntrospectionEndpoint,
  type IntrospectionEndpoint,
  opaqueToken,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { IOREDIS, NODE_REDIS, type RedisConnection } from '../support/redis/clients.ts'
import { createRedisServer, describeWithRedis, type RedisServer, WITHIN_50_MS } from '../support/redis/server.ts'
import { send } from '../support/upstream/requests.ts'

// I10, from the token to the response: several resource servers that share one store.

const ISSUER = 'https://auth.example.com'
const POLL = { timeout: 10_000, interval: 10 }

let endpoint: IntrospectionEndpoint
beforeEach(async () => {
  endpoint = await createIntrospectionEndpoint()
})
afterEach(() => endpoint.stop())

type Options = Partial<ResourceServerOptions<string, unknown>>

/** A resource server as in a separate process: its local cache is empty. */
function server(store: IntrospectionStore, options: Options = {}, issuer: object = {}): ResourceServer {
  const introspection = { endpoint: endpoint.url, client: CLIENT }
  return createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: null, introspection, ...issuer },
    stores: { introspection: store },
    ...options,
  }) as ResourceServer
}

function activeToken(members: Record<string, unknown> = {}): string {
  const token = opaqueToken()
  endpoint.responses.set(token, activeResponse(members))
  return token
}

/** Records what passes through: records are written in the background. */
function watched(cache: IntrospectionStore) {
  const values = new Map<string, string>()
  const store: IntrospectionStore = {
    get: (key) => cache.get(key),
    set: async (key, value, ttl) => {
      await cache.set(key, value, ttl)
      values.set(key, value)
    },
    delete: (key) => cache.delete?.(key),
    ...(cache.claim && { claim: (key: string, ttl: number) => cache.claim?.(key, ttl) ?? true }),
    ...(cache.release && { release: (key: string) => cache.release?.(key) }),
  }
  return {
    store,
    /** The key and text of the last written record, once there are enough. */
    async written(count = 1): Promise<[key: string, text: string]> {
      await vi.waitUntil(() => values.size >= count, POLL)
      return [...values].at(-1) as [string, string]
    },
  }
}

function contract(open: () => IntrospectionStore | Promise<IntrospectionStore>): void {
  let cache: IntrospectionStore
  beforeAll(async () => {
    cache = await open()
  })

  it('serves in one process what another has introspected', async () => {
    const { store, written } = watched(cache)
    const token = activeToken({ sub: 'alice' })
    expect((await send(server(store), token)).status).toBe(200)
    await written()
    const other = server(cache)
    expect((await send(other, token)).status).toBe(200)
    expect((await other.verify(token)).subject).toBe('alice')
    expect(endpoint.calls()).toBe(1)
  })

  it('refuses in one process what another found inactive', async () => {
    const { store, written } = watched(cache)
    const token = opaqueToken()
    expect((await send(server(store), token)).reason).toBe('inactive')
    await written()
    expect((await send(server(cache), token)).reason).toBe('inactive')
    expect(endpoint.calls()).toBe(1)
  })

  it('introspects again in every process after forget()', async () => {
    const { store, written } = watched(cache)
    const token = activeToken()
    const first = server(store)
    await send(first, token)
    await written()
    await first.forget(token)
    endpoint.responses.delete(token)
    expect((await send(server(cache), token)).reason).toBe('inactive')
    expect((await send(first, token)).reason).toBe('inactive')
  })

  it('does not cache a response that was pending during forget()', async () => {
    const token = activeToken()
    const held = endpoint.hold()
    const first = server(cache)
    const pending = send(first, token)
    await vi.waitUntil(() => held.waiting.length === 1, POLL)
    await first.forget(token)
    held.release()
    expect((await pending).status).toBe(200)
    endpoint.responses.delete(token)
    expect((await send(server(cache), token)).reason).toBe('inactive')
  })

  it('does not keep a record that was being written during forget()', async () => {
    const token = activeToken()
    const writing = vi.fn()
    const slow = server({
      get: (key) => cache.get(key),
      set: async (...args) => {
        writing()
        await new Promise((resolve) => setTimeout(resolve, 20))
        return cache.set(...args)
      },
      delete: (key) => cache.delete?.(key),
    })
    await send(slow, token)
    await vi.waitUntil(() => writing.mock.calls.length === 1, POLL)
    await slow.forget(token)
    await new Promise((resolve) => setTimeout(resolve, 50))
    endpoint.responses.delete(token)
    expect((await send(server(cache), token)).reason).toBe('inactive')
  })

  it('does not serve a record past the cache lifetime, whatever the store holds', async () => {
    const { store, written } = watched(new Map())
    const token = activeToken()
    const now = Date.now() / 1000
    await send(server(store, { clock: () => now }), token)
    const [key, text] = await written()
    await cache.set(key, text, 3_600_000)
    endpoint.responses.delete(token)
    expect((await send(server(cache, { clock: () => now + 59 }), token)).status).toBe(200)
    expect((await send(server(cache, { clock: () => now + 61 }), token)).reason).toBe('inactive')
    expect(endpoint.calls()).toBe(2)
  })

  it('does not serve a record of an expired token', async () => {
    const { store, written } = watched(new Map())
    const now = Date.now() / 1000
    const token = activeToken({ exp: Math.floor(now) + 20 })
    await send(server(store, { clock: () => now }, { clockTolerance: 0 }), token)
    const [key, text] = await written()
    await cache.set(key, text, 3_600_000)
    expect((await send(server(cache, { clock: () => now + 19 }, { clockTolerance: 0 }), token)).status).toBe(200)
    expect((await send(server(cache, { clock: () => now + 21 }, { clockTolerance: 0 }), token)).reason).toBe('expired')
  })

  it('does not serve a record that is too old for the route', async () => {
    const { store, written } = watched(cache)
    const token = activeToken()
    const now = Date.now() / 1000
    await send(server(store, { clock: () => now }), token)
    await written()
    const later = server(cache, { clock: () => now + 30 })
    await later.verify(token, { maxAge: 31 })
    expect(endpoint.calls()).toBe(1)
    await later.verify(token, { maxAge: 29 })
    expect(endpoint.calls()).toBe(2)
  })

  it('introspects if the record has another resource, another issuer or another client', async () => {
    const token = activeToken({ aud: [RESOURCE, 'https://other.example.com'], iss: undefined })
    const { store, written } = watched(cache)
    await send(server(store), token)
    await written()
    const introspection = { endpoint: endpoint.url, client: { ...CLIENT, clientId: 'other' } }
    endpoint.accepts = () => true
    expect((await send(server(store, { resource: 'https://other.example.com' }), token)).status).toBe(200)
    expect((await send(server(store, {}, { issuer: 'https://other.example.com' }), token)).status).toBe(200)
    expect((await send(server(store, {}, { introspection }), token)).status).toBe(200)
    expect(endpoint.calls(token)).toBe(4)
    await written(4)
  })

  it('applies its own rules to a record', async () => {
    const { store, written } = watched(cache)
    const token = activeToken({ scope: 'read:orders' })
    const lax = server(store, {}, { audience: null })
    expect((await send(lax, token)).status).toBe(200)
    await written()
    const strict = server(cache, {}, { audience: 'https://other.example.com' })
    expect((await send(strict, token)).reason).toBe('audience')
    expect(endpoint.calls()).toBe(1)
  })
}

describe('a Map', () => contract(() => new Map()))
describe('Keyv', () => contract(() => new Keyv()))

describeWithRedis(
  'Redis',
  () => {
    let redis: RedisServer
    beforeAll(async () => {
      redis = await createRedisServer()
    })
    afterAll(() => redis?.close())

    describe.each([NODE_REDIS, IOREDIS])('through $name', (library) => {
      let connection: RedisConnection
      afterAll(() => connection?.close())

      contract(async () => {
        connection = await library.connect(redis.url)
        return redisStores(connection.client).introspection
      })
    })
  },
  WITHIN_50_MS,
)
