import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ResourceServer } from 'bearward'
import { describe, expect, it } from 'vitest'
import { activeAnswer } from '../support/issuer/introspection-endpoint.ts'
import { amount } from '../support/tiers/amount.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { useBench } from './kit.ts'
import { createStub } from './stub.ts'

// SPEC I4, S4: random tokens by the million take a bounded room, and push out nothing that is good.

const bench = useBench()
// It stands still: what is missing in the end was pushed out, and has not grown old.
const clock = useMonotonicClock()

const GOOD = 10_000
const MIB = 2 ** 20
const CHUNK = 1000
const RANDOM = amount(1_000_000, 40_000)

/** What is reachable, after all else is collected where the runtime can be told to. */
function heap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('globalThis.gc') as (() => void) | undefined
  collect?.()
  return process.memoryUsage().heapUsed
}

const outcomeOf = async (server: ResourceServer, token: string): Promise<boolean> => {
  try {
    await server.verify(token)
    return true
  } catch {
    return false
  }
}

/** Random tokens, many at once but not all: nobody has a million requests in flight. */
async function flood(server: ResourceServer, count: number): Promise<void> {
  for (let at = 0; at < count; at += CHUNK) {
    await Promise.all(Array.from({ length: CHUNK }, () => outcomeOf(server, crypto.randomUUID())))
  }
}

const goodTokens = Array.from({ length: GOOD }, (_, index) => `good-${index}`)

/** Asks for every good token; returns how many were accepted. */
async function visitGood(server: ResourceServer): Promise<number> {
  let accepted = 0
  for (const token of goodTokens) if (await outcomeOf(server, token)) accepted++
  return accepted
}

const answer = (token: string) => (token.startsWith('good-') ? activeAnswer({ sub: token }) : { active: false })

describe('10,000 good tokens among random ones', () => {
  it(`${RANDOM} random tokens: 95 % of the good ones are still there, and the heap grows by 64 MiB at most`, {
    timeout: 300_000,
  }, async () => {
    // A function in place of an endpoint: the same cache, and a million of them take seconds.
    const counts = { good: 0, random: 0 }
    const server = bench.verifying(
      (token) => {
        counts[token.startsWith('good-') ? 'good' : 'random']++
        return answer(token) as never
      },
      {},
      { onEvent: () => undefined },
    )
    await flood(server, 20_000)
    const start = heap()
    expect(await visitGood(server)).toBe(GOOD)
    await flood(server, RANDOM / 2)
    const middle = heap()
    await flood(server, RANDOM / 2)
    expect(Math.max(middle, heap()) - start).toBeLessThan(64 * MIB)
    expect(counts.random).toBe(RANDOM + 20_000)
    const before = counts.good
    expect(await visitGood(server)).toBe(GOOD)
    expect(counts.good - before).toBeLessThanOrEqual(GOOD * 0.05)
  })

  const ASKED = amount(40_000, 4000)
  it(`${ASKED} random tokens asked about at an endpoint: the same`, { timeout: 300_000 }, async () => {
    const stub = createStub(answer, false)
    const server = bench.server({}, {}, { fetch: stub.fetch, onEvent: () => undefined })
    expect(await visitGood(server)).toBe(GOOD)
    const start = heap()
    await flood(server, ASKED / 2)
    const middle = heap()
    await flood(server, ASKED / 2)
    expect(Math.max(middle, heap()) - start).toBeLessThan(64 * MIB)
    const before = stub.total()
    expect(await visitGood(server)).toBe(GOOD)
    expect(stub.total() - before).toBeLessThanOrEqual(GOOD * 0.05)
  })
})

describe('the limits', () => {
  it('limits.active and limits.inactive say how many verdicts are kept', async () => {
    const stub = createStub(answer)
    const server = bench.server({}, {}, { fetch: stub.fetch, cacheSize: { active: 10, inactive: 20 } })
    for (let index = 0; index < 30; index++) {
      await outcomeOf(server, `good-${index}`)
      await outcomeOf(server, `bad-${index}`)
    }
    expect(stub.total()).toBe(60)
    // The last ones are there. From the newest to the oldest, so that the visit itself pushes nothing out.
    for (let index = 29; index >= 20; index--) await outcomeOf(server, `good-${index}`)
    for (let index = 29; index >= 10; index--) await outcomeOf(server, `bad-${index}`)
    expect(stub.total()).toBe(60)
    await outcomeOf(server, 'good-0')
    await outcomeOf(server, 'bad-0')
    expect(stub.total()).toBe(62)
  })

  it('an inactive token takes no place of an active one', async () => {
    const stub = createStub(answer)
    const server = bench.server({}, {}, { fetch: stub.fetch, cacheSize: { active: 1, inactive: 1 } })
    await outcomeOf(server, 'good-1')
    for (let index = 0; index < 100; index++) await outcomeOf(server, `bad-${index}`)
    await outcomeOf(server, 'good-1')
    expect(stub.calls('good-1')).toBe(1)
  })

  it('large answers do not add up to more than a bounded room', { timeout: 120_000 }, async () => {
    // 60 KiB in few members: it is their room that counts, not the time to read them.
    const filler = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`member-${index}`, 'x'.repeat(4000)]))
    const stub = createStub((token) => activeAnswer({ ...filler, sub: token }), false)
    const server = bench.server({}, {}, { fetch: stub.fetch, onEvent: () => undefined })
    await flood(server, 1000)
    const start = heap()
    await flood(server, 3000)
    expect(heap() - start).toBeLessThan(128 * MIB)
  })

  it('an answer as large as allowed is taken, and one byte more is not (SPEC §10)', async () => {
    const size = (bytes: number) => {
      const empty = JSON.stringify(activeAnswer({ filler: '' })).length
      return activeAnswer({ filler: 'x'.repeat(bytes - empty) })
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

it('a verdict that was pushed out is asked for again, and its end still counts', async () => {
  const stub = createStub(answer)
  const server = bench.server({}, {}, { fetch: stub.fetch, cacheSize: { active: 2 } })
  for (const token of ['good-1', 'good-2', 'good-3', 'good-1']) expect(await outcomeOf(server, token)).toBe(true)
  expect(stub.calls('good-1')).toBe(2)
  clock.advance(61)
  await outcomeOf(server, 'good-1')
  expect(stub.calls('good-1')).toBe(3)
})
