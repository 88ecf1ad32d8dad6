import { describe, expect, it } from 'vitest'
import { createSharedKeySets, type SetRequest } from '../../src/jwks/shared-key-sets.ts'
import { UpstreamError } from '../../src/upstream/upstream-error.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { QUICK, settled } from './hand-loaded.ts'

const clock = useMonotonicClock()
const TIMES = { maxAge: undefined, staleIfError: 3600, cooldown: 30, backoff: 1, maxBackoff: 60 }

/** Sets of a server, whose fetches the test settles by hand. */
function shared({ max = 10, isFirstForced = false, size = 1 } = {}) {
  const sets = createSharedKeySets(max, isFirstForced)
  const fetches: { resolve(json: unknown): void; reject(thrown: unknown): void }[] = []
  const load = (times: Partial<typeof TIMES | { maxAge: number }> = {}, request: Partial<SetRequest> = {}, url = 'a') =>
    sets.load(
      url,
      { times: { ...TIMES, ...times }, deadline: 3000 },
      { revalidate: false, unusableAt: undefined, orStale: false, ...request },
      async () => {
        const json = await new Promise((resolve, reject) => fetches.push({ resolve, reject }))
        return { json, lifetime: 600, size }
      },
    )
  return {
    fetches,
    load,
    /** The first set. */
    async loaded() {
      const set = load()
      fetches.at(-1)?.resolve('first')
      return await set
    },
    /** How many fetches this load causes: 0 or 1. */
    async fetchesOf(...args: Parameters<typeof load>) {
      const before = fetches.length
      const pending = load(...args)
      const count = fetches.length - before
      if (count > 0) fetches.at(-1)?.resolve('later')
      await pending
      return count
    },
  }
}

const FORCED = { revalidate: true }

describe('a key set of several issuers', QUICK, () => {
  it('is fetched once for all who wait, and again after 70 % of its lifetime', async () => {
    const { load, fetches, fetchesOf } = shared()
    const both = Promise.all([load(), load()])
    fetches[0]?.resolve('first')
    expect(await both).toMatchObject([{ json: 'first' }, { json: 'first' }])
    expect(fetches).toHaveLength(1)
    clock.advance(419.999)
    expect(await fetchesOf()).toBe(0)
    clock.advance(0.001)
    expect(await fetchesOf()).toBe(1)
    expect(await fetchesOf()).toBe(0)
  })

  it('has the shortest maxAge of them', async () => {
    const { loaded, fetchesOf } = shared()
    await loaded()
    expect(await fetchesOf({ maxAge: 100 })).toBe(0)
    clock.advance(69.999)
    expect(await fetchesOf({ maxAge: 1000 })).toBe(0)
    clock.advance(0.001)
    expect(await fetchesOf()).toBe(1)
  })

  it('is fetched for unknown keys once in the longest cooldown of them (K4)', async () => {
    const { loaded, fetchesOf } = shared()
    await loaded()
    expect(await fetchesOf({ cooldown: 60 }, FORCED)).toBe(1)
    clock.advance(59.999)
    expect(await fetchesOf({}, FORCED)).toBe(0)
    clock.advance(0.001)
    expect(await fetchesOf({}, FORCED)).toBe(1)
  })

  it('starts that cooldown when it is first fetched, if anyone can cause that', async () => {
    const { loaded, fetchesOf } = shared({ isFirstForced: true })
    await loaded()
    expect(await fetchesOf({}, FORCED)).toBe(0)
    clock.advance(30)
    expect(await fetchesOf({}, FORCED)).toBe(1)
    clock.advance(420)
    // Not the first one: this is a refresh.
    expect(await fetchesOf()).toBe(1)
    expect(await fetchesOf({}, FORCED)).toBe(1)
  })

  it('is fetched again for an issuer that could not use it, and only for that one', async () => {
    const { loaded, fetchesOf } = shared()
    const { at } = await loaded()
    clock.advance(1)
    expect(await fetchesOf({}, { unusableAt: at - 1 })).toBe(0)
    expect(await fetchesOf()).toBe(0)
    expect(await fetchesOf({}, { unusableAt: at })).toBe(1)
    expect(await fetchesOf({}, { unusableAt: at })).toBe(0)
  })

  it.each([
    ['sets', 8_388_600, 'b'],
    ['URLs', 1, 'b'.repeat(8_388_608)],
  ])('is forgotten when all %s together are too large, so that no tenant can fill the memory', async (_, size, url) => {
    const { loaded, fetchesOf } = shared({ size })
    await loaded()
    for (const more of ['1', '2', '3']) expect(await fetchesOf({}, {}, url + more)).toBe(1)
    expect(await fetchesOf()).toBe(0)
    for (const more of ['4', '5', '6', '7']) expect(await fetchesOf({}, {}, url + more)).toBe(1)
    expect(await fetchesOf()).toBe(1)
  })

  it('is forgotten when there are more than the limit', async () => {
    const { loaded, fetchesOf } = shared({ max: 1 })
    await loaded()
    expect(await fetchesOf({}, {}, 'b')).toBe(1)
    expect(await fetchesOf({}, {}, 'a')).toBe(1)
  })
})

