import { expect, it } from 'vitest'
import { createSlots } from '../../src/util/slots.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'

const clock = useMonotonicClock()

it('preferred work always finds the slots that are reserved for it, and others all the rest', async () => {
  const slots = createSlots((running) => running < 4, 1000, 1)
  const others = await Promise.all(Array.from({ length: 3 }, () => slots.take(20, false)))
  expect(others.map((release) => typeof release)).toEqual(['function', 'function', 'function'])
  const waiting = slots.take(1000, false)
  const preferred = await slots.take(20)
  expect(preferred).toBeTypeOf('function')
  expect(await slots.take(20)).toBeUndefined()
  preferred?.()
  others[0]?.()
  expect(await waiting).toBeTypeOf('function')
  expect(await slots.take(20, false)).toBeUndefined()
  // Beside preferred work, others get what is left.
  const [first, second] = [await slots.take(20), await slots.take(20)]
  expect([typeof first, second]).toEqual(['function', undefined])
})

it('a slot whose work never ends, as on Workers, is free again after the longest duration', async () => {
  const slots = createSlots((running) => running < 1, 1000)
  expect(await slots.take(20)).toBeTypeOf('function')
  clock.advance(0.999)
  expect(await slots.take(20)).toBeUndefined()
  clock.advance(0.001)
  const release = await slots.take(20)
  expect(await slots.take(20)).toBeUndefined()
  release?.()
  release?.()
  expect(await slots.take(20)).toBeTypeOf('function')
  expect(await slots.take(20)).toBeUndefined()
})
