import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { IntrospectionRecord } from '../../src/introspection/cache/record.ts'
import type { SharedCache } from '../../src/introspection/cache/shared-cache.ts'
import { createSharedSource } from '../../src/introspection/cache/shared-source.ts'
import type { Requirements } from '../../src/introspection/cache/source.ts'
import type { Introspect } from '../../src/introspection/request.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { active, createRequests, INACTIVE, NOW, wallClock } from './cache-kit.ts'

// I10: how one process uses what others have introspected, or are introspecting.

const clock = useMonotonicClock()
const settled = () => new Promise((resolve) => setTimeout(resolve, 5))

/** What other processes see: records, claims, and writes that a test can hold up. */
let operations: string[]
let records: Map<string, IntrospectionRecord>
let lifetimes: number[]
let writing: (() => Promise<unknown>)[]
let claim: SharedCache['claim']
beforeEach(() => {
  operations = []
  records = new Map()
  lifetimes = []
  writing = []
  claim = async () => 'mine'
})

const store: SharedCache = {
  find: async (key) => records.get(key),
  async keep(key, record, _seal, lifetime) {
    operations.push('write')
    lifetimes.push(lifetime)
    await writing.shift()?.()
    operations.push('written')
    records.set(key, record)
  },
  async forget(key) {
    operations.push('forget')
    return records.delete(key)
  },
  claim: async (...args) => {
    operations.push('claim')
    return claim(...args)
  },
  async release() {
    operations.push('release')
  },
}

const ANY: Requirements = { maxAge: Infinity, newerThan: -Infinity, isCurrent: () => true }

function start(send: Introspect, settings: Parameters<typeof createRequests>[1] = {}) {
  const { requestFor, ...rest } = createRequests(send, settings)
  const background: Promise<unknown>[] = []
  const source = createSharedSource(store, wallClock, (work) => void background.push(work))
  return {
    ...rest,
    source,
    find: (required: Partial<Requirements> = {}) => source.find(requestFor('a'), { ...ANY, ...required }),
    forget: () => source.forget(requestFor('a')),
    background: () => Promise.all(background),
  }
}

describe('a response is shared', () => {
  it.each<[string, object, object, number]>([
    ['an active one, for its lifetime here', active(), {}, 60],
    ['an inactive one', INACTIVE, {}, 10],
    ['not after the token has expired, with the tolerance for clocks', active({ exp: NOW + 20 }), {}, 50],
    ['of a token that lives longer', active({ exp: NOW + 31 }), {}, 60],
  ])('%s', async (_, response, settings, lifetime) => {
    const { find, background } = start(async () => response as never, settings)
    await find()
    await background()
    expect(lifetimes).toEqual([lifetime])
  })

  it('for the time that is left after it was requested', async () => {
    const { find } = start(async () => {
      clock.advance(1)
      return active()
    })
    await find()
    expect(lifetimes).toEqual([59])
  })

  it('before the claim ends, by work that outlives the request', async () => {
    writing = [settled]
    const { find, background } = start(async () => active())
    await find()
    await background()
    expect(operations).toEqual(['claim', 'write', 'written', 'release'])
  })

  it('not if the token was invalidated meanwhile; the claim ends as well', async () => {
    const { find, background } = start(async () => active())
    await find({ isCurrent: () => false })
    await background()
    expect(operations).toEqual(['claim', 'release'])
  })

  it('without a claim where the next route would not use it', async () => {
    const { find, background } = start(async () => INACTIVE, { cache: { active: 0, inactive: 10 } })
    await find()
    await background()
    expect(operations).toEqual(['write', 'written'])
  })
})

it('what is forgotten is not restored by any write that was still pending', async () => {
  const ends: (() => void)[] = []
  const held = () => new Promise<void>((resolve) => ends.push(resolve))
  writing = [held, held]
  const { find, forget } = start(async () => active())
  await find({ maxAge: 0 })
  await find({ maxAge: 0 })
  ends[0]?.()
  await settled()
  const forgetting = forget()
  await settled()
  expect(operations).toEqual(['write', 'write', 'written'])
  ends[1]?.()
  await forgetting
  expect(operations).toEqual(['write', 'write', 'written', 'written', 'forget'])
  expect(records.size).toBe(0)
})

it.each([
  ['is not used', 'at', 10, 1],
  ['is used', 'after', 9.999, 0],
])('a record %s if it was requested %s the time after which it must be', async (_uses, _when, ago, count) => {
  const send = vi.fn(async () => active())
  const { find } = start(send)
  await find({ maxAge: 0 })
  await settled()
  for (const key of records.keys()) records.set(key, { response: active(), requestedAt: NOW - ago })
  send.mockClear()
  await find({ newerThan: NOW - 10 })
  expect(send).toHaveBeenCalledTimes(count)
})

describe('the claim of another process', () => {
  it('is waited for until its response is there, and is not released by us', async () => {
    const send = vi.fn(async () => active())
    const other = start(send)
    claim = async () => 'taken'
    const found = other.find()
    await settled()
    expect(send).not.toHaveBeenCalled()
    const sharing = start(async () => active({ sub: 'alice' }))
    await sharing.find({ maxAge: 0 })
    expect(await found).toMatchObject({ response: { claims: { sub: 'alice' } } })
    expect(send).not.toHaveBeenCalled()
    expect(operations).not.toContain('release')
  })

  it('is ours as soon as it ends, and ends again if its response is there by then', async () => {
    const send = vi.fn(async () => active())
    const { find, background } = start(send)
    claim = async () => {
      const sharing = start(async () => active({ sub: 'alice' }))
      await sharing.find({ maxAge: 0 })
      return 'mine'
    }
    expect(await find()).toMatchObject({ response: { claims: { sub: 'alice' } } })
    await background()
    expect(send).not.toHaveBeenCalled()
    expect(operations.filter((one) => one === 'release')).toHaveLength(1)
  })

  it('is waited for no longer than an introspection may take, and is not released by us', async () => {
    const send = vi.fn(async () => active())
    const { find, background } = start(send)
    claim = async () => {
      clock.advance(1.5)
      return 'taken'
    }
    expect(await find()).toMatchObject({ response: active() })
    await background()
    expect(operations).toEqual(['claim', 'claim', 'write', 'written'])
  })

  it('is not waited for while the circuit breaker is open: the caller gets 503 at once', async () => {
    const { find, introspector } = start(async () => {
      throw new TypeError('refused')
    })
    await find()
    expect(introspector.isOpen()).toBe(true)
    operations = []
    claim = async () => 'taken'
    expect(await find()).toMatchObject({ reason: 'introspection_unavailable' })
    expect(operations).toEqual(['claim'])
  })

  it('ends by itself if its process does: a little later than an introspection', async () => {
    const claimed = vi.fn(async () => 'mine' as const)
    claim = claimed
    const { find, source, introspector } = start(async () => active())
    await find()
    expect(claimed.mock.calls).toEqual([[expect.stringMatching(/^v2:/), 2250]])
    expect(source.timeout(introspector)).toBe(4250)
  })
})
