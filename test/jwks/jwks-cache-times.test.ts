import { afterEach, describe, expect, it, vi } from 'vitest'
import type { JwksCacheTimes } from '../../src/jwks/freshness.ts'
import { UpstreamError } from '../../src/upstream/upstream-error.ts'
import { keyThat, managed, QUICK, settled, table, UNUSABLE } from './hand-loaded.ts'

describe('the moment at which', QUICK, () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  /** A set of one key, just loaded and fresh for 600 s, without jitter. */
  async function loaded(times: Partial<JwksCacheTimes> = {}) {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const setup = managed(times)
    setup.advance(1000)
    const key = keyThat(true)
    const found = setup.keys.find('ES256', 'a')
    setup.loads[0]?.resolve(table('a', key))
    await found
    const fails = async () => {
      setup.loads.at(-1)?.reject(new UpstreamError('timeout', 'x'))
      await settled()
    }
    return { ...setup, fails, isCurrent: () => setup.keys.isCurrent(key) }
  }

  it('a set is refreshed: after 70 % of its lifetime', async () => {
    const { loads, advance, isCurrent } = await loaded()
    advance(419.999)
    expect([isCurrent(), loads.length]).toEqual([true, 1])
    advance(0.001)
    expect([isCurrent(), loads.length]).toEqual([true, 2])
  })

  it('requests begin to wait for that: when the set expires, for 300 ms (K12)', async () => {
    const { advance, isCurrent } = await loaded()
    advance(599.9)
    expect(isCurrent()).toBe(true)
    advance(0.1)
    expect(isCurrent()).toBe(false)
    advance(0.199)
    expect(isCurrent()).toBe(false)
    advance(0.001)
    expect(isCurrent()).toBe(true)
  })

  it.each([
    ['two lifetimes', 1200, {}],
    ['two of the longest delays, which are longer', 7200, { maxBackoff: 3600 }],
  ])('they wait again after a failure: %s later', async (_, seconds, times) => {
    const { advance, isCurrent, fails } = await loaded({ staleIfError: 100_000, ...times })
    advance(600)
    isCurrent()
    await fails()
    advance(2)
    expect(isCurrent()).toBe(true)
    await fails()
    advance(seconds)
    expect(isCurrent()).toBe(true)
    advance(0.001)
    expect(isCurrent()).toBe(false)
  })

  it('the next attempt is allowed: when the back-off is over, with and without keys', async () => {
    const { loads, advance, isCurrent, fails } = await loaded({ staleIfError: 100 })
    advance(500)
    isCurrent()
    await fails()
    advance(0.999)
    expect([isCurrent(), loads.length]).toEqual([true, 2])
    advance(0.001)
    expect([isCurrent(), loads.length]).toEqual([true, 3])

    const empty = managed()
    const first = empty.keys.find('ES256', 'a')
    empty.loads[0]?.reject(new UpstreamError('timeout', 'x'))
    await first
    empty.advance(0.999)
    expect(await empty.keys.find('ES256', 'a')).toMatchObject({ reason: 'keys_unavailable' })
    empty.advance(0.001)
    void empty.keys.find('ES256', 'a')
    expect(empty.loads).toHaveLength(2)
  })

  it('the next attempt for an unknown kid is allowed: when the back-off is over as well', async () => {
    const { keys, loads, advance, fails } = await loaded({ cooldown: 0.5 })
    void keys.find('ES256', 'b')
    await fails()
    advance(0.999)
    await keys.find('ES256', 'b')
    expect(loads).toHaveLength(2)
    advance(0.001)
    void keys.find('ES256', 'b')
    expect(loads).toHaveLength(3)
  })

  it('an unknown kid may cause a fetch again: when the cooldown is over, past every cache (K4)', async () => {
    const { keys, loads, advance } = await loaded()
    const first = keys.find('ES256', 'b')
    loads[1]?.resolve(table('a'))
    expect(await first).toMatchObject({ reason: 'unknown_key' })
    advance(29.999)
    expect(await keys.find('ES256', 'b')).toMatchObject({ reason: 'unknown_key' })
    expect(loads).toHaveLength(2)
    advance(0.001)
    void keys.find('ES256', 'b')
    expect(loads.map(({ request }) => request.revalidate)).toEqual([false, true, true])
  })

  it('a set was fetched that could not be used is told to the source, until one can be used', async () => {
    const { keys, loads, advance } = managed()
    for (const set of [UNUSABLE, table('a'), table('a')]) {
      advance(700)
      const found = keys.find('ES256', 'a')
      loads.at(-1)?.resolve(set)
      await found
    }
    expect(loads.map(({ request }) => request.unusableAt)).toEqual([undefined, 700_000, undefined])
  })
})
