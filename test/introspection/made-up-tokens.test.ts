import { introspected, type ResourceServer } from 'bearward'
import { describe, expect, it } from 'vitest'
import { activeResponse, opaqueToken } from '../support/issuer/introspection-endpoint.ts'
import { amount } from '../support/tiers/amount.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { send, tally, until } from '../support/upstream/requests.ts'
import { introspectionOf, together, useBench } from './kit.ts'

// I14: tokens that someone made up must not stop the introspection of good ones.

const bench = useBench()
const clock = useMonotonicClock()
const calls = () => bench.endpoint.calls()

/** The endpoint fails for tokens that it did not issue, instead of calling them inactive. */
function failForUnknown(status: number, headers: Readonly<Record<string, string>> = {}): void {
  const { respondByToken, responses } = bench.endpoint
  bench.endpoint.reply = (request, response, received) => {
    if (responses.has(received.token)) respondByToken(request, response, received)
    else response.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{}')
  }
}

/** Opens the breaker by failures of made-up tokens. */
async function open(server: ResourceServer): Promise<void> {
  for (let round = 0; round < 5; round++) expect((await send(server, opaqueToken())).status).toBe(503)
  expect(introspectionOf(server)?.status).toBe('open')
}

describe('200 made-up tokens a second, for which the endpoint fails (I14)', () => {
  // Longer than the 5 s in which a 500 does not count.
  const SECONDS = amount(20, 6)

  /** A made-up token every 5 ms, and a good one every 50 ms, without sockets. */
  async function flood(
    failure: () => Response,
    { madeUp, good, seen = false }: { madeUp: () => string; good: () => string; seen?: boolean },
  ) {
    const issued = new Set<string>()
    const fetch = async (_input: unknown, init?: RequestInit) =>
      issued.has(new URLSearchParams(String(init?.body)).get('token') ?? '')
        ? Response.json(activeResponse())
        : failure()
    const server = bench.server({ cache: { active: 0 } }, {}, { fetch, onEvent: () => undefined })
    const sendGood = () => {
      const token = good()
      issued.add(token)
      return send(server, token)
    }
    if (seen) await sendGood()
    const outcomes = []
    for (let step = 0; step < SECONDS * 200; step++) {
      clock.advance(0.005)
      await send(server, madeUp())
      if (step % 10 === 9) outcomes.push(await sendGood())
    }
    return tally(outcomes)
  }

  const failWith = (status: number) => () => Response.json({}, { status })
  const ALL = 20 * SECONDS

  it('500: good tokens that were never seen before are all served, from a cold start', async () => {
    expect(await flood(failWith(500), { madeUp: opaqueToken, good: opaqueToken })).toEqual({ 200: ALL })
  })

  it('500 for one made-up token all the time: the same', async () => {
    expect(await flood(failWith(500), { madeUp: () => 'the-same-one', good: opaqueToken })).toEqual({ 200: ALL })
  })

  // What looks like an outage of the endpoint: tokens that were active before still show that it works.
  for (const [what, failure] of Object.entries({
    '503': failWith(503),
    '502': failWith(502),
    'a response that is not JSON': () => new Response('<html>'),
    'a broken connection': () => {
      throw new TypeError('fetch failed')
    },
  })) {
    it(`${what}: at least 95 % of the requests with tokens that were active before are served`, async () => {
      const served = await flood(failure, { madeUp: opaqueToken, good: () => 'a-good-token', seen: true })
      expect(served[200]).toBeGreaterThanOrEqual(0.95 * ALL)
    })
  }

  it('500: one request each, since only the first is retried; a token that was active before always is', async () => {
    const server = bench.server({ cache: { active: 0 } })
    const token = bench.opaque()
    expect((await send(server, token)).status).toBe(200)
    failForUnknown(500)
    const callsFor = async (tokens: number) => {
      const before = calls()
      for (let round = 0; round < tokens; round++) await send(server, opaqueToken())
      return calls() - before
    }
    expect(await callsFor(20)).toBe(21)
    clock.advance(0.999)
    expect(await callsFor(1)).toBe(1)
    clock.advance(1)
    expect(await callsFor(2)).toBe(3)
    bench.endpoint.reply = (_request, response) => response.writeHead(500).end()
    const before = calls()
    expect((await send(server, token)).status).toBe(503)
    expect(calls() - before).toBe(2)
  })

  it('does not hide an outage: 500 for every token opens the breaker, within 5 s for new ones', async () => {
    bench.endpoint.reply = (_request, response) => response.writeHead(500).end()
    const server = bench.server()
    for (let round = 0; round < 20; round++) await send(server, opaqueToken())
    expect(introspectionOf(server)?.status).toBe('closed')
    clock.advance(5)
    for (let round = 0; round < 5; round++) await send(server, opaqueToken())
    expect(introspectionOf(server)?.status).toBe('open')
    const before = calls()
    await send(server, opaqueToken())
    expect(calls()).toBe(before)
  })

  it('and at once if tokens that were active before fail', async () => {
    const server = bench.server({ cache: { active: 0 } })
    const tokens = Array.from({ length: 5 }, () => bench.opaque())
    for (const token of tokens) expect((await send(server, token)).status).toBe(200)
    bench.endpoint.reply = (_request, response) => response.writeHead(500).end()
    for (const token of tokens) await send(server, token)
    expect(introspectionOf(server)?.status).toBe('open')
  })
})

