import type { ResourceServer } from 'bearward'
import { beforeEach, describe, expect, it } from 'vitest'
import { opaqueToken } from '../support/issuer/introspection-endpoint.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { type Outcome, send, tally, until } from '../support/upstream/requests.ts'
import { introspectionOf, together, useBench } from './kit.ts'

// I7: five failures in a row open the breaker; after the delay, one probe decides.

const bench = useBench()
const clock = useMonotonicClock()

type Reply = typeof bench.endpoint.reply
/** Fails without a retry: the response itself is invalid. */
const broken: Reply = (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{')
const status =
  (code: number): Reply =>
  (_request, response) =>
    response.writeHead(code, { 'content-type': 'application/json' }).end('{}')

let calls: () => number
beforeEach(() => {
  calls = () => bench.endpoint.calls()
})

/** This many failures, each with another token. */
async function fail(server: ResourceServer, times: number): Promise<void> {
  bench.endpoint.reply = broken
  for (let round = 0; round < times; round++) expect((await send(server, opaqueToken())).status).toBe(503)
}

/** The end of the delay is spread over its last tenth, so that a fleet does not return at once. */
const JITTER = 0.1

/** No request goes out; callers learn how long the breaker stays open, at most. */
async function expectOpen(server: ResourceServer, max: number, least = max * (1 - JITTER)): Promise<void> {
  const before = calls()
  const outcomes: Outcome[] = await together(20, () => send(server, opaqueToken()))
  expect(tally(outcomes)).toEqual({ '503 introspection_unavailable': 20 })
  for (const { retryAfter } of outcomes) {
    expect(retryAfter).toBeGreaterThanOrEqual(Math.ceil(least))
    expect(retryAfter).toBeLessThanOrEqual(Math.ceil(max))
  }
  expect(calls()).toBe(before)
  expect(introspectionOf(server)).toMatchObject({ status: 'open' })
  expect(introspectionOf(server)?.retryIn).toBeGreaterThan(0)
  expect(introspectionOf(server)?.retryIn).toBeLessThanOrEqual(max)
}

const states = () => bench.log.of('breaker').map(({ state, retryIn }) => [state, retryIn])

describe('the breaker', () => {
  it('opens after five failures in a row, and not before', async () => {
    const server = bench.server()
    await fail(server, 4)
    expect(introspectionOf(server)?.status).toBe('closed')
    await fail(server, 1)
    expect(calls()).toBe(5)
    await expectOpen(server, 1)
    expect(bench.log.of('breaker')).toEqual([
      { type: 'breaker', issuer: bench.issuer.url, state: 'open', retryIn: expect.any(Number) },
    ])
  })

  it('counts consecutive failures only: a success resets the count', async () => {
    const server = bench.server()
    for (let round = 0; round < 3; round++) {
      await fail(server, 4)
      bench.endpoint.reply = bench.endpoint.respondByToken
      expect((await send(server, bench.opaque())).status).toBe(200)
    }
    expect(introspectionOf(server)?.status).toBe('closed')
    expect(bench.log.of('breaker')).toEqual([])
  })

  it('an inactive token is a success', async () => {
    const server = bench.server()
    await fail(server, 4)
    bench.endpoint.reply = bench.endpoint.respondByToken
    expect((await send(server, opaqueToken())).status).toBe(401)
    await fail(server, 4)
    expect(introspectionOf(server)?.status).toBe('closed')
  })

  it('open: 503 at once with the time left, until the delay is over', async () => {
    const server = bench.server({ breaker: { delay: 10 } })
    await fail(server, 5)
    await expectOpen(server, 10)
    clock.advance(3.5)
    await expectOpen(server, 6.5, 5.5)
    clock.advance(5.4)
    await expectOpen(server, 1.1, 0.1)
    bench.endpoint.reply = bench.endpoint.respondByToken
    clock.advance(1.1)
    expect((await send(server, bench.opaque())).status).toBe(200)
  })

  it('then one request goes out; others get 503 while it is pending', async () => {
    const server = bench.server()
    await fail(server, 5)
    clock.advance(1.2)
    bench.endpoint.reply = bench.endpoint.respondByToken
    const held = bench.endpoint.hold()
    const probe = send(server, bench.opaque())
    await until(() => held.waiting.length === 1, 'the probe')
    expect(introspectionOf(server)?.status).toBe('half_open')
    const others = await together(100, () => send(server, opaqueToken()))
    expect(tally(others)).toEqual({ '503 introspection_unavailable': 100 })
    expect(Math.min(...others.map(({ retryAfter }) => retryAfter ?? 0))).toBeGreaterThanOrEqual(1)
    expect(held.waiting.length).toBe(1)
    held.release()
    expect((await probe).status).toBe(200)
    expect(introspectionOf(server)).toMatchObject({ status: 'closed', retryIn: 0, lastError: undefined })
    expect(tally(await together(10, () => send(server, bench.opaque())))).toEqual({ 200: 10 })
    expect(states().map(([state]) => state)).toEqual(['open', 'half_open', 'closed'])
  })

  it('100 requests at the end of the delay: one introspection request', async () => {
    const server = bench.server()
    await fail(server, 5)
    clock.advance(1.2)
    const before = calls()
    expect((await together(100, () => send(server, opaqueToken()))).every((one) => one.status === 503)).toBe(true)
    expect(calls()).toBe(before + 1)
  })

  it('requests with the same token share the response of the probe', async () => {
    const server = bench.server()
    await fail(server, 5)
    clock.advance(1.2)
    bench.endpoint.reply = bench.endpoint.respondByToken
    const token = bench.opaque()
    expect(tally(await together(100, () => send(server, token)))).toEqual({ 200: 100 })
    expect(calls()).toBe(6)
  })

  it('the delay doubles with each failed probe, up to the limit; a success resets it', async () => {
    const server = bench.server()
    await fail(server, 5)
    for (const pause of [1, 2, 4, 8, 16, 30, 30]) {
      await expectOpen(server, pause)
      clock.advance(pause)
      const before = calls()
      await fail(server, 1)
      expect(calls()).toBe(before + 1)
    }
    clock.advance(30)
    bench.endpoint.reply = bench.endpoint.respondByToken
    expect((await send(server, bench.opaque())).status).toBe(200)
    await fail(server, 5)
    await expectOpen(server, 1)
    const [state, retryIn] = states()[0] ?? []
    expect(state).toBe('open')
    expect(retryIn).toBeGreaterThan(0.85)
    expect(retryIn).toBeLessThanOrEqual(1)
  })

  it('a failed probe is not retried', async () => {
    const server = bench.server()
    await fail(server, 5)
    clock.advance(1.2)
    bench.endpoint.reply = status(503)
    const before = calls()
    expect((await send(server, opaqueToken())).status).toBe(503)
    expect(calls() - before).toBeLessThanOrEqual(2)
    await expectOpen(server, 2)
  })

  it('a probe that hangs ends with its deadline, and the next one may start', async () => {
    const server = bench.server({ deadline: 0.4 })
    await fail(server, 5)
    clock.advance(1.2)
    bench.endpoint.reply = () => undefined
    expect((await send(server, opaqueToken())).status).toBe(503)
    await expectOpen(server, 2)
    clock.advance(2.3)
    bench.endpoint.reply = bench.endpoint.respondByToken
    expect((await send(server, bench.opaque())).status).toBe(200)
  })
})

describe('what it does not affect', () => {
  it('cached responses, active and inactive, and JWTs', async () => {
    const server = bench.server()
    const token = bench.opaque()
    await send(server, token)
    await send(server, 'unknown')
    await fail(server, 5)
    await expectOpen(server, 1)
    expect((await send(server, token)).status).toBe(200)
    expect(await send(server, 'unknown')).toMatchObject({ status: 401, reason: 'inactive' })
    expect((await send(server, await bench.issuer.sign())).status).toBe(200)
  })

  it('another server that uses the same endpoint', async () => {
    const [one, two] = [bench.server(), bench.server()]
    await fail(one, 5)
    bench.endpoint.reply = bench.endpoint.respondByToken
    expect((await send(two, bench.opaque())).status).toBe(200)
  })
})

describe('what it counts', () => {
  for (const code of [400, 403, 404, 422]) {
    it(`not ${code}: the endpoint works, and another request may succeed`, async () => {
      const server = bench.server()
      bench.endpoint.reply = status(code)
      for (let round = 0; round < 8; round++) expect((await send(server, opaqueToken())).status).toBe(503)
      expect(calls()).toBe(8)
      expect(introspectionOf(server)?.status).toBe('closed')
    })
  }

  for (const code of [401, 408, 429, 502, 503, 504]) {
    it(`${code} it does`, async () => {
      const server = bench.server()
      bench.endpoint.reply = status(code)
      for (let round = 0; round < 8; round++) expect((await send(server, opaqueToken())).status).toBe(503)
      expect(introspectionOf(server)?.status).toBe('open')
      expect(calls()).toBeLessThanOrEqual(10)
    })
  }

  it('a rejection of our own credentials is reported as such (RFC 7662 §2.3)', async () => {
    for (const code of [400, 401, 403]) {
      const server = bench.server()
      bench.endpoint.reply = status(code)
      const outcome = await send(server, opaqueToken())
      expect(outcome).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
      expect(bench.log.of('fetch').at(-1)).toMatchObject({
        target: 'introspection',
        outcome: 'failed',
        code: 'client_refused',
        status: code,
      })
      expect(introspectionOf(server)?.lastError).toMatchObject({ code: 'client_refused', status: code })
    }
  })
})

describe('breaker options', () => {
  it('failures, delay and maxDelay apply', async () => {
    const server = bench.server({ breaker: { failures: 2, delay: 3, maxDelay: 5 } })
    await fail(server, 2)
    for (const pause of [3, 5, 5]) {
      await expectOpen(server, pause)
      clock.advance(pause)
      await fail(server, 1)
    }
  })
})
