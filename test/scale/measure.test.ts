import { expect, it } from 'vitest'
import { measure } from '../../scripts/scale/measure.ts'
import { type Fleet, type Upstream, upstreamOf } from '../../scripts/scale/model.ts'
import { describeWithRedis } from '../support/redis/server.ts'

// The model behind docs/scale.md, next to real processes, an authorization server and a Redis.

const FLEET: Fleet = {
  processes: 3,
  jwtRequests: 60,
  opaqueRequests: 60,
  keySets: 4,
  keyLifetime: 2,
  opaqueTokens: 15,
  active: 2,
  shared: false,
  revocations: false,
}

/** How far the measured rate may be from the predicted one. Arrivals are random, and 12 seconds are short. */
const TOLERANCE = 0.3

async function compare(fleet: Fleet, names: readonly (keyof Upstream)[]) {
  const measured = await measure(fleet, 12)
  const model = upstreamOf(measured.fleet)
  expect(measured.failures).toEqual([])
  for (const name of names) {
    expect(Math.abs(measured[name] / model[name] - 1), `${name}: ${measured[name]}, not ${model[name]}`).toBeLessThan(
      TOLERANCE,
    )
  }
  return measured
}

describeWithRedis('what three processes ask of the authorization server and of Redis', () => {
  it('follows the model without stores', { timeout: 120_000 }, async () => {
    const measured = await compare(FLEET, ['keySetFetches', 'introspections'])
    expect([measured.responseStoreCalls, measured.revocationStoreCalls]).toEqual([0, 0])
  })

  it('follows the model with shared stores', { timeout: 120_000 }, () =>
    compare({ ...FLEET, shared: true, revocations: true }, [
      'keySetFetches',
      'introspections',
      'responseStoreCalls',
      'revocationStoreCalls',
    ]),
  )
})
