import type { IntrospectionStore } from 'bearward'
import { redisStores } from 'bearward/redis'
import Keyv from 'keyv'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { LIBRARIES } from '../support/redis/clients.ts'
import { createRedisServer, describeWithRedis, type RedisServer } from '../support/redis/server.ts'

// One suite for every introspection store (I10). `can` lists what a store supports.

interface Store {
  readonly cache: IntrospectionStore
  close(): void
}

interface Can {
  /** Deletes expired records. A Map does not; the core checks the time in the record. */
  readonly expire: boolean
  /** Claims, and sharing between processes. */
  readonly share: boolean
}

const LONG = 60_000
const POLL = { timeout: 10_000, interval: 10 }

function contract(open: () => Store | Promise<Store>, can: Can): void {
  let store: Store
  let cache: IntrospectionStore
  beforeAll(async () => {
    store = await open()
    cache = store.cache
  })
  afterAll(() => store?.close())
  let key: string
  beforeEach(() => {
    key = `v2:${crypto.randomUUID()}`
  })

  it('returns nothing for a key that was never set', async () => {
    expect(await cache.get(key)).toBeUndefined()
  })

  it.each([
    ['JSON', '{"a":[1,"ü",null]}'],
    ['nothing', ''],
    ['quotes, line breaks and a zero', '"\r\n\0 $3'],
    ['characters of four bytes', '𐍈😀'],
    ['64 KiB', 'x'.repeat(65_536)],
  ])('returns the stored text: %s', async (_, text) => {
    await cache.set(key, text, LONG)
    expect(await cache.get(key)).toBe(text)
  })

  it('replaces a record', async () => {
    await cache.set(key, 'old', LONG)
    await cache.set(key, 'new', LONG)
    expect(await cache.get(key)).toBe('new')
  })

  it('deletes one key, whether it exists or not', async () => {
    await cache.set(key, 'one', LONG)
    await cache.set(`${key}2`, 'two', LONG)
    await cache.delete?.(key)
    await cache.delete?.(key)
    expect(await cache.get(key)).toBeUndefined()
    expect(await cache.get(`${key}2`)).toBe('two')
  })

  it('keeps a thousand concurrently written records apart', async () => {
    const numbers = Array.from({ length: 1000 }, (_, index) => String(index))
    await Promise.all(numbers.map((number) => cache.set(`${key}${number}`, number, LONG)))
    expect(await Promise.all(numbers.map((number) => cache.get(`${key}${number}`)))).toEqual(numbers)
  })

  if (can.expire) {
    it('deletes expired records, and no others', async () => {
      await cache.set(`${key}2`, 'long', LONG)
      await cache.set(key, 'short', 150.5)
      expect(await cache.get(key)).toBe('short')
      await vi.waitUntil(async () => (await cache.get(key)) === undefined, POLL)
      expect(await cache.get(`${key}2`)).toBe('long')
    })

    it('a replaced record has the new lifetime', async () => {
      await cache.set(key, 'short', 150)
      await cache.set(key, 'long', LONG)
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(await cache.get(key)).toBe('long')
    })
  }

  if (!can.share) return
  describe('between several instances', () => {
    let others: Store[]
    let claims: Required<IntrospectionStore>
    let other: Required<IntrospectionStore>
    beforeAll(async () => {
      others = await Promise.all([open(), open(), open()])
      claims = store.cache as Required<IntrospectionStore>
      other = others[0]?.cache as Required<IntrospectionStore>
    })
    afterAll(() => others?.forEach((one) => void one.close()))

    it('reads what another one has written, and not what another one has deleted', async () => {
      await cache.set(key, 'shared', LONG)
      expect(await other.get(key)).toBe('shared')
      await other.delete(key)
      expect(await cache.get(key)).toBeUndefined()
    })

    it('grants a claim to one of many concurrent callers', async () => {
      const all = [store, ...others].map((one) => one.cache as Required<IntrospectionStore>)
      for (let round = 0; round < 50; round++) {
        const lookups = Array.from({ length: 5 }, () => all).flat()
        const granted = await Promise.all(lookups.map((one) => one.claim(`${key}${round}`, LONG)))
        expect(granted.filter(Boolean)).toEqual([true])
      }
    })

    it('does not confuse claims and records', async () => {
      expect(await claims.claim(key, LONG)).toBe(true)
      expect(await cache.get(key)).toBeUndefined()
      await cache.set(key, 'record', LONG)
      await claims.release(key)
      expect(await cache.get(key)).toBe('record')
      await claims.claim(key, LONG)
      await cache.delete?.(key)
      expect(await other.claim(key, LONG)).toBe(false)
    })

    it('grants it again once it is released', async () => {
      expect(await claims.claim(key, LONG)).toBe(true)
      expect(await other.claim(key, LONG)).toBe(false)
      await claims.release(key)
      expect(await other.claim(key, LONG)).toBe(true)
    })

    it('grants it again once it has expired', async () => {
      expect(await claims.claim(key, 100.5)).toBe(true)
      await vi.waitUntil(() => other.claim(key, LONG), POLL)
      expect(await claims.claim(key, LONG)).toBe(false)
    })

    it('does not release what another one has claimed since', async () => {
      await claims.claim(key, 100)
      await vi.waitUntil(() => other.claim(key, LONG), POLL)
      await claims.release(key)
      expect(await claims.claim(key, LONG)).toBe(false)
      await other.release(key)
      expect(await claims.claim(key, LONG)).toBe(true)
    })

    it('releasing an unclaimed key does nothing', async () => {
      await claims.release(key)
      expect(await claims.claim(key, LONG)).toBe(true)
    })
  })
}

const nothing = () => undefined

describe('a Map', () => contract(() => ({ cache: new Map(), close: nothing }), { expire: false, share: false }))

describe('Keyv', () => contract(() => ({ cache: new Keyv(), close: nothing }), { expire: true, share: false }))

describeWithRedis('Redis', () => {
  describe.each(LIBRARIES)('through $name', (library) => {
    let redis: RedisServer
    beforeAll(async () => {
      redis = await createRedisServer(library)
    })
    afterAll(() => redis?.close())

    const open = async (): Promise<Store> => {
      const { client, close } = await library.connect(redis.url)
      return { cache: redisStores(client).introspection, close }
    }
    contract(open, { expire: true, share: true })
  })
})
