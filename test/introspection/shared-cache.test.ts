import type { IntrospectionStore } from 'bearward'
import { describe, expect, it, vi } from 'vitest'
import { MAX_CHARACTERS, writeRecord } from '../../src/introspection/cache/record.ts'
import { createSharedCache } from '../../src/introspection/cache/shared-cache.ts'
import { active, createEvents, INACTIVE, NOW, sealer, wallClock } from './cache-kit.ts'

// I10: what a shared store is asked for, and what becomes of its answers and failures.

const KEY = `v2:${'A'.repeat(43)}`
const ACTIVE = { response: active(), requestedAt: NOW }

/** A cache on a store of which only some operations exist. */
function open(store: Partial<IntrospectionStore> = {}) {
  const { events, ...emitter } = createEvents()
  const cache = createSharedCache({ get: () => undefined, set: () => undefined, ...store }, wallClock, emitter)
  const codes = () =>
    events.map((event) => (event.type === 'store' ? [event.store, event.operation, event.code] : event))
  return { cache, codes }
}

const fails = () => {
  throw new Error('the store is down')
}

describe('a value in the store', () => {
  const found = async (value: unknown) => {
    const { cache, codes } = open({ get: () => value })
    return [await cache.find(KEY, sealer), codes()]
  }

  it.each([undefined, null, ''])('that is %j is no record, which is nothing to report', async (value) => {
    expect(await found(value)).toEqual([undefined, []])
  })

  it.each(['x', 0, false, {}])('that is %j is corrupt', async (value) => {
    expect(await found(value)).toEqual([undefined, [['introspection', 'get', 'corrupt']]])
  })

  it('may be from a process whose clock is ahead by a second, and is corrupt beyond that', async () => {
    const [near, far] = [
      { ...ACTIVE, requestedAt: NOW + 1 },
      { ...ACTIVE, requestedAt: NOW + 1.001 },
    ]
    expect(await found(await writeRecord(KEY, near, sealer))).toEqual([near, []])
    expect(await found(await writeRecord(KEY, far, sealer))).toEqual([undefined, [['introspection', 'get', 'corrupt']]])
  })
})

describe('a response', () => {
  const tooLarge = { ...ACTIVE, response: active({ name: 'x'.repeat(MAX_CHARACTERS) }) }
  const unsealed = { ...sealer, seal: fails }
  const kept = async (record: typeof ACTIVE, lifetime: number, seal = sealer) => {
    const [set, remove] = [vi.fn(), vi.fn()]
    await open({ set, delete: remove }).cache.keep(KEY, record, seal, lifetime)
    return [set.mock.calls, remove.mock.calls]
  }

  it('is written for its lifetime, in whole milliseconds', async () => {
    expect(await kept(ACTIVE, 0.0202)).toEqual([[[KEY, expect.stringContaining('"active":true'), 21]], []])
  })

  it('that must not be used again is not written; an inactive one replaces an older active one', async () => {
    expect(await kept(ACTIVE, 0)).toEqual([[], []])
    expect(await kept(ACTIVE, Number.NaN)).toEqual([[], []])
    expect(await kept({ ...ACTIVE, response: INACTIVE }, 0)).toEqual([[], [[KEY]]])
  })

  it('that cannot be written leaves no older one in its place', async () => {
    expect(await kept(tooLarge, 60)).toEqual([[], [[KEY]]])
    expect(await kept(ACTIVE, 60, unsealed)).toEqual([[], [[KEY]]])
  })

  it('is removed from a store that cannot delete by an empty text, which is no record', async () => {
    const set = vi.fn()
    expect(await open({ set }).cache.forget(KEY)).toBe(true)
    expect(set.mock.calls).toEqual([[KEY, '', 1]])
  })
})

describe('a claim', () => {
  it.each([
    ['true', () => true, 'mine'],
    ['false', async () => false, 'taken'],
    ['anything else', () => undefined as never, 'unknown'],
    ['an error', fails, 'unknown'],
  ])('of which the store says %s', async (_, claim, outcome) => {
    expect(await open({ claim }).cache.claim(KEY, 100)).toBe(outcome)
  })

  it('is unknown if the store has none', async () => {
    const { cache, codes } = open()
    expect(await cache.claim(KEY, 100)).toBe('unknown')
    await cache.release(KEY)
    expect(codes()).toEqual([])
  })

  it('is released even if the store has failed and nothing else is tried: other processes wait for it', async () => {
    const [get, release] = [vi.fn(fails), vi.fn()]
    const { cache } = open({ get, release })
    for (let time = 0; time < 9; time++) await cache.find(KEY, sealer)
    expect(get).toHaveBeenCalledTimes(5)
    await cache.release(KEY)
    expect(release.mock.calls).toEqual([[KEY]])
  })
})

it('the event of a failure names the operation, and no failure reaches the caller', async () => {
  const { cache, codes } = open({ get: fails, set: fails, delete: fails, claim: fails, release: fails })
  await cache.find(KEY, sealer)
  await cache.keep(KEY, ACTIVE, sealer, 60)
  await cache.keep(KEY, { ...ACTIVE, response: INACTIVE }, sealer, 0)
  expect(await cache.forget(KEY)).toBe(false)
  await cache.claim(KEY, 100)
  await cache.release(KEY)
  expect(codes()).toEqual(
    ['get', 'set', 'delete', 'delete', 'claim', 'release'].map((operation) => ['introspection', operation, 'failed']),
  )
})
