import { createResourceServer, type ResourceServer } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { BAD_ANSWERS, BAD_KEY_SETS, type BadAnswer, badMetadata } from '../support/upstream/faults.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { ask, createLog, type Outcome, tally, until } from '../support/upstream/requests.ts'

// SPEC §11, the columns of keys: what callers see while an authorization server misbehaves.

const clock = useMonotonicClock()
let issuer: TestIssuer
let log: ReturnType<typeof createLog>
let good: Pick<TestIssuer, 'onKeys' | 'onMetadata'>
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  good = { onKeys: issuer.onKeys, onMetadata: issuer.onMetadata }
  log = createLog()
})
afterEach(() => issuer.stop())

// In seconds. Short only where it is waited for, so that a busy machine does not make a good answer late.
const deadlineFor = ({ code }: BadAnswer) => (code === 'timeout' ? 0.5 : 5)
const PATIENCE = 5000

const start = (bad: BadAnswer) =>
  createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: issuer.url, deadline: deadlineFor(bad), jwksCache: { maxAge: 600, staleIfError: 3600 } },
    onEvent: log.onEvent,
  })

const calls = () => issuer.hits.metadata + issuer.hits.keys + issuer.hits.other
const lastError = (server: ResourceServer) => server.state().issuers[0]?.keys.lastError

/** `pause` is what the back-off has come to, in seconds; a longer `Retry-After` of the upstream is handed on. */
function expectOutage(outcome: Outcome, pause: number, { retryAfter = 1 }: BadAnswer) {
  expect(outcome).toMatchObject({ status: 503, reason: 'keys_unavailable' })
  expect(outcome.milliseconds).toBeLessThan(PATIENCE)
  expect(outcome.retryAfter).toBeGreaterThanOrEqual(retryAfter)
  expect(outcome.retryAfter).toBeLessThanOrEqual(Math.max(retryAfter + 1, Math.ceil(pause * 1.1)))
  expect(outcome.headers).not.toHaveProperty('WWW-Authenticate')
}

async function expectNoCallsInBackOff(server: ResourceServer, token: string, expected: Record<string, number>) {
  const before = calls()
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => ask(server, token)))
  expect(tally(outcomes)).toEqual(expected)
  expect(calls()).toBe(before)
}

/** Nothing is loaded yet: 503, and again without a call until the back-off is over; then all is well. */
async function expectCold(bad: BadAnswer, break_: () => void) {
  const server = start(bad)
  const token = await issuer.sign()
  break_()
  expectOutage(await ask(server, token), 1, bad)
  // Some runtimes repeat a GET by themselves where a connection was cut before anything came.
  expect(issuer.hits.keys).toBeLessThanOrEqual(bad.code === 'network' ? 2 : 1)
  expect(issuer.hits.metadata + issuer.hits.other).toBeLessThanOrEqual(2)
  expect(lastError(server)?.code).toBe(bad.code)
  expect(log.of('decision').at(-1)).toMatchObject({ outcome: 'unavailable', cause: { code: bad.code } })
  await expectNoCallsInBackOff(server, token, { '503 keys_unavailable': 50 })
  Object.assign(issuer, good)
  clock.advance(Math.max(1.2, (bad.retryAfter ?? 0) + 2))
  expect((await ask(server, token)).status).toBe(200)
  expect(lastError(server)).toBeUndefined()
}

/** Keys are loaded: they serve through the outage without a wait, up to their limit; then all is well. */
async function expectWarm(bad: BadAnswer, break_: () => void) {
  const server = start(bad)
  const token = await issuer.sign({ exp: Math.floor(Date.now() / 1000) + 100_000 })
  await server.ready()
  break_()
  clock.advance(601)
  expect((await ask(server, token)).status).toBe(200)
  await until(() => lastError(server) !== undefined, 'the failed refresh')
  expect(lastError(server)?.code).toBe(bad.code)
  await expectNoCallsInBackOff(server, token, { 200: 50 })
  clock.advance(3550)
  expect((await ask(server, token)).status).toBe(200)
  await until(() => (server.state().issuers[0]?.keys.retryIn ?? 0) > 0, 'the next failed refresh')
  clock.advance(62)
  expectOutage(await ask(server, token), 4, bad)
  Object.assign(issuer, good)
  clock.advance(Math.max(70, (bad.retryAfter ?? 0) + 10))
  expect((await ask(server, token)).status).toBe(200)
  expect(server.state().issuers[0]?.keys.status).toBe('fresh')
}

describe('a key set that cannot be had', () => {
  for (const [what, bad] of Object.entries({ ...BAD_ANSWERS, ...BAD_KEY_SETS })) {
    const break_ = () => {
      issuer.onKeys = bad.answer
    }
    it(`${what}: cold`, () => expectCold(bad, break_))
    it(`${what}: warm`, () => expectWarm(bad, break_))
  }
})

describe('metadata that cannot be had', () => {
  for (const [what, bad] of Object.entries({ ...BAD_ANSWERS, ...badMetadata('') })) {
    const break_ = () => {
      issuer.onMetadata = (badMetadata(issuer.url)[what] ?? bad).answer
    }
    it(`${what}: cold`, () => expectCold(bad, break_))
  }

  it('does no harm while the keys are where they were', async () => {
    const server = start({ code: 'timeout', answer: () => undefined })
    await server.ready()
    issuer.onMetadata = () => undefined
    clock.advance(90_000)
    expect((await ask(server, await issuer.sign())).status).toBe(200)
    expect(issuer.hits.keys).toBe(2)
  })
})

describe('Retry-After of the issuer', () => {
  for (const what of ['answers 503 with Retry-After in seconds', 'answers 429 with Retry-After as a date']) {
    it(`${what}: nobody calls before, and callers are told how long is left`, async () => {
      const bad = BAD_ANSWERS[what] as BadAnswer
      const seconds = bad.retryAfter as number
      const server = start(bad)
      const token = await issuer.sign()
      issuer.onKeys = bad.answer
      await ask(server, token)
      clock.advance(seconds - 3)
      const outcome = await ask(server, token)
      expect(outcome.status).toBe(503)
      expect(outcome.retryAfter).toBeGreaterThanOrEqual(3)
      expect(outcome.retryAfter).toBeLessThanOrEqual(5)
      expect(issuer.hits.keys).toBe(1)
      clock.advance(outcome.retryAfter as number)
      await ask(server, token)
      expect(issuer.hits.keys).toBe(2)
    })
  }
})
