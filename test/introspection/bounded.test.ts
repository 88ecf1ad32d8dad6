import type { ResourceServer } from 'bearward'
import { describe, expect, it } from 'vitest'
import { reachableBytes } from '../support/heap.ts'
import { activeResponse } from '../support/issuer/introspection-endpoint.ts'
import { amount } from '../support/tiers/amount.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { useBench } from './kit.ts'
import { createStub } from './stub.ts'

// I4, S4: millions of random tokens use bounded memory and evict no good token.

const bench = useBench()
// The clock does not move: an entry missing at the end was evicted, not expired.
const clock = useMonotonicClock()

const GOOD = 10_000
const MIB = 2 ** 20
const CHUNK = 1000
const RANDOM = amount(1_000_000, 12_000)
const FIRST = amount(20_000, 10_000)

const outcomeOf = async (server: ResourceServer, token: string): Promise<boolean> => {
  try {
    await server.verify(token)
    return true
  } catch {
    return false
  }
}

/** Random tokens in chunks: no server has a million requests in flight. */
async function flood(server: ResourceServer, count: number): Promise<void> {
  for (let at = 0; at < count; at += CHUNK) {
    await Promise.all(Array.from({ length: Math.min(CHUNK, count - at) }, () => outcomeOf(server, crypto.randomUUID())))
  }
}

const goodTokens = Array.from({ length: GOOD }, (_, index) => `good-${index}`)

/** Verifies every good token; returns how many were accepted. */
async function visitGood(server: ResourceServer): Promise<number> {
  let accepted = 0
  for (const token of goodTokens) if (await outcomeOf(server, token)) accepted++
  return accepted
}

const respond = (token: string) => (token.startsWith('good-') ? activeResponse({ sub: token }) : { active: false })

describe('10,000 good tokens among random ones', () => {
  it(`${RANDOM} random tokens: 95 % of the good ones are still cached, and the heap grows by 64 MiB at most`, {
    timeout: 300_000,
  }, async () => {
    // A function instead of an endpoint: the same cache, and a million calls take seconds.
    const counts = { good: 0, random: 0 }
    const server = bench.verifying(
      (token) => {
        counts[token.startsWith('good-') ? 'good' : 'random']++
        return respond(token) as never
      },
      {},
      { onEvent: () => undefined },
    )
    await flood(server, FIRST)
    const start = reachableBytes()
    expect(await visitGood(server)).toBe(GOOD)
    await flood(server, RANDOM / 2)
    const middle = reachableBytes()
    await flood(server, RANDOM / 2)
    expect(Math.max(middle, reachableBytes()) - start).toBeLessThan(64 * MIB)
    expect(counts.random).toBe(RANDOM + FIRST)
    const before = counts.good
    expect(await visitGood(server)).toBe(GOOD)
    expect(counts.good - before).toBeLessThanOrEqual(GOOD * 0.05)
  })

  const INTROSPECTED = amount(40_000, 2000)
  it(`${INTROSPECTED} random tokens introspected at an endpoint: the same`, { timeout: 300_000 }, async () => {
    const stub = createStub(respond, false)
    const server = bench.server({}, {}, { fetch: stub.fetch, onEvent: () => undefined })
    expect(await visitGood(server)).toBe(GOOD)
    const start = reachableBytes()
    await flood(server, INTROSPECTED / 2)
    const middle = reachableBytes()
    await flood(server, INTROSPECTED / 2)
    expect(Math.max(middle, reachableBytes()) - start).toBeLessThan(64 * MIB)
    const before = stub.total()
    expect(await visitGood(server)).toBe(GOOD)
    expect(stub.total() - before).toBeLessThanOrEqual(GOOD * 0.05)
  })
})

describe('cacheSize', () => {
  it('active and inactive limit the number of cached responses', async () => {
    const stub = createStub(respond)
    const server = bench.server({}, {}, { fetch: stub.fetch, cacheSize: { active: 10, inactive: 20 } })
    for (let index = 0; index < 30; index++) {
      await outcomeOf(server, `good-${index}`)
      await outcomeOf(server, `bad-${index}`)
    }
    expect(stub.total()).toBe(60)
    // The last ones are cached. Newest to oldest, so that this loop evicts nothing.
    for (let index = 29; index >= 20; index--) await outcomeOf(server, `good-${index}`)
    for (let index = 29; index >= 10; index--) await outcomeOf(server, `bad-${index}`)
    expect(stub.total()).toBe(60)
    await outcomeOf(server, 'good-0')
    await outcomeOf(server, 'bad-0')
    expect(stub.total()).toBe(62)
  })

  it('an inactive token does not evict an active one', async () => {
    const stub = createStub(respond)
    const server = bench.server({}, {}, { fetch: stub.fetch, cacheSize: { active: 1, inactive: 1 } })
    await outcomeOf(server, 'good-1')
    for (let index = 0; index < 100; index++) await outcomeOf(server, `bad-${index}`)
    await outcomeOf(server, 'good-1')
    expect(stub.calls('good-1')).toBe(1)
  })

  it('large responses use bounded memory', { timeout: 120_000 }, async () => {
    // In the quick tier the same size has fewer members: this measures memory, not parsing time.
    const length = amount(200, 10)
    const text = 'x'.repeat(40_000 / length)
    const filler = Object.fromEntries(Array.from({ length }, (_, index) => [`member-${index}`, text]))
    const stub = createStub((token) => activeResponse({ ...filler, sub: token }), false)
    const server = bench.server({}, {}, { fetch: stub.fetch, onEvent: () => undefined })
    await flood(server, 300)
    const start = reachableBytes()
    // Without a limit, they would take 160 MB and more; in the quick tier, 60 MB.
    await flood(server, amount(4000, 1500))
    expect(reachableBytes() - start).toBeLessThan(amount(128, 32) * MIB)
  })

  it('a response of the maximum size is accepted, and one byte more is not', async () => {
    const size = (bytes: number) => {
      const empty = JSON.stringify(activeResponse({ filler: '' })).length
      return activeResponse({ filler: 'x'.repeat(bytes - empty) })
    }
    const stub = createStub((token) => size(Number(token)))
    const server = bench.server({}, {}, { fetch: stub.fetch })
    expect(await outcomeOf(server, '65536')).toBe(true)
    expect(await outcomeOf(server, '65537')).toBe(false)
    expect(bench.log.of('fetch').at(-1)).toMatchObject({ outcome: 'failed', code: 'too_large' })
    const small = bench.server({}, {}, { fetch: stub.fetch, limits: { introspection: 1000 } })
    expect(await outcomeOf(small, '1000')).toBe(true)
    expect(await outcomeOf(small, '1001')).toBe(false)
  })
})

it('an evicted response is requested again, and still expires', async () => {
  const stub = createStub(respond)
  const server = bench.server({}, {}, { fetch: stub.fetch, cacheSize: { active: 2 } })
  for (const token of ['good-1', 'good-2', 'good-3', 'good-1']) expect(await outcomeOf(server, token)).toBe(true)
  expect(stub.calls('good-1')).toBe(2)
  clock.advance(61)
  await outcomeOf(server, 'good-1')
  expect(stub.calls('good-1')).toBe(3)
})
