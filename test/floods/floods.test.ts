import { beforeAll, describe, expect, it } from 'vitest'
import { type Measured, measure } from '../../scripts/floods/flood.ts'
import { FLOODS } from '../../scripts/floods/floods.ts'

// The table of docs/floods.md: counts and ratios, whatever the machine. K4, M1, M4, I4, I14.

const SECONDS = 5
let results: readonly Measured[]
beforeAll(async () => {
  results = await Promise.all(FLOODS.map((flood) => measure(flood, SECONDS)))
}, 120_000)

describe('one sender of 200 made-up requests a second', () => {
  it.each(FLOODS.map(({ name }) => name))('%s: within the bounds', (name) => {
    const result = results.find((one) => one.name === name)
    expect(result?.problems).toEqual([])
    expect(result?.sent).toBe(200 * SECONDS)
  })

  it('was measured: good tokens were sent, and those that need introspection cause requests', () => {
    expect(results.every(({ outcomes }) => Object.keys(outcomes).length > 0)).toBe(true)
    const random = results.find(({ name }) => name === 'random opaque tokens')
    expect(random).toMatchObject({ caused: { requests: 1000 }, entries: 1000, outcomes: { '401 inactive': 1000 } })
  })
})
