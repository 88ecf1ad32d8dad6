import { expect, it } from 'vitest'
import { activeResponse } from '../support/issuer/introspection-endpoint.ts'
import { amount } from '../support/tiers/amount.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { send } from '../support/upstream/requests.ts'
import { useBench } from './kit.ts'
import { createStub } from './stub.ts'

// I4: with caching, no token is accepted after exp plus the tolerance.

const bench = useBench()
const monotonic = useMonotonicClock()

const TOKENS = amount(2000, 600)
const STEPS = 400
const STEP = 0.5
const REQUESTS_PER_STEP = amount(50, 20)

/** A reproducible generator (Lehmer, modulus 2^31 - 1). */
function createDice(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

for (const clockTolerance of [0, 30]) {
  it(`${TOKENS} tokens of 1 to 120 s, a tolerance of ${clockTolerance} s: never accepted after the end (RFC 7662 §4)`, async () => {
    const dice = createDice(7 + clockTolerance)
    const begin = 1_800_000_000
    let now = begin
    const tokens = Array.from({ length: TOKENS }, (_, index) => ({
      name: `t-${index}`,
      exp: begin + 1 + dice(240) / 2,
    }))
    const ends = new Map(tokens.map(({ name, exp }) => [name, exp]))
    // The endpoint always says active: it has a slow clock, or its own cache.
    const stub = createStub((token) => activeResponse({ iat: begin, exp: ends.get(token) }))
    const server = bench.server({}, { clockTolerance }, { clock: () => now, fetch: stub.fetch })
    const counts = { good: 0, tooLate: 0, early: 0, refused: 0 }
    for (let step = 0; step < STEPS; step++) {
      for (let round = 0; round < REQUESTS_PER_STEP; round++) {
        const { name, exp } = tokens[dice(TOKENS)] as (typeof tokens)[number]
        const { status } = await send(server, name)
        const over = now >= exp + clockTolerance
        if (status === 200) counts[over ? 'tooLate' : 'good']++
        else counts[over ? 'refused' : 'early']++
      }
      now += STEP
      monotonic.advance(STEP)
    }
    expect(counts).toMatchObject({ tooLate: 0, early: 0 })
    // The cache was exercised: it served most of the accepted requests.
    expect(counts.good).toBeGreaterThan(1000)
    expect(counts.refused).toBeGreaterThan(1000)
    expect(stub.total()).toBeLessThan(STEPS * REQUESTS_PER_STEP * 0.9)
  })
}
