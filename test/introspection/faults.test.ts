import { describe, expect, it } from 'vitest'
import { BAD_ANSWERS, type BadAnswer } from '../support/upstream/faults.ts'
import { moveTogether, useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { ask, tally } from '../support/upstream/requests.ts'
import { type Bench, introspectionOf, together, useBench } from './kit.ts'

// SPEC §11, the column of introspection, one test for each way in which an endpoint can answer wrongly.

const bench = useBench()
const clock = useMonotonicClock()

// In seconds. Short only where it is waited for, so that a busy machine does not make a good answer late.
const deadlineFor = ({ code }: BadAnswer) => (code === 'timeout' ? 0.5 : 5)
const PATIENCE = 5000

/** A second try makes sense where nothing came, or where a server says that it has a moment of weakness. */
const RETRIED = ['answers 500', 'answers 502', 'answers 503', 'answers 503 with a Retry-After that is neither']
const questionsFor = (what: string, { code }: BadAnswer) => (code === 'network' || RETRIED.includes(what) ? 2 : 1)

/** What the one token may have provoked, or what waiting would not mend, is no reason to leave the endpoint alone. */
const isCounted = (what: string, { code }: BadAnswer) => what !== 'answers 404' && code !== 'too_large'

async function checkOutage(bench: Bench, what: string, bad: BadAnswer, advance: (seconds: number) => unknown) {
  const code = what === 'answers 401' ? 'client_refused' : bad.code
  let questions = 0
  const counting: typeof fetch = (input, init) => {
    questions++
    return fetch(input, init)
  }
  const server = bench.server({ deadline: deadlineFor(bad) }, {}, { fetch: counting })
  const known = bench.opaque()
  expect((await ask(server, known)).status).toBe(200)
  questions = 0
  const before = bench.endpoint.calls()
  const token = bench.opaque()
  bench.endpoint.reply = bad.answer

  const first = await ask(server, token)
  expect(first).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
  expect(first.milliseconds).toBeLessThan(PATIENCE)
  expect(first.retryAfter).toBeGreaterThanOrEqual(bad.retryAfter ?? 1)
  expect(first.retryAfter).toBeLessThanOrEqual((bad.retryAfter ?? 0) + 2)
  expect(first.headers).not.toHaveProperty('WWW-Authenticate')
  expect(questions).toBe(questionsFor(what, bad))
  // Some runtimes repeat a request by themselves where a kept connection was cut before anything came.
  expect(bench.endpoint.calls() - before).toBeGreaterThanOrEqual(questions)
  expect(bench.endpoint.calls() - before).toBeLessThanOrEqual(questions + (bad.code === 'network' ? 1 : 0))
  expect(bench.endpoint.strays).toEqual([])
  expect(introspectionOf(server)?.lastError).toMatchObject({ code })
  expect(bench.log.of('decision').at(-1)).toMatchObject({ outcome: 'unavailable', cause: { code } })
  expect(bench.log.of('fetch').at(-1)).toMatchObject({ target: 'introspection', outcome: 'failed', code })

  // Failed often enough, or told to wait: nobody calls any more, and nobody waits.
  await together(4, () => ask(server, bench.opaque()))
  const asked = bench.endpoint.calls()
  const rest = await together(50, () => ask(server, token))
  expect(tally(rest)).toEqual({ '503 introspection_unavailable': 50 })
  expect(Math.max(...rest.map(({ milliseconds }) => milliseconds))).toBeLessThan(PATIENCE)
  const spared = isCounted(what, bad)
  expect(bench.endpoint.calls() - asked).toBe(spared ? 0 : 1)

  // What is known stays known.
  expect((await ask(server, known)).status).toBe(200)

  bench.endpoint.reply = bench.endpoint.answerTokens
  await advance(Math.max(1.2, (bad.retryAfter ?? 0) + 2))
  expect((await ask(server, token)).status).toBe(200)
  expect(introspectionOf(server)).toMatchObject({ status: 'closed', lastError: undefined, retryIn: 0 })
}

const PROMISE = '503 within the deadline, at most one retry, then 503 at once without a call, then all is well'
const late = Object.entries(BAD_ANSWERS).filter(([, { code }]) => code === 'timeout')

for (const [what, bad] of Object.entries(BAD_ANSWERS)) {
  if (bad.code === 'timeout') continue
  it(`${what}: ${PROMISE}`, () => checkOutage(bench, what, bad, clock.advance))
}

describe(late.map(([what]) => what).join(', '), () => {
  const benches = late.map(() => useBench())

  it(`each of them: ${PROMISE}`, async () => {
    expect(late.length).toBe(5)
    const advance = moveTogether(late.length, clock.advance)
    const checkOne = async ([what, bad]: (typeof late)[number], index: number) => {
      try {
        await checkOutage(benches[index] as Bench, what, bad, advance)
      } catch (cause) {
        throw new Error(what, { cause })
      }
    }
    // Side by side: each waits for two deadlines.
    await Promise.all(late.map(checkOne))
  })
})

describe('what a body may cost', () => {
  it('one that is sent without end is cut off at the limit, not at the deadline', async () => {
    const { answer } = BAD_ANSWERS['sends without end'] as BadAnswer
    let sent = () => 0
    bench.endpoint.reply = (request, response) => {
      const { socket } = request
      sent = () => socket.bytesWritten
      answer(request, response)
    }
    const outcome = await ask(bench.server({ deadline: 20 }), bench.opaque())
    expect(outcome.status).toBe(503)
    expect(outcome.milliseconds).toBeLessThan(15_000)
    // What the buffers of both sides take, and no more than that.
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(sent()).toBeLessThan(32 * 2 ** 20)
  })
})
