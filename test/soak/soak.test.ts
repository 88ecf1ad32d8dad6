import { expect, it } from 'vitest'
import { heapSlope, soak } from '../../scripts/soak/soak.ts'

// `npm run soak`, for seconds: everything happens once. Process-wide listeners: process.on.

it('under load, whatever happens, no response is wrong and nothing is unhandled', { timeout: 120_000 }, async () => {
  const result = await soak({ seconds: 5, rate: 60 })
  expect(result.falseAccepts).toEqual([])
  expect(result.wrong).toEqual([])
  expect(result.unhandled).toEqual([])
  expect(Object.keys(result.chapters)).toHaveLength(6)
  expect(result.requests).toBeGreaterThan(100)
  const kinds = new Set(Object.keys(result.statuses).map((line) => line.replace(/: \d+$/, '')))
  expect(kinds.size).toBe(10)
  expect(result.statuses['good opaque token: 503']).toBeGreaterThan(0) // the outage was one
})

it('the slope of a heap that grows by 1 MiB in each interval of 5 minutes is 12 MiB an hour', () => {
  expect(heapSlope({ heap: [9, 1, 5, 5, 1, 2, 3, 4, 5, 6, 7, 8], seconds: 3600 })).toBeCloseTo(12)
})
