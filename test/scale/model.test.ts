import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Fleet, upstreamOf } from '../../scripts/scale/model.ts'
import { scaleTable } from '../../scripts/scale/table.ts'

const FLEET: Fleet = {
  processes: 10,
  jwtRequests: 1e9,
  opaqueRequests: 1e9,
  keySets: 2,
  keyLifetime: 100,
  opaqueTokens: 30,
  active: 60,
  shared: false,
  revocations: true,
}

describe('the model of many processes', () => {
  it('with constant traffic, has everything refreshed when it is due', () => {
    const upstream = upstreamOf(FLEET)
    expect(upstream.keySetFetches).toBeCloseTo(20 / 75)
    expect(upstream.introspections).toBeCloseTo(300 / 60)
    expect(upstream.revocationStoreCalls).toBe(20)
  })

  it('with little traffic, has each request introspected', () => {
    expect(upstreamOf({ ...FLEET, opaqueRequests: 0.001 }).introspections).toBeCloseTo(0.001, 4)
  })

  it('with a shared store or routing by token, introspects as often as one process', () => {
    const { introspections } = upstreamOf({ ...FLEET, processes: 1 })
    expect(upstreamOf({ ...FLEET, shared: true }).introspections).toBeCloseTo(introspections)
    expect(upstreamOf({ ...FLEET, processesOfToken: 1 }).introspections).toBeCloseTo(introspections)
    // Five calls in the process that introspects, one in each of the other nine.
    expect(upstreamOf({ ...FLEET, shared: true }).responseStoreCalls).toBeCloseTo(introspections * 14)
  })

  it('is the source of the table in docs/scale.md', () => {
    expect(readFileSync('docs/scale.md', 'utf8')).toContain(`\n${scaleTable()}\n`)
  })
})
