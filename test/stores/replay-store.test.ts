import type { ReplayStore } from 'bearward'
import { redisStores } from 'bearward/redis'
import { createClient, RESP_TYPES } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { LIBRARIES } from '../support/redis/clients.ts'
import { createRedisServer, describeWithRedis, type RedisServer } from '../support/redis/server.ts'

// One suite for every store of used proofs (D2, RFC 9449 §11.1).

interface Store {
  readonly replay: ReplayStore
  close(): void
}

const LONG = 60_000
const POLL = { timeout: 10_000, interval: 10 }

function contract(open: () => Promise<Store>): void {
  let stores: Store[]
  let store: ReplayStore
  let other: ReplayStore
  beforeAll(async () => {
    stores = await Promise.all([open(), open(), open(), open()])
    ;[store, other] = stores.map(({ replay }) => replay) as [ReplayStore, ReplayStore]
  })
  afterAll(() => stores?.forEach((one) => void one.close()))
  let key: string
  beforeEach(() => {
    key = crypto.randomUUID()
  })

  it('returns true once, to the first caller, and false from then on', async () => {
    expect(await store.firstUse(key, LONG)).toBe(true)
    expect(await store.firstUse(key, LONG)).toBe(false)
    expect(await other.firstUse(key, LONG)).toBe(false)
    expect(await other.firstUse(`${key}2`, LONG)).toBe(true)
  })

  it('returns true to one of many concurrent callers', async () => {
    for (let round = 0; round < 50; round++) {
      const uses = Array.from({ length: 5 }, () => stores).flat()
      const outcomes = await Promise.all(uses.map(({ replay }) => replay.firstUse(`${key}${round}`, LONG)))
      expect(outcomes.filter(Boolean)).toEqual([true])
      expect(outcomes.filter((one) => one === false)).toHaveLength(uses.length - 1)
    }
  })

  it('records for the given time, and another call does not extend it', async () => {
    await store.firstUse(`${key}2`, LONG)
    expect(await store.firstUse(key, 150.5)).toBe(true)
    await vi.waitUntil(() => other.firstUse(key, LONG), POLL)
    expect(await store.firstUse(key, LONG)).toBe(false)
    expect(await store.firstUse(`${key}2`, LONG)).toBe(false)
  })
}

describeWithRedis('Redis', () => {
  describe.each(LIBRARIES)('through $name', (library) => {
    let redis: RedisServer
    beforeAll(async () => {
      redis = await createRedisServer(library)
    })
    afterAll(() => redis?.close())

    contract(async () => {
      const { client, close } = await library.connect(redis.url)
      return { replay: redisStores(client).replay, close }
    })
  })

  describe('through a client that returns buffers', () => {
    let redis: RedisServer
    beforeAll(async () => {
      redis = await createRedisServer()
    })
    afterAll(() => redis?.close())

    contract(async () => {
      const client = createClient({
        url: redis.url,
        commandOptions: { typeMapping: { [RESP_TYPES.SIMPLE_STRING]: Buffer } },
      })
      client.on('error', () => undefined)
      await client.connect()
      return { replay: redisStores(client as never).replay, close: () => client.destroy() }
    })
  })

  it('separates proofs from introspection responses, under the prefix', async () => {
    const redis = await createRedisServer()
    const client = createClient({ url: redis.url })
    await client.connect()
    const { replay, introspection } = redisStores(client, { prefix: 'mine:' })
    await introspection.set('key', 'record', LONG)
    await introspection.claim('key', LONG)
    expect(await replay.firstUse('key', LONG)).toBe(true)
    expect((await client.keys('*')).sort()).toEqual(['mine:claim:key', 'mine:introspection:key', 'mine:proof:key'])
    expect(await client.pTTL('mine:proof:key')).toBeGreaterThan(LONG / 2)
    client.destroy()
    await redis.close()
  })
})

describe('any client reply but OK and nil', () => {
  const replying = (reply: unknown) => ({
    isOpen: true,
    isReady: true,
    get: async () => null,
    set: async () => reply,
    del: async () => 0,
    eval: async () => 0,
  })

  it.each([undefined, 'QUEUED', '', 0, 1, true, {}, []])('%j is a failure, and no first use', async (reply) => {
    await expect(redisStores(replying(reply)).replay.firstUse('key', LONG)).rejects.toThrow('something other than OK')
  })

  it('one that is not connected is not used', async () => {
    const client = { ...replying('OK'), isReady: false }
    await expect(redisStores(client).replay.firstUse('key', LONG)).rejects.toThrow('not connected')
  })
})
