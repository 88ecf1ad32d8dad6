import { expect, it } from 'vitest'
import { createSlots } from '../../src/util/slots.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'

const clock = useMonotonicClock()

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
