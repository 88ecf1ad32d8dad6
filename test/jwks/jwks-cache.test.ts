import { describe, expect, it } from 'vitest'
import type { KeyIndex } from '../../src/jwks/key-index.ts'
import { NO_KEYS } from '../../src/jwks/keys-state.ts'
import { UpstreamError } from '../../src/upstream/upstream-error.ts'
import { keyThat, loadedAt0, managed, QUICK, settled, table } from './hand-loaded.ts'

describe('further keys for a signature that does not match', QUICK, () => {
  it('include those of a refresh that ended while the signature was verified', async () => {
    const { keys, loads, advance } = managed()
    const [first, second] = [keyThat(false), keyThat(true)]
    const found = keys.find('ES256', 'a')
    loads[0]?.resolve(table('a', first))
    expect(await found).toEqual([first])
    const refresh = keys.refreshAndFind('ES256', 'a', [first])
    loads[1]?.resolve(table('a', second))
    expect(await refresh).toEqual([second])
    advance(30)
    // A slower verification, started at the same time with the first key: no further load, and the second key.
    expect(await keys.refreshAndFind('ES256', 'a', [first])).toEqual([second])
    expect(loads).toHaveLength(2)
  })

  it('are none where a refresh brings none', async () => {
    const { keys, loads } = managed()
    const only = keyThat(false)
    const found = keys.find('ES256', 'a')
    loads[0]?.resolve(table('a', only))
    await found
    const again = keys.refreshAndFind('ES256', 'a', [only])
    loads[1]?.reject(new UpstreamError('timeout', 'x'))
    expect(await again).toEqual([])
    const empty = managed()
    const none = empty.keys.refreshAndFind('ES256', 'a', [])
    empty.loads[0]?.reject(new UpstreamError('timeout', 'x'))
    expect(await none).toEqual([])
  })

  it('need no waiting while no refresh is allowed', async () => {
    const { keys, loads } = managed()
    const only = keyThat(false)
    const found = keys.find('ES256', 'a')
    loads[0]?.resolve(table('a', only))
    await found
    const again = keys.refreshAndFind('ES256', 'a', [only])
    loads[1]?.resolve(table('a', only))
    await again
    expect(keys.refreshAndFind('ES256', 'a', [only])).toBeUndefined()
    expect(loads).toHaveLength(2)
  })
})

// On Workers, a fetch ends silently with the request that started it. This test advances the clock instead.
describe('an abandoned load', QUICK, () => {
  it('is given up a second after its deadline, and another one starts', async () => {
    const { keys, loads, advance } = managed()
    const first = Promise.resolve(keys.find('ES256', 'a'))
    advance(3.9)
    const joined = Promise.resolve(keys.find('ES256', 'a'))
    expect(loads).toHaveLength(1)
    advance(0.2)
    const second = Promise.resolve(keys.find('ES256', 'a'))
    expect(loads).toHaveLength(2)
    loads[1]?.resolve(table('a'))
    expect(await second).toHaveLength(1)
    // A request that joined the abandoned load waits for no longer than that had left; then there are keys.
    expect(await joined).toHaveLength(1)
    loads[0]?.resolve(table('a'))
    expect(await first).toHaveLength(1)
  })

  it('does not end the load that followed it: still one fetch at a time', async () => {
    const { keys, loads, advance } = managed()
    const first = keys.find('ES256', 'a')
    advance(4.1)
    const second = keys.find('ES256', 'a')
    loads[0]?.reject(new UpstreamError('timeout', 'x'))
    await settled()
    const third = keys.find('ES256', 'a')
    expect(loads).toHaveLength(2)
    loads[1]?.resolve(table('a'))
    expect(await Promise.all([first, second, third])).toMatchObject([{ reason: 'keys_unavailable' }, [{}], [{}]])
  })

  it('overwrites nothing if it settles after all', async () => {
    for (const outcome of ['answers', 'fails'] as const) {
      const { keys, loads, advance } = managed()
      const first = Promise.resolve(keys.find('ES256', 'b')).catch(() => undefined)
      advance(4.1)
      const second = keys.find('ES256', 'b')
      loads[1]?.resolve(table('b'))
      expect(await second).toHaveLength(1)
      if (outcome === 'answers') loads[0]?.resolve(table('a'))
      else loads[0]?.reject(new UpstreamError('timeout', 'x'))
      await first
      expect(await keys.find('ES256', 'b')).toHaveLength(1)
      expect(keys.state()).toMatchObject({ status: 'fresh', lastError: undefined, retryIn: 0 })
    }
  })
})

describe('a load that is abandoned while its set is read', QUICK, () => {
  it('overwrites nothing', async () => {
    let end: () => void = () => undefined
    const reading = new Promise<void>((resolve) => {
      end = resolve
    })
    const { keys, loads, advance } = managed({}, { reading })
    const first = keys.find('ES256', 'a')
    loads[0]?.resolve(table('a'))
    await settled()
    advance(4)
    const second = keys.find('ES256', 'b')
    end()
    await settled()
    expect(keys.state().status).toBe('empty')
    loads[1]?.resolve(table('b'))
    expect(await second).toHaveLength(1)
    await first
  })
})

