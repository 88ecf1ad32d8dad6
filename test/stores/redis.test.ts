import { ConfigurationError } from 'bearward'
import { type RedisStoresOptions, redisStores } from 'bearward/redis'
import { createClient, RESP_TYPES } from 'redis'
import { createClient as createClient4 } from 'redis4'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { LIBRARIES, NODE_REDIS, type RedisConnection } from '../support/redis/clients.ts'
import { createRedisServer, describeWithRedis, type RedisServer } from '../support/redis/server.ts'

const LONG = 60_000
const POLL = { timeout: 10_000, interval: 10 }

const inspect = async (redis: RedisServer) => {
  const client = createClient({ url: redis.url })
  client.on('error', () => undefined)
  return await client.connect()
}
type Inspector = Awaited<ReturnType<typeof inspect>>

function problemOf(make: () => unknown): ConfigurationError {
  try {
    make()
  } catch (thrown) {
    if (thrown instanceof ConfigurationError) return thrown
  }
  throw new Error('no ConfigurationError was thrown')
}

describe('the argument of redisStores()', () => {
  const method = () => undefined
  const callbacks = createClient4({ legacyMode: true })

  it.each([
    ['nothing', undefined, 'got a undefined'],
    ['null', null, 'got null'],
    ['the URL, which is not shown', 'redis://user:secret@127.0.0.1', 'got a string'],
    ['a function', method, 'got a function'],
    ['a promise', createClient().connect().catch(method), 'got an object without get, set, del, eval'],
    ['a Map', new Map(), 'got an object without del, eval'],
    ['a client of another kind', { get: method, set: method, del: method, eval: method }, 'neither `isOpen` nor'],
    ['node-redis 4 in legacy mode', callbacks, 'in legacy mode'],
    ['what it has for callers of the new way, which cannot say whether it is connected', callbacks.v4, 'neither'],
    ['what node-redis 6 has for callers of the old way', createClient().legacy(), 'neither'],
  ])('is refused if it is %s', (_, client, invalid) => {
    const problem = problemOf(() => redisStores(client as never))
    expect(problem.option).toBe('redisStores.client')
    expect(problem.message).toContain('must be a client of node-redis (4, 5 or 6) or ioredis (5 or 6)')
    expect(problem.message).toContain(invalid)
    expect(problem.message).not.toContain('secret')
  })

  it.each([
    ['an empty prefix', { prefix: '' }, 'prefix'],
    ['a prefix with a space', { prefix: 'a b' }, 'prefix'],
    ['a prefix with a line break', { prefix: 'a:\n' }, 'prefix'],
    ['a prefix that is too long', { prefix: 'a'.repeat(129) }, 'prefix'],
    ['a prefix of another type', { prefix: 1 }, 'prefix'],
    ['a prefix from a variable that is not set', { prefix: undefined }, 'prefix'],
    ['an unknown option', { prefix: 'a:', ttl: 1 }, 'ttl'],
  ])('is refused with %s', (_, options, name) => {
    expect(problemOf(() => redisStores(createClient(), options as RedisStoresOptions)).option).toBe(
      `redisStores.${name}`,
    )
  })

  it.each([null, 'prefix:'])('is refused with %j instead of options', (options) => {
    expect(problemOf(() => redisStores(createClient(), options as never)).option).toMatch(/^redisStores/)
  })

  it('may be connected later', async () => {
    const { introspection } = redisStores(createClient())
    await expect(introspection.get('v1:a')).rejects.toThrow('not connected')
    await expect(introspection.set('v1:a', 'text', LONG)).rejects.toThrow('not connected')
    await expect(introspection.delete('v1:a')).rejects.toThrow('not connected')
    await expect(introspection.claim('v1:a', LONG)).rejects.toThrow('not connected')
    await expect(introspection.release('v1:a')).rejects.toThrow('not connected')
  })
})

