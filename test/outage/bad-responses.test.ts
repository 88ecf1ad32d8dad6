import { createResourceServer, type ResourceServer } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { BAD_KEY_SETS, badMetadata, WRONG_RESPONSES, type WrongResponse } from '../support/upstream/faults.ts'
import { moveTogether, useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { createLog, type Outcome, send, tally, until } from '../support/upstream/requests.ts'

// E1: what callers see while an authorization server misbehaves.

const clock = useMonotonicClock()

/** An issuer that will respond badly, and the outcomes of a server that trusts it. */
interface World {
  readonly issuer: TestIssuer
  readonly log: ReturnType<typeof createLog>
  readonly good: Pick<TestIssuer, 'onKeys' | 'onMetadata'>
  advance(seconds: number): void | Promise<void>
}

let worlds: World[]
beforeEach(() => {
  worlds = []
})
afterEach(() => Promise.all(worlds.map(({ issuer }) => issuer.stop())))

async function createWorld(advance: World['advance'] = clock.advance): Promise<World> {
  const issuer = await createTestIssuer({ alg: 'ES256' })
  const { onKeys, onMetadata } = issuer
  const world = { issuer, log: createLog(), good: { onKeys, onMetadata }, advance }
  worlds.push(world)
  return world
}

// In seconds. Short only where the test waits for it: a good response must not time out on a busy machine.
const deadlineFor = ({ code }: WrongResponse) => (code === 'timeout' ? 0.5 : 5)
const MAX_WAIT = 5000

const start = ({ issuer, log }: World, bad: WrongResponse) =>
  createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: issuer.url, deadline: deadlineFor(bad), jwksCache: { maxAge: 600, staleIfError: 3600 } },
    onEvent: log.onEvent,
  })

const calls = ({ issuer }: World) => issuer.hits.metadata + issuer.hits.keys + issuer.hits.other
const lastError = (server: ResourceServer) => server.state().issuers[0]?.keys.lastError

/** `pause` is the current back-off in seconds; a longer `Retry-After` of the upstream is passed on. */
function expectOutage(outcome: Outcome, pause: number, { retryAfter = 1 }: WrongResponse) {
  expect(outcome).toMatchObject({ status: 503, reason: 'keys_unavailable' })
  expect(outcome.milliseconds).toBeLessThan(MAX_WAIT)
  expect(outcome.retryAfter).toBeGreaterThanOrEqual(retryAfter)
  expect(outcome.retryAfter).toBeLessThanOrEqual(Math.max(retryAfter + 1, Math.ceil(pause * 1.1)))
  expect(outcome.headers).not.toHaveProperty('WWW-Authenticate')
}

async function expectNoCallsInBackOff(
  world: World,
  server: ResourceServer,
  token: string,
  expected: Record<string, number>,
) {
  const before = calls(world)
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => send(server, token)))
  expect(tally(outcomes)).toEqual(expected)
  expect(calls(world)).toBe(before)
}

type Break = (issuer: TestIssuer) => void
type BreakWith = (what: string, bad: WrongResponse) => Break
type Check = typeof expectCold

/** Nothing is loaded yet: 503, and again without a call until the back-off is over; then recovery. */
async function expectCold(world: World, bad: WrongResponse, break_: Break) {
  const { issuer, log } = world
  const server = start(world, bad)
  const token = await issuer.sign()
  break_(issuer)
  expectOutage(await send(server, token), 1, bad)
  // Some runtimes resend a GET themselves if the connection closed before the response.
  expect(issuer.hits.keys).toBeLessThanOrEqual(bad.code === 'network' ? 2 : 1)
  expect(issuer.hits.metadata + issuer.hits.other).toBeLessThanOrEqual(2)
  expect(lastError(server)?.code).toBe(bad.code)
  expect(log.of('decision').at(-1)).toMatchObject({ outcome: 'unavailable', cause: { code: bad.code } })
  await expectNoCallsInBackOff(world, server, token, { '503 keys_unavailable': 50 })
  Object.assign(issuer, world.good)
  await world.advance(Math.max(1.2, (bad.retryAfter ?? 0) + 2))
  expect((await send(server, token)).status).toBe(200)
  expect(lastError(server)).toBeUndefined()
}