describe('an abandoned refresh', QUICK, () => {
  it('brings no keys, even if no other one has started: a key may have been withdrawn meanwhile', async () => {
    const { keys, loads, advance } = await loadedAt0()
    const found = keys.find('ES256', 'b')
    advance(700)
    loads[1]?.resolve(table('b'))
    expect(await found).toMatchObject({ reason: 'keys_unavailable' })
    expect(keys.state().lastError).toMatchObject({ code: 'timeout', message: 'the key set arrived too late' })
    advance(30)
    const again = keys.find('ES256', 'b')
    loads[2]?.resolve(table('a')) // the refresh that is due
    await settled()
    loads[3]?.resolve(table('a')) // the one that the unknown kid forces
    expect(await again).toMatchObject({ reason: 'unknown_key' })
  })

  it('leaves an unknown kid undecided until the cooldown is over: 503', async () => {
    const { keys, loads, advance } = await loadedAt0()
    const first = keys.find('ES256', 'b')
    advance(10)
    expect(await keys.find('ES256', 'b')).toMatchObject({ reason: 'keys_unavailable', details: { retryAfter: 20 } })
    expect(loads).toHaveLength(2)
    loads[1]?.resolve(table('a'))
    await first
  })
})

describe('a verified signature stays valid without another verification', QUICK, () => {
  const load = async (setup: ReturnType<typeof managed>, set: KeyIndex) => {
    setup.loads.at(-1)?.resolve(set)
    await settled()
  }

  it('until the key leaves the set, or staleIfError has passed', async () => {
    const setup = managed()
    const { keys, advance } = setup
    const [one, other] = [keyThat(true), keyThat(true)]
    expect(keys.isCurrent(one)).toBe(false)
    const found = keys.find('ES256', 'a')
    await load(setup, table('a', one))
    await found
    expect([keys.isCurrent(one), keys.isCurrent(other)]).toEqual([true, false])
    advance(500)
    expect(keys.isCurrent(one)).toBe(true)
    await load(setup, table('a', other))
    expect([keys.isCurrent(one), keys.isCurrent(other)]).toEqual([false, true])
    advance(4199)
    expect(keys.state().status).toBe('stale')
    advance(1)
    expect(keys.isCurrent(other)).toBe(false)
  })

  it('not after a token with an unknown kid has fetched a set without it, long before the set was due', async () => {
    const setup = managed()
    const { keys } = setup
    const [withdrawn, remaining] = [keyThat(true), keyThat(true)]
    const found = keys.find('ES256', 'a')
    await load(setup, table('a', withdrawn))
    await found
    expect(keys.isCurrent(withdrawn)).toBe(true)
    const unknown = keys.find('ES256', 'b')
    await load(setup, table('b', remaining))
    await unknown
    expect([keys.isCurrent(withdrawn), keys.isCurrent(remaining)]).toEqual([false, true])
  })

  it('not after a long idle time, until the set has been loaded again', async () => {
    const setup = managed()
    const { keys, advance } = setup
    const key = keyThat(true)
    const found = keys.find('ES256', 'a')
    await load(setup, table('a', key))
    await found
    advance(1201)
    expect(keys.isCurrent(key)).toBe(false)
    await load(setup, table('a', key))
    expect(keys.isCurrent(key)).toBe(true)
  })
})

it('the state where no JWT is verified has no keys, and cannot be changed', () => {
  expect(NO_KEYS).toEqual({ status: 'none', count: 0, age: undefined, lastError: undefined, retryIn: 0 })
  expect(Object.isFrozen(NO_KEYS)).toBe(true)
})

describe('a failed load', QUICK, () => {
  it('doubles the back-off each time, and a success resets it', async () => {
    const { keys, loads, advance } = managed()
    for (const [least, most] of [
      [1, 1.1],
      [2, 2.2],
      [4, 4.4],
    ] as const) {
      const found = Promise.resolve(keys.find('ES256', 'a'))
      loads.at(-1)?.reject(new Error('x'))
      expect(await found).toMatchObject({ status: 503 })
      expect(keys.state().retryIn).toBeGreaterThanOrEqual(least)
      expect(keys.state().retryIn).toBeLessThanOrEqual(most)
      const count = loads.length
      expect(await keys.find('ES256', 'a')).toMatchObject({ status: 503 })
      expect(loads).toHaveLength(count)
      advance(most)
    }
    const found = keys.find('ES256', 'a')
    loads.at(-1)?.resolve(table('a'))
    await found
    expect(keys.state()).toMatchObject({ status: 'fresh', lastError: undefined, retryIn: 0 })
  })

  it('whatever was thrown, the state shows an upstream error with it as the cause', async () => {
    for (const thrown of [new Error('x'), 'text', undefined, null, 7, {}]) {
      const { keys, loads } = managed()
      const found = Promise.resolve(keys.find('ES256', 'a'))
      loads[0]?.reject(thrown)
      expect(await found).toMatchObject({
        status: 503,
        details: { cause: { code: 'shape', message: 'the key set is unreadable', cause: thrown } },
      })
      expect(keys.state().lastError).toBeInstanceOf(UpstreamError)
    }
  })
})