describeWithRedis('what is in Redis', () => {
  let redis: RedisServer
  let inspector: Inspector
  let connection: RedisConnection
  beforeAll(async () => {
    redis = await createRedisServer()
    inspector = await inspect(redis)
    connection = await NODE_REDIS.connect(redis.url)
  })
  beforeEach(() => inspector.flushAll())
  afterAll(async () => {
    connection?.close()
    inspector?.destroy()
    await redis?.close()
  })

  it('begins with the prefix and expires', async () => {
    const { introspection } = redisStores(connection.client, { prefix: '{orders}:' })
    await introspection.set('v1:a', 'text', LONG)
    await introspection.claim('v1:a', LONG)
    const names = await inspector.keys('*')
    expect(names.sort()).toEqual(['{orders}:claim:v1:a', '{orders}:verdict:v1:a'])
    for (const name of names) {
      expect(await inspector.pTTL(name)).toBeGreaterThan(LONG - 20_000)
      expect(await inspector.pTTL(name)).toBeLessThanOrEqual(LONG)
    }
  })

  it('is separate from keys with another prefix', async () => {
    const ours = redisStores(connection.client).introspection
    const theirs = redisStores(connection.client, { prefix: 'other:' }).introspection
    await ours.set('v1:a', 'ours', LONG)
    expect(await theirs.get('v1:a')).toBeUndefined()
    await theirs.delete('v1:a')
    expect(await ours.get('v1:a')).toBe('ours')
    expect(await ours.claim('v1:a', LONG)).toBe(true)
    expect(await theirs.claim('v1:a', LONG)).toBe(true)
    expect(await inspector.keys('bearward:*')).toHaveLength(2)
  })

  it('has a separate claim owner for each process', async () => {
    const owners = ['a', 'b'].map((key) => redisStores(connection.client).introspection.claim(key, LONG))
    expect(await Promise.all(owners)).toEqual([true, true])
    const values = await Promise.all(['a', 'b'].map((key) => inspector.get(`bearward:claim:${key}`)))
    expect(new Set(values).size).toBe(2)
    for (const value of values) expect(value).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('is a string also for a client that returns buffers', async () => {
    const client = await createClient({ url: redis.url }).connect()
    const { introspection } = redisStores(client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }))
    await introspection.set('v1:a', 'text', LONG)
    expect(await introspection.get('v1:a')).toBe('text')
    expect(await introspection.get('v1:b')).toBeUndefined()
    expect([await introspection.claim('v1:a', LONG), await introspection.claim('v1:a', LONG)]).toEqual([true, false])
    client.destroy()
  })
})

describeWithRedis('a server that fails', () => {
  describe.each(LIBRARIES)('through $name', (library) => {
    let redis: RedisServer
    let inspector: Inspector
    let connection: RedisConnection
    let introspection: ReturnType<typeof redisStores>['introspection']
    beforeAll(async () => {
      redis = await createRedisServer(library)
      inspector = await inspect(redis)
      connection = await library.connect(redis.url)
      introspection = redisStores(connection.client).introspection
    })
    beforeEach(async () => {
      await inspector.flushAll()
      await introspection.set('v1:a', 'text', LONG)
    })
    afterAll(async () => {
      connection?.close()
      inspector?.destroy()
      await redis?.close()
    })

    // A reply may never arrive if the connection broke, hence sequential rounds.
    const comesTo = (expected: 'value' | 'error') =>
      vi.waitUntil(async () => {
        const read = Promise.resolve(introspection.get('v1:a')).then(
          () => 'value',
          () => 'error',
        )
        return (await Promise.race([read, new Promise((resolve) => setTimeout(resolve, 200))])) === expected
      }, POLL)

    it('fails on a value of another type, and replaces it', async () => {
      await inspector.del('bearward:verdict:v1:a')
      await inspector.hSet('bearward:verdict:v1:a', 'field', 'value')
      await expect(introspection.get('v1:a')).rejects.toThrow('WRONGTYPE')
      await introspection.set('v1:a', 'text', LONG)
      expect(await introspection.get('v1:a')).toBe('text')
    })

    it('reads bytes that are not text as some text', async () => {
      await inspector.set('bearward:verdict:v1:a', Buffer.from([0xff, 0xfe, 0, 0xc3, 0x28]))
      expect(await introspection.get('v1:a')).toContain('\ufffd')
    })

    it('neither takes nor releases a claim if the key has another type', async () => {
      await inspector.hSet('bearward:claim:v1:a', 'field', 'value')
      expect(await introspection.claim('v1:a', LONG)).toBe(false)
      await expect(introspection.release('v1:a')).rejects.toThrow('WRONGTYPE')
      expect(await inspector.exists('bearward:claim:v1:a')).toBe(1)
    })

    it('fails at once while disconnected, queues nothing, and works again once reconnected', async () => {
      await redis.stop()
      await comesTo('error')
      const writes = Array.from({ length: 1000 }, (_, index) => introspection.set(`v1:${index}`, 'queued', LONG))
      const ends = await Promise.allSettled(writes)
      expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(1000)
      await redis.start()
      await comesTo('value')
      await introspection.set('v1:b', 'back', LONG)
      expect(await introspection.get('v1:b')).toBe('back')
      expect(await inspector.keys('*')).toEqual(['bearward:verdict:v1:b'])
    })

    it('waits while Redis hangs, and continues when it does', async () => {
      redis.hang()
      const ended = vi.fn()
      const read = Promise.resolve(introspection.get('v1:a')).finally(ended)
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(ended).not.toHaveBeenCalled()
      redis.resume()
      expect(await read).toBe('text')
    })

    it('gives each caller its own reply when replies are late', async () => {
      const port = await redis.slowly(50)
      const client = await library.connect(port.url)
      const slow = redisStores(client.client).introspection
      const keys = ['v1:a', 'v1:b', 'v1:c']
      await Promise.all(keys.map((key) => slow.set(key, key, LONG)))
      expect(await Promise.all(keys.map((key) => slow.get(key)))).toEqual(keys)
      client.close()
      await port.stop()
    })
  })
})
