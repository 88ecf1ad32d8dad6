import { describe, expect, it } from 'vitest'
import { createBlame } from '../../src/introspection/blame.ts'
import { UpstreamError, type UpstreamErrorCode } from '../../src/upstream/upstream-error.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'

const clock = useMonotonicClock()

const status = (code: number) => new UpstreamError('status', 'x', { status: code })
const madeUp = (digest = 'made up') => ({ digest, isSeen: false })
const seen = (digest = 'seen') => ({ digest, isSeen: true })

describe('a failure is the one of the server (I7, I14)', () => {
  it.each([401, 408, 429, 501, 502, 503, 504, 307, 399])('with status %i, whatever the token', (code) => {
    expect(createBlame().isServers(status(code), madeUp())).toBe(true)
    expect(createBlame().isServers(status(code), seen())).toBe(true)
  })

  it.each<UpstreamErrorCode>(['network', 'timeout', 'shape', 'json'])('%s, whatever the token', (code) => {
    expect(createBlame().isServers(new UpstreamError(code, 'x'), madeUp())).toBe(true)
  })

  it.each([400, 403, 404, 410, 499])('not with status %i: our request may have caused it', (code) => {
    expect(createBlame().isServers(status(code), seen())).toBe(false)
  })

  it.each<UpstreamErrorCode>(['claims', 'too_large'])('not %s: the token may have caused it', (code) => {
    expect(createBlame().isServers(new UpstreamError(code, 'x'), seen())).toBe(false)
  })

  it('with 500 for a token that is not made up, unless that one just failed', () => {
    const blame = createBlame()
    expect(blame.isServers(status(500), seen())).toBe(true)
    blame.failed(seen(), 0)
    expect(blame.isServers(status(500), seen())).toBe(false)
    expect(blame.isServers(status(500), seen('other'))).toBe(true)
  })

  it('with 500 for tokens that may be made up, after five seconds without a success', () => {
    const blame = createBlame()
    for (const round of ['first', 'after a success']) {
      expect(blame.isServers(status(500), madeUp()), round).toBe(false)
      clock.advance(4.999)
      expect(blame.isServers(status(500), madeUp()), round).toBe(false)
      clock.advance(0.001)
      expect(blame.isServers(status(500), madeUp()), round).toBe(true)
      blame.succeeded()
    }
  })

  it('an unclear failure does not begin those five seconds', () => {
    const blame = createBlame()
    blame.isServers(status(404), madeUp())
    clock.advance(5)
    expect(blame.isServers(status(500), madeUp())).toBe(false)
  })
})

describe('after a failure', () => {
  it('other tokens go first, for a second longer than the pause', () => {
    const blame = createBlame()
    expect(blame.justFailed(madeUp())).toBe(false)
    blame.failed(madeUp(), 2)
    expect([blame.justFailed(madeUp()), blame.justFailed(madeUp('other'))]).toEqual([true, false])
    clock.advance(2.999)
    expect(blame.justFailed(madeUp())).toBe(true)
    clock.advance(0.001)
    expect(blame.justFailed(madeUp())).toBe(false)
  })

  it('those that failed are forgotten, from a thousand on', () => {
    const blame = createBlame()
    for (let at = 0; at <= 1000; at++) blame.failed(madeUp(`${at}`), 2)
    expect(['0', '1', '1000'].map((digest) => blame.justFailed(madeUp(digest)))).toEqual([false, true, true])
  })

  it('the server may work for a token that is not made up, until one of those has failed', () => {
    const blame = createBlame()
    blame.isServers(status(503), madeUp())
    expect([blame.mayWorkFor(seen()), blame.mayWorkFor(madeUp())]).toEqual([true, false])
    blame.failed(seen(), 0)
    expect([blame.mayWorkFor(seen()), blame.mayWorkFor(seen('other'))]).toEqual([false, true])
    blame.isServers(status(503), seen())
    expect(blame.mayWorkFor(seen('other'))).toBe(true)
    blame.isServers(status(503), seen('other'))
    expect(blame.mayWorkFor(seen('third'))).toBe(false)
    blame.succeeded()
    expect(blame.mayWorkFor(seen('third'))).toBe(true)
  })

  it('with 500 for a token that may be made up, no such request is repeated for a second', () => {
    const blame = createBlame()
    expect(blame.mayRetry(status(500), madeUp())).toBe(true)
    blame.isServers(status(503), madeUp())
    blame.isServers(status(500), seen())
    expect(blame.mayRetry(status(500), madeUp())).toBe(true)
    blame.isServers(status(500), madeUp())
    clock.advance(0.999)
    expect(blame.mayRetry(status(500), madeUp('other'))).toBe(false)
    expect(blame.mayRetry(status(503), madeUp())).toBe(true)
    expect(blame.mayRetry(status(500), seen())).toBe(true)
    clock.advance(0.001)
    expect(blame.mayRetry(status(500), madeUp())).toBe(true)
  })
})
