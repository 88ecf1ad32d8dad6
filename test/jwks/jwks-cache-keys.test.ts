import { describe, expect, it } from 'vitest'
import { UpstreamError } from '../../src/upstream/upstream-error.ts'
import { keyThat, loadedAt0, managed, QUICK, settled, table } from './hand-loaded.ts'

describe('keys', QUICK, () => {
  it('are there at once when they are loaded, and undefined if something has to be awaited (S5)', async () => {
    const { keys, loads, advance } = managed()
    const [key, other] = [keyThat(true), keyThat(true)]
    expect(keys.cached('ES256', 'a')).toBeUndefined()
    const found = keys.find('ES256', 'a')
    loads[0]?.resolve(table('a', key))
    await found
    expect(keys.cached('ES256', 'a')).toEqual([key])
    expect(keys.cached('ES256', 'b')).toBeUndefined()
    advance(600)
    expect(keys.cached('ES256', 'a')).toBeUndefined()
    const next = keys.find('ES256', 'a')
    loads[1]?.resolve(table('a', other))
    expect(await next).toEqual([other])
    expect(keys.cached('ES256', 'a')).toEqual([other])
  })

  it('with an unknown kid are found by a second fetch if the first one had begun before, and there is no third', async () => {
    const { keys, loads } = await loadedAt0({ cooldown: 0 })
    const found = keys.find('ES256', 'b')
    loads[1]?.resolve(table('b'))
    expect(await found).toHaveLength(1)
    const none = keys.find('ES256', 'c')
    for (const at of [2, 3]) {
      loads[at]?.resolve(table('b'))
      await settled()
    }
    expect(await none).toMatchObject({ reason: 'unknown_key' })
    expect(loads).toHaveLength(4)
    const slow = await loadedAt0()
    slow.advance(500)
    slow.keys.cached('ES256', 'a')
    const second = slow.keys.find('ES256', 'b')
    slow.loads[1]?.resolve(table('a'))
    await settled()
    slow.loads[2]?.resolve(table('b'))
    expect(await second).toHaveLength(1)
    expect(slow.loads.map(({ request }) => request.revalidate)).toEqual([false, false, true])
  })

  it('that never expire are not fetched again, and maxAge is not theirs', async () => {
    const { keys, loads, advance } = await loadedAt0({ maxAge: 10 }, { lifetime: Number.POSITIVE_INFINITY })
    advance(100_000)
    expect(keys.state().status).toBe('fresh')
    expect(await keys.find('ES256', 'b')).toMatchObject({ reason: 'unknown_key' })
    expect(await keys.find('ES256', undefined)).toMatchObject({ reason: 'algorithm' })
    expect(loads).toHaveLength(1)
  })

  it('are loaded once by ready(), which rejects while that fails', async () => {
    const { keys, loads, advance } = managed()
    const failed = keys.ready()
    loads[0]?.reject(new UpstreamError('timeout', 'x'))
    await expect(failed).rejects.toMatchObject({ status: 503, reason: 'keys_unavailable' })
    advance(2)
    const ready = keys.ready()
    loads[1]?.resolve(table('a'))
    await ready
    await keys.ready()
    expect(loads).toHaveLength(2)
  })

  it('have a state', async () => {
    const { keys, loads, advance } = managed({ staleIfError: 100 })
    const others = { lastError: undefined, retryIn: 0 }
    expect(keys.state()).toEqual({ status: 'empty', count: 0, age: undefined, ...others })
    advance(1000)
    const ready = keys.ready()
    loads[0]?.resolve(table('a'))
    await ready
    for (const [seconds, age, status] of [
      [599.5, 599.5, 'fresh'],
      [0.5, 600, 'stale'],
      [99.5, 699.5, 'stale'],
      [0.5, 700, 'expired'],
    ] as const) {
      advance(seconds)
      expect(keys.state()).toEqual({ status, count: 1, age, ...others })
    }
    void keys.find('ES256', 'a')
    expect(loads).toHaveLength(2)
  })
})