describe('a fetch that fails', QUICK, () => {
  it('is not repeated by anyone until the back-off is over, which doubles until one succeeds', async () => {
    const { load, fetches, fetchesOf, loaded } = shared()
    await loaded()
    clock.advance(420)
    for (const [count, pause] of [1, 2, 4].entries()) {
      const error = new UpstreamError('timeout', `failure ${count}`)
      const failed = load()
      fetches.at(-1)?.reject(error)
      await expect(failed).rejects.toBe(error)
      clock.advance(pause - 0.001)
      await expect(load()).rejects.toBe(error)
      await expect(load({}, FORCED)).rejects.toBe(error)
      expect(fetches).toHaveLength(2 + count)
      clock.advance(0.001)
    }
    expect(await fetchesOf()).toBe(1)
    clock.advance(420)
    const again = load()
    fetches.at(-1)?.reject(new Error('x'))
    await expect(again).rejects.toThrow('x')
    clock.advance(1)
    expect(await fetchesOf()).toBe(1)
    expect(await fetchesOf()).toBe(0)
  })

  it('withholds no fresh set from others, neither while it is pending nor during the back-off', async () => {
    const { loaded, load, fetches } = shared()
    await loaded()
    const forced = load({}, FORCED)
    expect(await load()).toMatchObject({ json: 'first' })
    fetches.at(-1)?.reject(new Error('x'))
    await expect(forced).rejects.toThrow('x')
    expect(await load()).toMatchObject({ json: 'first' })
    expect(fetches).toHaveLength(2)
  })

  it('fails for all who need a later set until the cooldown is over: a key may exist that no one has seen (K5)', async () => {
    const { loaded, load, fetches, fetchesOf } = shared()
    await loaded()
    const forced = load({}, FORCED)
    fetches.at(-1)?.reject(new Error('x'))
    await expect(forced).rejects.toThrow('x')
    clock.advance(29.999)
    await expect(load({}, FORCED)).rejects.toThrow('x')
    expect(fetches).toHaveLength(2)
    clock.advance(0.001)
    expect(await fetchesOf({}, FORCED)).toBe(1)
  })

  it('leaves the stale set to issuers that have none, for as long as they use one (RFC 5861 §4)', async () => {
    const { loaded, load, fetches } = shared()
    const { at } = await loaded()
    const without = (unusableAt?: number) => load({ staleIfError: 60 }, { orStale: true, unusableAt })
    clock.advance(659)
    const failed = [load(), without(), without(at)]
    fetches.at(-1)?.reject(new Error('x'))
    expect(await Promise.allSettled(failed)).toMatchObject([
      { reason: { message: 'x' } },
      { value: { json: 'first', at } },
      { reason: { message: 'x' } },
    ])
    clock.advance(0.999)
    expect(await without()).toMatchObject({ json: 'first', at })
    expect(fetches).toHaveLength(2)
    clock.advance(0.001)
    const tooOld = without()
    fetches.at(-1)?.reject(new Error('y'))
    await expect(tooOld).rejects.toThrow('y')
  })

  it('is not repeated before Retry-After (RFC 9110 §10.2.3)', async () => {
    const { load, fetches } = shared()
    const failed = load()
    fetches[0]?.reject(new UpstreamError('status', 'x', { status: 503, retryAfter: 45 }))
    await expect(failed).rejects.toThrow('x')
    clock.advance(44.999)
    await expect(load()).rejects.toThrow('x')
    clock.advance(0.001)
    load().catch(() => undefined)
    expect(fetches).toHaveLength(2)
  })
})

describe('an abandoned fetch', QUICK, () => {
  it.each(['fails', 'succeeds'])('that %s after all changes nothing, and ends no later one', async (outcome) => {
    const { load, fetches, fetchesOf } = shared()
    const first = load().catch((thrown) => thrown)
    clock.advance(3.999)
    const joined = load().catch((thrown) => thrown)
    expect(fetches).toHaveLength(1)
    clock.advance(0.001)
    const second = load()
    expect(fetches).toHaveLength(2)
    if (outcome === 'fails') fetches[0]?.reject(new Error('late'))
    else fetches[0]?.resolve('late')
    await settled()
    const third = load()
    expect(fetches).toHaveLength(2)
    fetches[1]?.resolve('second')
    expect(await Promise.all([second, third])).toMatchObject([{ json: 'second' }, { json: 'second' }])
    expect(await first).toBeInstanceOf(Error)
    await joined
    expect(await fetchesOf()).toBe(0)
    expect(await load()).toMatchObject({ json: 'second' })
  })

  it.each(['fails', 'succeeds'])('that %s when a later one has ended starts no back-off', async (outcome) => {
    const { load, fetches, fetchesOf } = shared()
    const first = load().catch((thrown) => thrown)
    clock.advance(4)
    expect(await fetchesOf()).toBe(1)
    if (outcome === 'fails') fetches[0]?.reject(new Error('late'))
    else fetches[0]?.resolve('late')
    await first
    expect(await load()).toMatchObject({ json: 'later' })
    expect(await fetchesOf({}, FORCED)).toBe(1)
  })

  it('is a timeout if it succeeds before another one begins', async () => {
    const { load, fetches } = shared()
    const first = load()
    clock.advance(4)
    fetches[0]?.resolve('late')
    await expect(first).rejects.toMatchObject({ code: 'timeout', message: 'no key set within the deadline' })
  })
})
