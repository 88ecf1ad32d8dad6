import { describe, expect, it } from 'vitest'
import { createResponseCache } from '../../src/introspection/cache/introspection-cache.ts'
import { type CachedResponse, createLocalCache } from '../../src/introspection/cache/local-cache.ts'
import type { IntrospectionRequest, IntrospectionSource } from '../../src/introspection/cache/source.ts'
import type { IntrospectionResult } from '../../src/introspection/response.ts'
import { useClockWithTimers } from '../support/upstream/monotonic-clock.ts'
import { active, createRequests, INACTIVE, wallClock } from './cache-kit.ts'

// I4, I13, I14: what one process does with responses, and with requests that are pending.

const clock = useClockWithTimers()

const ANY_AGE = Number.POSITIVE_INFINITY

/** A cache whose introspections a test ends by hand. */
function start() {
  const { requestFor, responseOf } = createRequests(async () => INACTIVE)
  const sent: { request: IntrospectionRequest; end(response: IntrospectionResult): void }[] = []
  const source: IntrospectionSource = {
    isShared: false,
    timeout: () => 2000,
    find: (request) => {
      const requestedAt = { monotonic: performance.now(), wall: wallClock() }
      return new Promise<CachedResponse>((resolve) => {
        sent.push({ request, end: (response) => resolve(responseOf(response, requestedAt)) })
      })
    },
    forget: async () => true,
  }
  const cache = createResponseCache(createLocalCache({ active: 10, inactive: 10 }), source, wallClock)
  return {
    cache,
    sent,
    introspect: (raw: string, maxAge = ANY_AGE, isSeen = false) => cache.introspect(requestFor(raw, isSeen), maxAge),
    cached: (raw: string) => cache.cached(requestFor(raw).digest, ANY_AGE)?.response,
    forget: (raw: string) => cache.forget(requestFor(raw).digest, []),
  }
}

describe('a token is one that was seen before (I14)', () => {
  it('if the last response called it active, or its caller has a reason', async () => {
    const { introspect, sent } = start()
    const responses = [active(), INACTIVE, active(), INACTIVE]
    for (const response of responses) {
      const found = introspect('a', 0)
      sent.at(-1)?.end(response)
      await found
      await clock.advance(1)
    }
    void introspect('a', 0, true)
    void introspect('b', 0, true)
    void introspect('c', 0)
    expect(sent.map(({ request }) => request.isSeen)).toEqual([false, true, false, true, true, true, false])
  })
})

describe('an introspection that was invalidated', () => {
  it('and ends before the next one: the next one is still joined, and cached', async () => {
    const { introspect, cached, forget, sent } = start()
    const first = introspect('a')
    await forget('a')
    const second = introspect('a')
    sent[0]?.end(active())
    await first
    expect(cached('a')).toBeUndefined()
    const third = introspect('a')
    expect(sent).toHaveLength(2)
    sent[1]?.end(INACTIVE)
    expect(await second).toBe(await third)
    expect(cached('a')).toEqual(INACTIVE)
  })
})

describe('an introspection that never ends, as on a runtime that stopped it', () => {
  it('is a failure a second after its deadline, and the next request starts another', async () => {
    const { introspect, cached, sent } = start()
    const lost = introspect('a')
    await clock.advance(2999)
    void introspect('a')
    expect(sent).toHaveLength(1)
    await clock.advance(1)
    expect(await lost).toMatchObject({ reason: 'introspection_unavailable' })
    const next = introspect('a')
    expect(sent).toHaveLength(2)
    sent[1]?.end(active())
    await next
    expect(cached('a')).toEqual(active())
    // What comes after all is too late.
    sent[0]?.end(INACTIVE)
    await clock.advance(1)
    expect(cached('a')).toEqual(active())
  })
})

it('what matches can be evicted, and the rest stays', async () => {
  const { cache, introspect, cached, sent } = start()
  for (const [raw, response] of [
    ['a', active({ sub: 'alice' })],
    ['b', active({ sub: 'bob' })],
    ['c', INACTIVE],
  ] as const) {
    const found = introspect(raw)
    sent.at(-1)?.end(response)
    await found
  }
  expect(cache.sizes()).toEqual({ active: 2, inactive: 1 })
  cache.evictWhere(({ response }) => response.active && response.claims.sub === 'alice')
  expect([cached('a'), cached('b'), cached('c')]).toEqual([undefined, active({ sub: 'bob' }), INACTIVE])
  expect(cache.sizes()).toEqual({ active: 1, inactive: 1 })
})
