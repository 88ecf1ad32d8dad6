import { createClient } from 'redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { EVENTS, measure, OTHER, type Result, type Store } from '../../scripts/revocation/measure.ts'
import { createRedisServer, describeWithRedis, type RedisServer } from '../support/redis/server.ts'

// Four processes that share their revocations (N3, N3.2): revoked in one, refused in all, while requests run and the store is
// flushed, paused and killed. How long it takes is measured by `npm run revocation`.

describeWithRedis('four processes with one Redis, while requests run', () => {
  let redis: RedisServer
  let result: Result
  beforeAll(async () => {
    redis = await createRedisServer()
    result = await measure(controls(redis), 4, 200)
  }, 240_000)
  afterAll(() => redis?.close())

  it('refuse a token that one of them has revoked, whatever happened to the store, and never permit it again', () => {
    expect(result.revocations.map(({ event }) => event)).toEqual(EVENTS)
    for (const { responses } of result.reports) {
      for (const event of EVENTS) {
        expect(Object.keys(responses[event]?.counts ?? {}).sort(), event).toEqual(['200', '401 revoked'])
        expect(responses[event]?.permittedAgain, event).toBe(0)
      }
    }
  })

  it('permit every request with another token', () => {
    for (const { responses } of result.reports) expect(Object.keys(responses[OTHER]?.counts ?? {})).toEqual(['200'])
  })

  it('call the store, and never in a request', () => {
    for (const { storeCalls, storeCallsOfRequests, entries } of result.reports) {
      expect(storeCalls).toBeGreaterThan(EVENTS.length)
      expect([storeCallsOfRequests, entries]).toEqual([0, EVENTS.length])
    }
  })
})

const controls = (redis: RedisServer): Store => ({
  url: redis.url,
  async flush() {
    const client = createClient({ url: redis.url })
    await client.connect()
    await client.flushAll()
    client.destroy()
  },
  async pause(milliseconds) {
    redis.hang()
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    redis.resume()
  },
  async restart() {
    await redis.stop()
    await redis.start()
  },
})
