import { describe, expect, it } from 'vitest'
import { createUnrecordedKeys } from '../../../src/sender-constraint/dpop/unrecorded-keys.ts'
import { useMonotonicClock } from '../../support/upstream/monotonic-clock.ts'

const clock = useMonotonicClock()

describe('a key with a proof that was not recorded here (RFC 9449 §11.1)', () => {
  it('counts until the proof cannot be replayed any more, whatever other keys come', () => {
    const unrecorded = createUnrecordedKeys(75_000)
    unrecorded.note('a')
    clock.advance(50)
    unrecorded.note('b')
    clock.advance(24.999)
    unrecorded.note('c')
    expect(['a', 'b', 'c', 'd'].map(unrecorded.has)).toEqual([true, true, true, false])
    clock.advance(0.001)
    unrecorded.note('d')
    expect(['a', 'b', 'c', 'd'].map(unrecorded.has)).toEqual([false, true, true, true])
  })

  it('counts from its last such proof', () => {
    const unrecorded = createUnrecordedKeys(75_000)
    for (const key of ['a', 'b', 'a']) {
      unrecorded.note(key)
      clock.advance(50)
    }
    unrecorded.note('c')
    expect(['a', 'b'].map(unrecorded.has)).toEqual([true, false])
    clock.advance(25)
    expect(unrecorded.has('a')).toBe(false)
  })

  it('is any key, if it is not known which', () => {
    const unrecorded = createUnrecordedKeys(75_000)
    unrecorded.note(undefined)
    clock.advance(74.999)
    expect(unrecorded.has('a')).toBe(true)
    clock.advance(0.001)
    expect(unrecorded.has('a')).toBe(false)
  })
})
