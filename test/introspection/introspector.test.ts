import { afterEach, describe, expect, it, vi } from 'vitest'
import type { BearwardEvent } from '../../src/events/events.ts'
import { createIntrospector } from '../../src/introspection/introspector.ts'
import type { IntrospectorSettings } from '../../src/introspection/settings.ts'
import { createRecordSealer } from '../../src/stores/sealed-records.ts'
import { UpstreamError } from '../../src/upstream/upstream-error.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'

const clock = useMonotonicClock()
afterEach(() => {
  vi.restoreAllMocks()
})

/** A request that is not sent would make a test wait forever. */
const QUICK = { timeout: 2000 }

const INACTIVE = { active: false } as const
const settled = () => new Promise((resolve) => setTimeout(resolve, 0))
const status = (code: number, retryAfter?: number) => new UpstreamError('status', 'x', { status: code, retryAfter })

/** Introspection whose requests the test settles by hand. The breaker opens at the first failure, without jitter. */
function introspecting(changes: Partial<IntrospectorSettings> = {}) {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const requests: { token: string; succeed(): void; fail(thrown: unknown): void }[] = []
  const events: BearwardEvent[] = []
  const introspector = createIntrospector(
    {
      cache: { active: 60, inactive: 10 },
      deadline: 2,
      breaker: { failures: 1, delay: 1, maxDelay: 30 },
      maxConcurrent: 10,
      ...changes,
    },
    'https://issuer.example',
    (token) =>
      new Promise((resolve, reject) => {
        requests.push({ token, succeed: () => resolve(INACTIVE), fail: reject })
      }),
    { identity: 'https://issuer.example', sealer: createRecordSealer([], 'introspection responses') },
    { wants: () => true, emit: (event) => void events.push(event) },
  )
  /** Starts an introspection, and waits until its request is sent, if one is. */
  async function start(raw: string, isSeen = false) {
    const outcome = introspector.introspect({ raw, digest: raw, isSeen })
    await settled()
    return { outcome }
  }
  const sent = () => requests.map(({ token }) => token)
  async function failing(raw: string, thrown: unknown, isSeen = false) {
    const { outcome } = await start(raw, isSeen)
    requests.at(-1)?.fail(thrown)
    await settled()
    return outcome
  }
  return { introspector, requests, events, start, sent, failing }
}

describe('concurrent requests (I14)', QUICK, () => {
  it.each([
    [1, 1],
    [2, 1],
    [10, 9],
    [11, 9],
  ])('of %i, tokens that may be made up get %i, and others the rest', async (maxConcurrent, count) => {
    const { requests, start } = introspecting({ maxConcurrent })
    const all = []
    for (let at = 0; at <= maxConcurrent; at++) all.push(await start(`made up ${at}`))
    expect(requests).toHaveLength(count)
    for (let at = 0; at <= maxConcurrent; at++) all.push(await start(`seen ${at}`, true))
    for (let at = 0; at < all.length; at++) {
      expect(requests.length - at).toBeLessThanOrEqual(maxConcurrent)
      requests[at]?.succeed()
      await settled()
    }
    expect(requests).toHaveLength(all.length)
    for (const { outcome } of all) expect(await outcome).toEqual(INACTIVE)
  })

  it('that wait too long are refused, and no one is blamed: 503', async () => {
    const { introspector, requests, start } = introspecting({ maxConcurrent: 1, deadline: 0.1 })
    await start('a')
    const { outcome } = await start('b')
    expect(await outcome).toMatchObject({
      reason: 'introspection_unavailable',
      details: {
        cause: {
          code: 'timeout',
          message: 'no introspection request could start in time: maxConcurrent are pending',
        },
        retryAfter: 1,
        option: 'maxConcurrent',
      },
    })
    expect(introspector.state()).toEqual({ status: 'closed', lastError: undefined, retryIn: 0 })
    expect(requests).toHaveLength(1)
  })

  it('wait for half of the deadline, so that there is time for the request', async () => {
    const { start } = introspecting({ maxConcurrent: 1, deadline: 0.5 })
    await start('a')
    const { outcome } = await start('b')
    const deadline = new Promise((resolve) => setTimeout(resolve, 500, 'the deadline'))
    expect(await Promise.race([outcome, deadline])).toMatchObject({ reason: 'introspection_unavailable' })
  })

  it('that never end count until a second after their deadline', async () => {
    const { sent, start } = introspecting({ maxConcurrent: 1 })
    await start('a')
    clock.advance(2.999)
    await start('b')
    expect(sent()).toEqual(['a'])
    clock.advance(0.001)
    await start('c')
    expect(sent()).toEqual(['a', 'b'])
  })
})

