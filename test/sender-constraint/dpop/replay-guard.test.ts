import { inspect } from 'node:util'
import type { ReplayStore } from 'bearward'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { BearwardEvent } from '../../../src/events/events.ts'
import { createReplayGuard, type ReplaySettings } from '../../../src/sender-constraint/dpop/replay-guard.ts'

const KEY = 'k'.repeat(43)
const OTHER = 'o'.repeat(43)

function guardWith(changes: Partial<ReplaySettings> = {}) {
  const events: BearwardEvent[] = []
  const settings: ReplaySettings = { window: 75, max: 100, store: undefined, onStoreFailure: 'refuse', ...changes }
  const guard = createReplayGuard(settings, { wants: () => true, emit: (event) => void events.push(event) })
  /** `unavailable` if uniqueness could not be checked, with the seconds until it may be. */
  async function use(jti: string, key = KEY): Promise<boolean | { retryAfter: number | undefined }> {
    const outcome = await guard.firstUse(key, { jti, iat: performance.now() / 1000 })
    if (typeof outcome === 'boolean') return outcome
    expect(outcome.reason).toBe('replay_unavailable')
    return { retryAfter: outcome.details.retryAfter }
  }
  return {
    use,
    events,
    size: () => guard.size(),
    faults: () => events.map((event) => (event.type === 'store' ? event.code : event.type)),
  }
}

const isRefused = (outcome: unknown): boolean => typeof outcome === 'object'

/** A clock that moves only when a test sets it, in whole milliseconds: differences are exact. */
function stopTime() {
  let now = Math.ceil(performance.now())
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  return (seconds: number) => {
    now += seconds * 1000
  }
}
afterEach(() => vi.restoreAllMocks())

describe('in one process (RFC 9449 §11.1)', () => {
  it('a proof is used once, and two clients may use the same jti', async () => {
    const { use, size } = guardWith()
    expect(await use('a')).toBe(true)
    expect(await use('a')).toBe(false)
    expect(await use('b')).toBe(true)
    expect(await use('a', OTHER)).toBe(true)
    expect(await use('a', OTHER)).toBe(false)
    expect(size()).toBe(3)
  })

  it('no other pair of key and jti counts as the same', async () => {
    const { use } = guardWith()
    const [one, other] = [`${'k'.repeat(42)}\n`, 'k'.repeat(43)]
    expect(await use('kx', one)).toBe(true)
    expect(await use('x', other)).toBe(true)
    expect(await use('\nx', other)).toBe(true)
  })

  it('it is recorded for the whole window, plus ten seconds for clock differences', async () => {
    const pass = stopTime()
    const { use } = guardWith()
    await use('a')
    pass(84.9)
    expect(await use('a')).toBe(false)
    pass(0.2)
    expect(await use('a')).toBe(true)
  })

  it('the number of records is limited, and none is evicted early: 503', async () => {
    const pass = stopTime()
    const { use, events } = guardWith({ max: 3 })
    await use('a', 'key a')
    pass(10)
    await use('b', 'key b')
    await use('c', 'key c')
    expect(await use('d', 'key d')).toEqual({ retryAfter: 75 })
    expect(events).toEqual([{ type: 'store', store: 'replay', operation: 'first_use', code: 'full', duration: 0 }])
    for (const jti of ['a', 'b', 'c']) expect(await use(jti, `key ${jti}`)).toBe(false)
    pass(75.1)
    expect(await use('d', 'key d')).toBe(true)
    expect(await use('b', 'key b')).toBe(false)
    expect(isRefused(await use('e', 'key e'))).toBe(true)
  })

  it('one key has only its share, and others get through: 503 for its own client only', async () => {
    const pass = stopTime()
    const { use, events } = guardWith({ max: 100 })
    const tried = Array.from({ length: 100 }, (_, count) => `${count}`)
    const outcomes = []
    for (const jti of tried) outcomes.push(await use(jti))
    const taken = outcomes.filter((one) => one === true).length
    expect(taken).toBeLessThan(20)
    expect(outcomes.slice(taken)).toEqual(tried.slice(taken).map(() => ({ retryAfter: 85 })))
    expect(events).toEqual(
      tried
        .slice(taken)
        .map(() => ({ type: 'store', store: 'replay', operation: 'first_use', code: 'share', duration: 0 })),
    )
    expect(await use('0', OTHER)).toBe(true)
    expect(await use('0')).toBe(false)
    pass(85.1)
    expect(await use('99')).toBe(true)
  })

  it('a hundred concurrent uses count as one', async () => {
    const { use } = guardWith()
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => use('a')))
    expect(outcomes.filter((one) => one === true)).toHaveLength(1)
  })
})

