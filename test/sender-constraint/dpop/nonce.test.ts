import { describe, expect, it } from 'vitest'
import { createNonces } from '../../../src/sender-constraint/dpop/nonce.ts'
import { NOW } from './kit.ts'

const SECRET = new TextEncoder().encode('a secret of thirty-two bytes, or more')

function noncesAt(now: number, changes: object = {}) {
  const clock = { now }
  return { clock, nonces: createNonces({ secret: SECRET, rotate: 300, clock: () => clock.now, ...changes }) }
}

describe('a nonce (D3, RFC 9449 §8)', () => {
  it('has the characters of RFC 9449 §8.1', async () => {
    expect(await noncesAt(NOW).nonces.current()).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]{43}$/)
  })

  it('is the same for its whole window, and differs in the next', async () => {
    const { clock, nonces } = noncesAt(NOW)
    const first = await nonces.current()
    clock.now = NOW + 299.9
    expect(await nonces.current()).toBe(first)
    clock.now = NOW + 300
    expect(await nonces.current()).not.toBe(first)
  })

  it('is accepted in its window and the next one, and not later', async () => {
    const { clock, nonces } = noncesAt(NOW)
    const first = await nonces.current()
    for (const [seconds, accepted] of [
      [0, true],
      [599.9, true],
      [600, false],
      [1e6, false],
      [-300, true],
      [-300.1, false],
    ] as const) {
      clock.now = NOW + seconds
      expect(await nonces.accepts(first), `${seconds} s later`).toBe(accepted)
    }
  })

  it('is accepted by another process with the same secret, whose clock is ahead or behind', async () => {
    const issued = await noncesAt(NOW).nonces.current()
    expect(await noncesAt(NOW + 2).nonces.accepts(issued)).toBe(true)
    expect(await noncesAt(NOW - 2).nonces.accepts(issued)).toBe(true)
    expect(await noncesAt(NOW).nonces.current()).toBe(issued)
  })

  it('is refused under another secret, or another rotation period', async () => {
    const issued = await noncesAt(NOW).nonces.current()
    expect(await noncesAt(NOW, { secret: SECRET.slice(1) }).nonces.accepts(issued)).toBe(false)
    expect(await noncesAt(NOW, { rotate: 600 }).nonces.accepts(issued)).toBe(false)
  })

  it('is compared exactly', async () => {
    const { nonces } = noncesAt(NOW)
    const issued = await nonces.current()
    for (const other of [
      issued.slice(1),
      `${issued} `,
      issued.toLowerCase(),
      '',
      [issued],
      { toString: () => issued },
      1,
    ]) {
      expect(await nonces.accepts(other)).toBe(false)
    }
  })

  it('does not exist if the clock returns no number', async () => {
    const { nonces } = noncesAt(Number.NaN)
    expect(await nonces.accepts(await noncesAt(NOW).nonces.current())).toBe(false)
  })
})