describe('a failure', QUICK, () => {
  it('opens the breaker, which is reported, and a success closes it', async () => {
    const { introspector, requests, events, failing, start, sent } = introspecting()
    const error = status(502)
    const { outcome } = await start('a')
    requests[0]?.fail(error)
    await settled()
    requests[1]?.fail(error)
    expect(await outcome).toMatchObject({
      reason: 'introspection_unavailable',
      details: { cause: error, retryAfter: 1 },
    })
    expect(introspector.state()).toEqual({ status: 'open', lastError: error, retryIn: 1 })
    expect(introspector.isOpen()).toBe(true)
    clock.advance(0.999)
    expect(await (await start('b')).outcome).toMatchObject({ details: { cause: error } })
    clock.advance(0.001)
    expect(introspector.isOpen()).toBe(false)
    const probe = await start('b')
    requests[2]?.succeed()
    expect(await probe.outcome).toEqual(INACTIVE)
    expect(introspector.state()).toEqual({ status: 'closed', lastError: undefined, retryIn: 0 })
    expect(sent()).toEqual(['a', 'a', 'b'])
    expect(events).toEqual([
      { type: 'breaker', issuer: 'https://issuer.example', state: 'open', retryIn: 1 },
      { type: 'breaker', issuer: 'https://issuer.example', state: 'half_open', retryIn: 3 },
      { type: 'breaker', issuer: 'https://issuer.example', state: 'closed', retryIn: 0 },
    ])
    expect(await failing('c', status(404))).toMatchObject({ details: { cause: { status: 404 } } })
    expect(introspector.state()).toMatchObject({ status: 'closed', lastError: { status: 404 } })
  })

  it('of a token makes it no probe for a second longer, and never stops it while the breaker is closed', async () => {
    const { failing, start, sent } = introspecting()
    await failing('a', status(401))
    clock.advance(1)
    await start('a')
    expect(sent()).toEqual(['a'])
    clock.advance(1)
    await start('a')
    expect(sent()).toEqual(['a', 'a'])

    const closed = introspecting({ breaker: { failures: 5, delay: 1, maxDelay: 30 } })
    await closed.failing('a', status(401))
    await closed.start('a')
    expect(closed.sent()).toEqual(['a', 'a'])
  })

  it('of a probe is not repeated', async () => {
    const { failing, sent } = introspecting()
    await failing('a', status(401))
    clock.advance(1)
    await failing('b', status(502))
    expect(sent()).toEqual(['a', 'b'])
  })

  it('that is no upstream error is one of the network, which is repeated once', async () => {
    const { introspector, requests, start } = introspecting()
    const { outcome } = await start('a')
    const cause = new Error('x')
    requests[0]?.fail(cause)
    await settled()
    requests[1]?.fail(cause)
    await outcome
    expect(introspector.state().lastError).toMatchObject({
      code: 'network',
      message: 'the introspection failed',
      cause,
    })
    expect(requests).toHaveLength(2)
  })

  it.each([
    [500, 9, 2],
    [502, 9, 2],
    [504, 9, 2],
    [503, undefined, 2],
    [503, 9, 1],
    [429, undefined, 1],
    [501, undefined, 1],
  ])('with status %i and Retry-After %s: %i requests', async (code, retryAfter, count) => {
    const { requests, start } = introspecting()
    await start('a')
    requests[0]?.fail(status(code, retryAfter))
    await settled()
    expect(requests).toHaveLength(count)
  })

  it.each([
    [429, 9],
    [503, 9],
    [401, 1],
  ])('with status %i and Retry-After 9 lets no one send for %i s', async (code, pause) => {
    const { introspector, failing } = introspecting()
    await failing('a', status(code, 9))
    expect(introspector.state().retryIn).toBe(pause)
  })

  it('that opens the breaker refuses others at once: they do not wait until they could start', async () => {
    const { requests, start } = introspecting({ maxConcurrent: 2 })
    await start('made up')
    const { outcome } = await start('seen', true)
    const error = status(401)
    requests[1]?.fail(error)
    await outcome
    expect(await (await start('another')).outcome).toMatchObject({ details: { cause: error } })
  })

  it('of a response that is not usable is not repeated, whatever its status', async () => {
    const { requests, start } = introspecting()
    await start('a')
    requests[0]?.fail(new UpstreamError('shape', 'x', { status: 502 }))
    await settled()
    expect(requests).toHaveLength(1)
  })

  it('that may be about one token only is a request to wait if it says so', async () => {
    const { introspector, failing } = introspecting()
    await failing('a', new UpstreamError('too_large', 'x', { retryAfter: 9 }))
    expect(introspector.state()).toMatchObject({ status: 'open', retryIn: 9 })
  })

  it('with 429 is a request to wait all the same (RFC 6585 §4)', async () => {
    const { introspector, failing } = introspecting({ breaker: { failures: 5, delay: 1, maxDelay: 30 } })
    await failing('a', status(429, 9))
    expect(introspector.state()).toMatchObject({ status: 'open', retryIn: 9 })
  })
})