describe('while the breaker is open (I7, I14)', () => {
  it('a token that was active before tests the endpoint at once, if only others have failed', async () => {
    const server = bench.server({ cache: { active: 0 }, breaker: { delay: 30 } })
    const token = bench.opaque()
    await send(server, token)
    failForUnknown(503)
    await open(server)
    expect((await send(server, token)).status).toBe(200)
    expect(introspectionOf(server)?.status).toBe('closed')
  })

  it('so does a JWT with a valid signature, on a route with introspected', async () => {
    const server = bench.server({ breaker: { delay: 30 } })
    const jwt = await bench.issuer.sign()
    bench.endpoint.responses.set(jwt, activeResponse())
    failForUnknown(503)
    await open(server)
    expect((await send(server, jwt, introspected({ maxAge: 5 }))).status).toBe(200)
    expect(introspectionOf(server)?.status).toBe('closed')
  })

  it('not once it has failed as well', async () => {
    const server = bench.server({ cache: { active: 0 }, breaker: { delay: 30 } })
    const [token, other] = [bench.opaque(), bench.opaque()]
    await send(server, token)
    await send(server, other)
    bench.endpoint.reply = (_request, response) => response.writeHead(503).end()
    await open(server)
    const before = calls()
    await send(server, token)
    expect(calls()).toBe(before + 1)
    for (const seen of [token, other]) expect((await send(server, seen)).status).toBe(503)
    expect(calls()).toBe(before + 1)
  })

  it('one at a time', async () => {
    const server = bench.server({ cache: { active: 0 }, breaker: { delay: 30 } })
    const tokens = Array.from({ length: 20 }, () => bench.opaque())
    for (const token of tokens) await send(server, token)
    failForUnknown(503)
    await open(server)
    const held = bench.endpoint.hold()
    const outcomes = Promise.all(tokens.map((token) => send(server, token)))
    await until(() => held.waiting.length > 0, 'the probe')
    expect(held.waiting.length).toBe(1)
    held.release()
    expect(tally(await outcomes)).toEqual({ 200: 1, '503 introspection_unavailable': 19 })
  })

  it('a token that just failed is not the next probe: others go first for a second', async () => {
    const server = bench.server()
    const token = bench.opaque()
    failForUnknown(503)
    for (let round = 0; round < 5; round++) await send(server, 'the-same-one')
    clock.advance(1.1)
    const before = calls()
    expect((await send(server, 'the-same-one')).status).toBe(503)
    expect(calls()).toBe(before)
    expect((await send(server, token)).status).toBe(200)
    expect(introspectionOf(server)?.status).toBe('closed')
  })

  it('but it is, if there is no other', async () => {
    const server = bench.server()
    const token = bench.opaque()
    bench.endpoint.reply = (_request, response) => response.writeHead(503).end()
    for (let round = 0; round < 5; round++) await send(server, token)
    bench.endpoint.reply = bench.endpoint.respondByToken
    clock.advance(2.1)
    expect((await send(server, token)).status).toBe(200)
  })
})

describe('Retry-After of the endpoint (I14, RFC 9110 §10.2.3)', () => {
  for (const [code, value] of [
    [429, '86400'],
    [503, '3600'],
    [429, new Date(Date.now() + 86_400_000).toUTCString()],
  ] as const) {
    it(`${code} with ${value}: no request for 60 s, not for longer, and not by a token that was active before`, async () => {
      const server = bench.server({ cache: { active: 0 } })
      const token = bench.opaque()
      await send(server, token)
      failForUnknown(code, { 'retry-after': value })
      const { retryAfter } = await send(server, opaqueToken())
      expect(retryAfter).toBe(60)
      const before = calls()
      for (const seconds of [0, 30, 29]) {
        clock.advance(seconds)
        expect((await send(server, token)).status).toBe(503)
      }
      expect(calls()).toBe(before)
      clock.advance(1.1)
      expect((await send(server, token)).status).toBe(200)
    })
  }
})