/** Keys are loaded: they serve through the outage without delay, up to their limit; then recovery. */
async function expectWarm(world: World, bad: WrongResponse, break_: Break) {
  const { issuer } = world
  const server = start(world, bad)
  const token = await issuer.sign({ exp: Math.floor(Date.now() / 1000) + 100_000 })
  await server.ready()
  break_(issuer)
  await world.advance(601)
  expect((await send(server, token)).status).toBe(200)
  await until(() => lastError(server) !== undefined, 'the failed refresh')
  expect(lastError(server)?.code).toBe(bad.code)
  await expectNoCallsInBackOff(world, server, token, { 200: 50 })
  await world.advance(3550)
  expect((await send(server, token)).status).toBe(200)
  await until(() => (server.state().issuers[0]?.keys.retryIn ?? 0) > 0, 'the next failed refresh')
  await world.advance(62)
  expectOutage(await send(server, token), 4, bad)
  Object.assign(issuer, world.good)
  await world.advance(Math.max(70, (bad.retryAfter ?? 0) + 10))
  expect((await send(server, token)).status).toBe(200)
  expect(server.state().issuers[0]?.keys.status).toBe('fresh')
}

/** One test per response; those that run into the deadline share one test and wait concurrently. */
function checkEach(faults: Readonly<Record<string, WrongResponse>>, name: string, check: Check, breakWith: BreakWith) {
  const all = Object.entries(faults)
  const timeouts = all.filter(([, { code }]) => code === 'timeout')
  for (const [what, bad] of all.filter((one) => !timeouts.includes(one))) {
    it(`${what}: ${name}`, async () => check(await createWorld(), bad, breakWith(what, bad)))
  }
  it(`${timeouts.map(([what]) => what).join(', ')}: ${name}`, async () => {
    expect(timeouts.length).toBe(5)
    const advance = moveTogether(timeouts.length, clock.advance)
    const checkOne = async ([what, bad]: (typeof timeouts)[number]) => {
      try {
        await check(await createWorld(advance), bad, breakWith(what, bad))
      } catch (cause) {
        throw new Error(what, { cause })
      }
    }
    await Promise.all(timeouts.map(checkOne))
  })
}

describe('an unavailable key set', () => {
  const faults = { ...WRONG_RESPONSES, ...BAD_KEY_SETS }
  const breakWith: BreakWith = (_what, bad) => (issuer) => {
    issuer.onKeys = bad.respond
  }
  checkEach(faults, 'cold', expectCold, breakWith)
  checkEach(faults, 'warm', expectWarm, breakWith)
})

describe('unavailable metadata', () => {
  checkEach({ ...WRONG_RESPONSES, ...badMetadata('') }, 'cold', expectCold, (what, bad) => (issuer) => {
    issuer.onMetadata = (badMetadata(issuer.url)[what] ?? bad).respond
  })

  it('has no effect while the jwks_uri still works', async () => {
    const world = await createWorld()
    const { issuer } = world
    const server = start(world, { code: 'timeout', respond: () => undefined })
    await server.ready()
    issuer.onMetadata = () => undefined
    clock.advance(90_000)
    expect((await send(server, await issuer.sign())).status).toBe(200)
    expect(issuer.hits.keys).toBe(2)
  })
})

describe('Retry-After of the issuer', () => {
  for (const what of ['responds 503 with Retry-After in seconds', 'responds 429 with Retry-After as a date']) {
    it(`${what}: no call before, and callers get the time left`, async () => {
      const bad = WRONG_RESPONSES[what] as WrongResponse
      const seconds = bad.retryAfter as number
      const world = await createWorld()
      const { issuer } = world
      const server = start(world, bad)
      const token = await issuer.sign()
      issuer.onKeys = bad.respond
      await send(server, token)
      clock.advance(seconds - 3)
      const outcome = await send(server, token)
      expect(outcome.status).toBe(503)
      expect(outcome.retryAfter).toBeGreaterThanOrEqual(3)
      expect(outcome.retryAfter).toBeLessThanOrEqual(5)
      expect(issuer.hits.keys).toBe(1)
      clock.advance(outcome.retryAfter as number)
      await send(server, token)
      expect(issuer.hits.keys).toBe(2)
    })
  }
})
