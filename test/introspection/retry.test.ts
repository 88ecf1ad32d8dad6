import { describe, expect, it } from 'vitest'
import { activeResponse, CLIENT, opaqueToken } from '../support/issuer/introspection-endpoint.ts'
import { WRONG_RESPONSES } from '../support/upstream/faults.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { send, until } from '../support/upstream/requests.ts'
import { introspectionOf, useBench } from './kit.ts'

// I7, E2: at most one retry, and none before the Retry-After of the endpoint.

const bench = useBench()
const clock = useMonotonicClock()

type Reply = typeof bench.endpoint.reply
const status =
  (code: number, headers: Record<string, string> = {}): Reply =>
  (_request, response) =>
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end('{}')

/** Fails this many times, then responds. */
const failing = (times: number, reply: Reply) => {
  let left = times
  bench.endpoint.reply = (...args) => (left-- > 0 ? reply : bench.endpoint.respondByToken)(...args)
}

describe('a retry (RFC 9110 §9.2.2: introspection is idempotent)', () => {
  const ONCE: Readonly<Record<string, Reply>> = {
    500: status(500),
    502: status(502),
    503: status(503),
    504: status(504),
    'a connection that is reset': (request) => request.socket.resetAndDestroy(),
    'a truncated body': WRONG_RESPONSES['ends before its Content-Length']?.respond as Reply,
  }
  for (const [what, reply] of Object.entries(ONCE)) {
    it(`after ${what}: the caller does not notice`, async () => {
      failing(1, reply)
      const server = bench.server()
      expect((await send(server, bench.opaque())).status).toBe(200)
      expect(bench.endpoint.calls()).toBe(2)
      expect(introspectionOf(server)).toMatchObject({ status: 'closed', lastError: undefined })
    })

    it(`after ${what}: but only once`, async () => {
      failing(2, reply)
      expect((await send(bench.server(), bench.opaque())).status).toBe(503)
      expect(bench.endpoint.calls()).toBe(2)
    })
  }

  for (const code of [400, 401, 403, 404, 429, 501]) {
    it(`not after ${code}`, async () => {
      failing(1, status(code))
      expect((await send(bench.server(), bench.opaque())).status).toBe(503)
      expect(bench.endpoint.calls()).toBe(1)
    })
  }

  it('not after a wrong shape, a wrong type or broken JSON: the response would be the same', async () => {
    for (const what of ['sends HTML', 'sends broken JSON', 'sends an array', 'redirects with 307']) {
      const before = bench.endpoint.calls()
      failing(1, WRONG_RESPONSES[what]?.respond as Reply)
      expect((await send(bench.server(), bench.opaque())).status, what).toBe(503)
      expect(bench.endpoint.calls() - before, what).toBe(1)
    }
  })

  it('only while half of the deadline is left', async () => {
    let respondLate: () => void = () => undefined
    bench.endpoint.reply = (...args) => {
      respondLate = () => void status(500)(...args)
    }
    const server = bench.server({ deadline: 2 })
    const waiting = send(server, bench.opaque())
    await until(() => bench.endpoint.calls() === 1, 'the introspection request')
    await new Promise((resolve) => setTimeout(resolve, 1200))
    respondLate()
    expect((await waiting).status).toBe(503)
    expect(bench.endpoint.calls()).toBe(1)
  })

  it('both attempts share one deadline', async () => {
    let calls = 0
    bench.endpoint.reply = (request, response, introspection) => {
      if (++calls === 1) status(500)(request, response, introspection)
    }
    const outcome = await send(bench.server({ deadline: 1 }), bench.opaque())
    expect(outcome.status).toBe(503)
    expect(outcome.milliseconds).toBeLessThan(5000)
    expect(calls).toBe(2)
  })
})

