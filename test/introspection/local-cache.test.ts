import { describe, expect, it } from 'vitest'
import { createLocalCache } from '../../src/introspection/cache/local-cache.ts'
import { active, createRequests, INACTIVE, NOW } from './cache-kit.ts'

// I4: the responses that one process has.

const { responseOf } = createRequests(async () => INACTIVE)
const at = (monotonic: number) => ({ monotonic, wall: NOW })

describe('of two responses about one token', () => {
  const [older, newer] = [responseOf(active(), at(1)), responseOf(INACTIVE, at(2))]

  it('the one to the later request stays, whichever arrives last', () => {
    const cache = createLocalCache({ active: 10, inactive: 10 })
    cache.keep('a', newer)
    cache.keep('a', older)
    expect(cache.peek('a')).toBe(newer)
    cache.keep('b', older)
    cache.keep('b', newer)
    expect(cache.peek('b')).toBe(newer)
    expect(cache.sizes()).toEqual({ active: 0, inactive: 2 })
  })

  it('the one that arrives last stays if both requests were sent at once', () => {
    const cache = createLocalCache({ active: 10, inactive: 10 })
    const [first, last] = [responseOf(INACTIVE, at(1)), responseOf(active(), at(1))]
    cache.keep('a', first)
    cache.keep('a', last)
    expect(cache.get('a')).toBe(last)
    expect(cache.sizes()).toEqual({ active: 1, inactive: 0 })
  })
})

it('each kind has its own limit', () => {
  const cache = createLocalCache({ active: 2, inactive: 1 })
  for (const name of ['a', 'b', 'c']) {
    cache.keep(name, responseOf(active(), at(1)))
    cache.keep(`not ${name}`, responseOf(INACTIVE, at(1)))
  }
  expect(cache.sizes()).toEqual({ active: 2, inactive: 1 })
  expect(['a', 'b', 'c', 'not b', 'not c'].map((name) => cache.peek(name)?.response.active)).toEqual([
    undefined,
    true,
    true,
    undefined,
    false,
  ])
})

it('responses of both kinds can be removed', () => {
  const cache = createLocalCache({ active: 10, inactive: 10 })
  for (const [name, response] of [
    ['a', active()],
    ['b', INACTIVE],
    ['c', active()],
    ['d', INACTIVE],
  ] as const)
    cache.keep(name, responseOf(response, at(name === 'a' || name === 'b' ? 1 : 2)))
  cache.deleteWhere(({ requestedAt }) => requestedAt.monotonic === 1)
  expect(['a', 'b', 'c', 'd'].filter((name) => cache.get(name))).toEqual(['c', 'd'])
  cache.delete('c')
  cache.delete('d')
  expect(cache.sizes()).toEqual({ active: 0, inactive: 0 })
})
