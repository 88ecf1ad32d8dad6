import { describe, expect, it } from 'vitest'
import { WRONG_RESPONSES, type WrongResponse } from '../support/upstream/faults.ts'
import { moveTogether, useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { send, tally } from '../support/upstream/requests.ts'
import { type Bench, introspectionOf, together, useBench } from './kit.ts'

// E2: one test for each kind of wrong response.

const bench = useBench()
const clock = useMonotonicClock()

// In seconds. Short only where the test waits for it: a good response must not time out on a busy machine.
const deadlineFor = ({ code }: WrongResponse) => (code === 'timeout' ? 0.5 : 5)
const MAX_WAIT = 5000

/** A retry makes sense if nothing arrived, or if the server reports a temporary failure. */
const RETRIED = ['responds 500', 'responds 502', 'responds 503', 'responds 503 with a Retry-After that is neither']
const callsFor = (what: string, { code }: WrongResponse) => (code === 'network' || RETRIED.includes(what) ? 2 : 1)

/** Failures that a single token may have caused, or that waiting cannot fix, do not count for the breaker. */
const isCounted = (what: string, { code }: WrongResponse) => what !== 'responds 404' && code !== 'too_large'

async function checkOutage(bench: Bench, what: string, bad: WrongResponse, advance: (seconds: number) => unknown) {
  const code = what === 'responds 401' ? 'client_refused' : bad.code
  let calls = 0
  const counting: typeof fetch = (input, init) => {
    calls++
    return fetch(input, init)
  }
  const server = bench.server({ deadline: deadlineFor(bad) }, {}, { fetch: counting })
  const cached = bench.opaque()
  expect((await send(server, cached)).status).toBe(200)
  calls = 0
  const before = bench.endpoint.calls()
  const token = bench.opaque()
  bench.endpoint.reply = bad.respond

  const first = await send(server, token)
  expect(first).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
  expect(first.milliseconds).toBeLessThan(MAX_WAIT)
  expect(first.retryAfter).toBeGreaterThanOrEqual(bad.retryAfter ?? 1)
  expect(first.retryAfter).toBeLessThanOrEqual((bad.retryAfter ?? 0) + 2)
  expect(first.headers).not.toHaveProperty('WWW-Authenticate')
  expect(calls).toBe(callsFor(what, bad))
  // Some runtimes resend a request themselves if a keep-alive connection closed before the response.
  expect(bench.endpoint.calls() - before).toBeGreaterThanOrEqual(calls)
  expect(bench.endpoint.calls() - before).toBeLessThanOrEqual(calls + (bad.code === 'network' ? 1 : 0))
  expect(bench.endpoint.strays).toEqual([])
  expect(introspectionOf(server)?.lastError).toMatchObject({ code })
  expect(bench.log.of('decision').at(-1)).toMatchObject({ outcome: 'unavailable', cause: { code } })
  expect(bench.log.of('fetch').at(-1)).toMatchObject({ target: 'introspection', outcome: 'failed', code })

  // After enough failures, or a Retry-After: no call and no waiting. A 500 may be about one token, so it counts later.
  const isUncertain = what === 'responds 500'
  if (isUncertain) await advance(5)
  await together(isUncertain ? 5 : 4, () => send(server, bench.opaque()))
  const callsBefore = bench.endpoint.calls()
  const rest = await together(50, () => send(server, token))
  expect(tally(rest)).toEqual({ '503 introspection_unavailable': 50 })
  expect(Math.max(...rest.map(({ milliseconds }) => milliseconds))).toBeLessThan(MAX_WAIT)
  const spared = isCounted(what, bad)
  expect(bench.endpoint.calls() - callsBefore).toBe(spared ? 0 : 1)

  // Cached responses are still served.
  expect((await send(server, cached)).status).toBe(200)

  bench.endpoint.reply = bench.endpoint.respondByToken
  await advance(Math.max(1.2, (bad.retryAfter ?? 0) + 2))
  expect((await send(server, token)).status).toBe(200)
  expect(introspectionOf(server)).toMatchObject({ status: 'closed', lastError: undefined, retryIn: 0 })
}

const PROMISE = '503 within the deadline, at most one retry, then 503 at once without a call, then recovery'
const timeouts = Object.entries(WRONG_RESPONSES).filter(([, { code }]) => code === 'timeout')

for (const [what, bad] of Object.entries(WRONG_RESPONSES)) {
  if (bad.code === 'timeout') continue
  it(`${what}: ${PROMISE}`, () => checkOutage(bench, what, bad, clock.advance))
}

describe(timeouts.map(([what]) => what).join(', '), () => {
  const benches = timeouts.map(() => useBench())

  it(`each of them: ${PROMISE}`, async () => {
    expect(timeouts.length).toBe(5)
    const advance = moveTogether(timeouts.length, clock.advance)
    const checkOne = async ([what, bad]: (typeof timeouts)[number], index: number) => {
      try {
        await checkOutage(benches[index] as Bench, what, bad, advance)
      } catch (cause) {
        throw new Error(what, { cause })
      }
    }
    // Concurrently: each waits for two deadlines.
    await Promise.all(timeouts.map(checkOne))
  })
})

describe('the cost of a response body', () => {
  it('an endless body is cut off at the size limit, not at the deadline', async () => {
    const { respond } = WRONG_RESPONSES['sends without end'] as WrongResponse
    let sent = () => 0
    bench.endpoint.reply = (request, response) => {
      const { socket } = request
      sent = () => socket.bytesWritten
      respond(request, response)
    }
    const outcome = await send(bench.server({ deadline: 20 }), bench.opaque())
    expect(outcome.status).toBe(503)
    expect(outcome.milliseconds).toBeLessThan(15_000)
    // At most what the buffers of both sides hold.
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(sent()).toBeLessThan(32 * 2 ** 20)
  })
})

it.each([
  [400, 'text/html'],
  [500, 'application/json'],
  [302, 'application/json'],
  [200, 'text/html'],
])('a body that is not read is released, also by a fetch that ignores its signal: %i, %s', async (status, type) => {
  let open = 0
  const fetch = async () => {
    open++
    const body = new ReadableStream({ cancel: () => void open-- })
    return new Response(body, { status, headers: { 'content-type': type } })
  }
  const server = bench.server({}, {}, { fetch })
  expect((await send(server, bench.opaque())).status).toBe(503)
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(open).toBe(0)
})