/** A store as another process would see it. */
function createStore() {
  const calls: [string, number][] = []
  const seen = new Set<string>()
  const store: ReplayStore = {
    async firstUse(key, ttl) {
      calls.push([key, ttl])
      return !seen.has(key) && Boolean(seen.add(key))
    },
  }
  return { store, calls }
}

describe('with a shared store', () => {
  it('a proof is accepted once by all processes', async () => {
    const { store, calls } = createStore()
    const [one, other] = [guardWith({ store }), guardWith({ store })]
    expect(await one.use('a')).toBe(true)
    expect(await other.use('a')).toBe(false)
    expect(await one.use('a')).toBe(false)
    expect(await one.use('a', OTHER)).toBe(true)
    expect(new Set(calls.map(([key]) => key)).size).toBe(2)
    for (const [key, ttl] of calls) {
      // The record reveals neither a key nor a jti.
      expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/)
      expect(ttl).toBe(85_000)
    }
  })

  const failing: [string, ReplayStore['firstUse'], string][] = [
    ['throws', () => Promise.reject(new Error('down')), 'failed'],
    [
      'throws at once',
      () => {
        throw new Error('down')
      },
      'failed',
    ],
    ['never responds', () => new Promise(() => undefined), 'timeout'],
    ['returns nothing', () => undefined as unknown as boolean, 'corrupt'],
    ['returns a number', async () => 1 as unknown as boolean, 'corrupt'],
    ['returns a string', async () => 'OK' as unknown as boolean, 'corrupt'],
  ]

  it.each(failing)('that %s, nothing is accepted: 503', async (_, firstUse, fault) => {
    const { use, events } = guardWith({ store: { firstUse } })
    expect(isRefused(await use('a'))).toBe(true)
    expect(events).toEqual([
      { type: 'store', store: 'replay', operation: 'first_use', code: fault, duration: expect.any(Number) },
    ])
  })

  it.each(failing)('that %s, each process records locally if configured', async (_, firstUse, fault) => {
    const { use, events, faults } = guardWith({ store: { firstUse }, onStoreFailure: 'use_local', max: 2 })
    expect(await use('a')).toBe(true)
    expect(await use('a')).toBe(false)
    expect(isRefused(await use('b'))).toBe(true)
    expect(await use('b', OTHER)).toBe(true)
    expect(isRefused(await use('c', 'key c'))).toBe(true)
    expect(faults()).toEqual([fault, fault, 'share', fault, fault, 'full'])
    for (const event of events) expect(event).toMatchObject({ store: 'replay', operation: 'first_use' })
  })

  it('that fails, a proof that did not fit locally is accepted once there is space', async () => {
    const pass = stopTime()
    const firstUse = () => Promise.reject(new Error('down'))
    const { use } = guardWith({ store: { firstUse }, onStoreFailure: 'use_local', max: 2 })
    expect(await use('a')).toBe(true)
    expect(isRefused(await use('b'))).toBe(true)
    pass(86)
    expect(await use('b')).toBe(true)
    expect(await use('b')).toBe(false)
  })

  it('that fails repeatedly is not used for a while', async () => {
    const firstUse = vi.fn(() => Promise.reject(new Error('down')))
    const { use } = guardWith({ store: { firstUse } })
    for (let count = 0; count < 20; count++) expect(isRefused(await use(`${count}`))).toBe(true)
    expect(firstUse).toHaveBeenCalledTimes(5)
    const refused = await use('x')
    expect((refused as { retryAfter: number }).retryAfter).toBeGreaterThan(0)
    expect((refused as { retryAfter: number }).retryAfter).toBeLessThanOrEqual(1)
  })

  it('that fails later, a proof used before is refused by the local record, if configured', async () => {
    const { store } = createStore()
    let isDown = false
    const firstUse: ReplayStore['firstUse'] = (key, ttl) =>
      isDown ? Promise.reject(new Error('down')) : store.firstUse(key, ttl)
    const { use } = guardWith({ store: { firstUse }, onStoreFailure: 'use_local' })
    expect(await use('a')).toBe(true)
    isDown = true
    expect(await use('a')).toBe(false)
    expect(await use('b')).toBe(true)
    isDown = false
    expect(await use('b')).toBe(false)
  })

  it('that fails later, a local record that was full accepts nothing', async () => {
    for (const [max, other, fault] of [
      [2, true, 'share'],
      [1, false, 'full'],
    ] as const) {
      const pass = stopTime()
      const { store } = createStore()
      let isDown = false
      const firstUse: ReplayStore['firstUse'] = (key, ttl) =>
        isDown ? Promise.reject(new Error('down')) : store.firstUse(key, ttl)
      const { use, faults } = guardWith({ store: { firstUse }, onStoreFailure: 'use_local', max })
      expect(await use('a')).toBe(true)
      pass(40)
      expect(await use('b')).toBe(true)
      isDown = true
      expect(isRefused(await use('c'))).toBe(true)
      expect(faults()).toEqual(['failed', fault])
      isDown = false
      pass(46)
      isDown = true
      // There is space again; but no local record shows whether an earlier proof was used.
      expect(isRefused(await use('x', OTHER))).toBe(!other)
      expect(isRefused(await use('b'))).toBe(true)
      pass(86)
      expect(await use('y')).toBe(true)
      vi.restoreAllMocks()
    }
  })

  it('that fails during a call, a proof that did not fit locally is not accepted a second time', async () => {
    const pass = stopTime()
    const responders: ((isFirst: boolean) => void)[] = []
    let isDown = false
    const firstUse: ReplayStore['firstUse'] = () =>
      isDown ? Promise.reject(new Error('down')) : new Promise<boolean>((respond) => responders.push(respond))
    const { use } = guardWith({ store: { firstUse }, onStoreFailure: 'use_local', max: 2 })
    const first = use('a')
    const second = use('b')
    await vi.waitUntil(() => responders.length === 2, { interval: 1 })
    pass(86)
    isDown = true
    expect(isRefused(await use('b'))).toBe(true)
    for (const respond of responders) respond(true)
    expect(await Promise.all([first, second])).toEqual([true, true])
    expect(await use('b')).toBe(false)
  })

  it('that works, the local limit does not matter', async () => {
    const { store } = createStore()
    const { use } = guardWith({ store, onStoreFailure: 'use_local', max: 1 })
    for (const jti of ['a', 'b', 'c']) expect(await use(jti)).toBe(true)
    for (const jti of ['a', 'b', 'c']) expect(await use(jti)).toBe(false)
  })
})

it('what a library attached to the error of a store is not passed on: events have the cause (A5, N5)', async () => {
  const failing = () =>
    Promise.reject(Object.assign(new Error('status 401'), { config: { headers: { key: 'SECRET' } } }))
  const settings = { window: 75, max: 100, store: { firstUse: failing }, onStoreFailure: 'refuse' } as const
  const guard = createReplayGuard(settings, { wants: () => true, emit: () => undefined })
  const outcome = inspect(await guard.firstUse(KEY, { jti: 'a', iat: performance.now() / 1000 }), { depth: 9 })
  expect(outcome).toContain('status 401')
  expect(outcome).not.toContain('SECRET')
})