describe('introspection.maxConcurrent (I14)', () => {
  it('limits the requests at the same time; others wait, and all are served', async () => {
    const server = bench.server({ maxConcurrent: 4 }) // one of them for tokens that were active before
    const { respondByToken } = bench.endpoint
    let [pending, most] = [0, 0]
    bench.endpoint.reply = (request, response, received) => {
      most = Math.max(most, ++pending)
      setTimeout(() => {
        pending--
        respondByToken(request, response, received)
      }, 2)
    }
    expect(tally(await together(40, () => send(server, bench.opaque())))).toEqual({ 200: 40 })
    expect(most).toBe(3)
  })

  it('is 200 by default, per issuer: 180 for tokens that were never active', async () => {
    const server = bench.server({ cache: { active: 0 } })
    const good = Array.from({ length: 80 }, () => bench.opaque())
    await Promise.all(good.map((token) => send(server, token)))
    const held = bench.endpoint.hold()
    const outcomes = together(230, () => send(server, bench.opaque()))
    await until(() => held.waiting.length === 180, 'the introspection requests')
    const others = Promise.all(good.map((token) => send(server, token)))
    await until(() => held.waiting.length === 200, 'those for tokens that were active before')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(held.waiting.length).toBe(200)
    held.release()
    expect(tally([...(await outcomes), ...(await others)])).toEqual({ 200: 310 })
  })

  it('a request that gets no turn is 503 within the deadline, and the breaker does not count it', async () => {
    const server = bench.server({ maxConcurrent: 1, deadline: 0.6, breaker: { failures: 1 } })
    const held = bench.endpoint.hold()
    const first = send(server, bench.opaque())
    await until(() => held.waiting.length === 1, 'the introspection request')
    const outcome = await send(server, bench.opaque())
    expect(outcome).toMatchObject({ status: 503, reason: 'introspection_unavailable', retryAfter: 1 })
    expect(bench.log.of('decision').at(-1)).toMatchObject({ outcome: 'unavailable', option: 'maxConcurrent' })
    expect(introspectionOf(server)?.status).toBe('closed')
    held.release()
    await first
    expect(calls()).toBe(1)
  })

  for (const [maxConcurrent, forMadeUp] of [
    [20, 18],
    [8, 7],
    [2, 1],
  ] as const) {
    it(`while made-up tokens hang, tokens that were active before always get one of ${maxConcurrent}`, async () => {
      const server = bench.server({ cache: { active: 0 }, maxConcurrent, deadline: 30 })
      const good = Array.from({ length: 10 }, () => bench.opaque())
      for (const token of good) await send(server, token)
      bench.endpoint.requests.length = 0
      const hanging: (() => void)[] = []
      const { respondByToken, responses } = bench.endpoint
      bench.endpoint.reply = (request, response, received) => {
        const respond = () => respondByToken(request, response, received)
        if (responses.has(received.token)) respond()
        else hanging.push(respond)
      }
      const flood = together(50, () => send(server, opaqueToken()))
      await until(() => hanging.length === forMadeUp, 'the requests for made-up tokens')
      for (const token of good) expect((await send(server, token)).status).toBe(200)
      expect([hanging.length, calls()]).toEqual([forMadeUp, forMadeUp + good.length])
      bench.endpoint.reply = respondByToken
      for (const respond of hanging) respond()
      expect(tally(await flood)).toEqual({ '401 inactive': 50 })
    })
  }

  it('tokens that were never active get at most half of them while others wait', async () => {
    const server = bench.server({ cache: { active: 0 }, maxConcurrent: 4 })
    const good = Array.from({ length: 10 }, () => bench.opaque())
    for (const token of good) await send(server, token)
    bench.endpoint.requests.length = 0
    const held = bench.endpoint.hold()
    const madeUp = together(10, () => send(server, opaqueToken()))
    await until(() => held.waiting.length === 3, 'the first requests')
    const served = Promise.all(good.map((token) => send(server, token)))
    const pending = () => bench.endpoint.requests.slice(-4).map(({ token }) => token)
    for (let done = 1; done <= 12; done++) {
      const before = calls()
      held.waiting.shift()?.()
      await until(() => calls() > before, 'the next request')
      // Once those that were sent first have ended, the four pending requests are two of each kind.
      if (done >= 4) expect(pending().filter((token) => good.includes(token))).toHaveLength(2)
    }
    held.release()
    expect(tally(await served)).toEqual({ 200: 10 })
    expect(tally(await madeUp)).toEqual({ '401 inactive': 10 })
  })

  it('applies to an introspect function', async () => {
    let [pending, most] = [0, 0]
    const check = async () => {
      most = Math.max(most, ++pending)
      await new Promise((resolve) => setTimeout(resolve, 2))
      pending--
      return { active: false } as const
    }
    const server = bench.verifying({ check, maxConcurrent: 4 })
    await together(10, () => send(server, opaqueToken()))
    expect(most).toBe(3)
  })
})