describe('Retry-After of the endpoint (RFC 9110 §10.2.3)', () => {
  const RETRY_AFTER: Readonly<Record<string, Reply>> = {
    '429 in seconds': status(429, { 'retry-after': '9' }),
    '503 in seconds': status(503, { 'retry-after': '9' }),
    '429 as a date': (request, response, introspection) =>
      status(429, { 'retry-after': new Date(Date.now() + 9500).toUTCString() })(request, response, introspection),
  }
  for (const [what, reply] of Object.entries(RETRY_AFTER)) {
    it(`${what}: no request before, whatever the token, and callers get the time left`, async () => {
      const server = bench.server()
      const cached = bench.opaque()
      await send(server, cached)
      bench.endpoint.reply = reply
      const first = await send(server, opaqueToken())
      expect(first.status).toBe(503)
      expect(first.retryAfter).toBeGreaterThanOrEqual(8)
      expect(first.retryAfter).toBeLessThanOrEqual(10)
      clock.advance(5)
      const second = await send(server, opaqueToken())
      expect(second).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
      expect(second.retryAfter).toBeGreaterThanOrEqual(3)
      expect(second.retryAfter).toBeLessThanOrEqual(5)
      expect(bench.endpoint.calls()).toBe(2)
      expect((await send(server, cached)).status).toBe(200)
      bench.endpoint.reply = bench.endpoint.respondByToken
      clock.advance((second.retryAfter ?? 0) + 0.1)
      expect((await send(server, bench.opaque())).status).toBe(200)
      expect(bench.endpoint.calls()).toBe(3)
    })
  }

  it('of other responses is ignored: 200 and 404 delay no request', async () => {
    const server = bench.server()
    bench.endpoint.reply = status(404, { 'retry-after': '100' })
    await send(server, opaqueToken())
    bench.endpoint.reply = (_request, response, { token }) =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'retry-after': '100' })
        .end(JSON.stringify(bench.endpoint.responses.get(token) ?? activeResponse()))
    expect((await send(server, bench.opaque())).status).toBe(200)
    expect((await send(server, bench.opaque())).status).toBe(200)
  })

  it.each(['31536000', '9999999999', '9'.repeat(400)])('that is implausible is bounded (%#)', async (seconds) => {
    const server = bench.server()
    bench.endpoint.reply = status(503, { 'retry-after': seconds })
    expect((await send(server, opaqueToken())).retryAfter).toBe(60)
    clock.advance(59)
    expect((await send(server, bench.opaque())).status).toBe(503)
    expect(bench.endpoint.calls()).toBe(1)
    bench.endpoint.reply = bench.endpoint.respondByToken
    clock.advance(3601)
    expect((await send(server, bench.opaque())).status).toBe(200)
  })

  it('in the response to a probe lasts longer than the delay of the breaker', async () => {
    const server = bench.server()
    bench.endpoint.reply = status(500)
    for (let round = 0; round < 5; round++) await send(server, opaqueToken())
    clock.advance(1.2)
    bench.endpoint.reply = status(503, { 'retry-after': '60' })
    expect((await send(server, opaqueToken())).retryAfter).toBeGreaterThanOrEqual(59)
    const before = bench.endpoint.calls()
    clock.advance(31)
    expect((await send(server, opaqueToken())).status).toBe(503)
    expect(bench.endpoint.calls()).toBe(before)
  })

  it('of one issuer affects neither its JWTs nor another server', async () => {
    const server = bench.server()
    bench.endpoint.reply = status(429, { 'retry-after': '100' })
    await send(server, opaqueToken())
    expect((await send(server, await bench.issuer.sign())).status).toBe(200)
    bench.endpoint.reply = bench.endpoint.respondByToken
    expect((await send(bench.server(), bench.opaque())).status).toBe(200)
  })
})

describe('the deadline', () => {
  it('covers discovery and the introspection request together', async () => {
    const { onMetadata } = bench.issuer
    const { respondByToken } = bench.endpoint
    // Either of the two alone would be in time.
    bench.issuer.onMetadata = (request, response) => setTimeout(onMetadata, 350, request, response)
    bench.endpoint.reply = (...args) => setTimeout(respondByToken, 550, ...args)
    const server = bench.server({}, { introspection: { client: CLIENT, deadline: 0.6 } })
    expect((await send(server, bench.opaque())).status).toBe(503)
  })

  it('leaves discovery that is slow but in time alone', async () => {
    const { onMetadata } = bench.issuer
    bench.issuer.onMetadata = (request, response) => setTimeout(onMetadata, 50, request, response)
    const server = bench.server({}, { introspection: { client: CLIENT, deadline: 5 } })
    expect((await send(server, bench.opaque())).status).toBe(200)
  })

  it('leaves an endpoint that is slow but in time alone', async () => {
    const { respondByToken } = bench.endpoint
    bench.endpoint.reply = (...args) => setTimeout(respondByToken, 300, ...args)
    expect((await send(bench.server(), bench.opaque())).status).toBe(200)
    expect(bench.endpoint.calls()).toBe(1)
  })
})
