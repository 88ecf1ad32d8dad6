import type { ServerResponse } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { NOW } from '../corpus/kit.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { send, until } from '../support/upstream/requests.ts'
import { createStatusWorld, lstOf, type StatusWorld } from './kit.ts'

// How long a status list is used (N4, draft-ietf-oauth-status-list-21 §8.3, §11.5).

const time = useMonotonicClock()
let world: StatusWorld
afterEach(() => world.stop())

const REVOKED = { status_list: { bits: 1, lst: lstOf(0b11) } }

function pass(seconds: number): void {
  world.clock.now += seconds
  time.advance(seconds)
}

it('a cached token is refused with the list that follows, before its lifetime (`ttl`) has passed twice', async () => {
  world = await createStatusWorld()
  world.publish(world.listToken({ ttl: 100 }))
  const token = world.tokenAt(0)
  for (let round = 0; round < 4; round++) expect(await world.outcome(token)).toBe('allowed')
  world.publish(world.listToken({ ttl: 100, ...REVOKED }))
  pass(69)
  expect(await world.outcome(token)).toBe('allowed')
  expect(world.upstream.requests).toHaveLength(1)
  pass(20) // in the background
  expect(await world.outcome(token)).toBe('allowed')
  await until(() => world.log.of('fetch').length === 2)
  expect(await world.outcome(token)).toBe('status')
  expect(world.upstream.requests).toHaveLength(2)
})

it('a list whose lifetime has passed is not used before it was refreshed (K12)', async () => {
  world = await createStatusWorld()
  world.publish(world.listToken({ ttl: 100 }))
  const token = world.tokenAt(0)
  for (let round = 0; round < 4; round++) expect(await world.outcome(token)).toBe('allowed')
  world.publish(world.listToken(REVOKED))
  pass(101)
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => world.outcome(token)))
  expect(new Set(outcomes)).toEqual(new Set(['status']))
  expect(world.upstream.requests).toHaveLength(2)
})

it('an older list, such as that of another cache on the way, does not replace a newer one (K8)', async () => {
  world = await createStatusWorld()
  const older = world.listToken({ ttl: 100, iat: NOW - 50 })
  world.publish(world.listToken({ ttl: 100, iat: NOW - 5, ...REVOKED }))
  const token = world.tokenAt(0)
  expect(await world.outcome(token)).toBe('status')
  world.publish(older)
  pass(80)
  for (let round = 0; round < 3; round++) {
    expect(await world.outcome(token)).toBe('status')
    await until(() => world.log.of('fetch').length > 1)
  }
  pass(21)
  expect(await world.outcome(token)).toBe('status')
  expect(world.log.of('fetch').map(({ code }) => code)).toEqual([undefined, 'shape', 'shape'])
  expect(world.server.state().issuers[0]?.statusLists?.lastError?.message).toContain('older than the one in use')
  // What its issuer publishes later is used.
  world.publish(world.listToken({ ttl: 100, iat: NOW - 5 }))
  pass(10)
  expect(await world.outcome(token)).toBe('allowed')
})

it('`maxAge` is shorter than `ttl` and `Cache-Control`', async () => {
  world = await createStatusWorld({ maxAge: 10 })
  world.publish(world.listToken({ ttl: 1000 }), { 'cache-control': 'max-age=1000' })
  expect(await world.outcome(world.tokenAt(0))).toBe('allowed')
  pass(11)
  expect(await world.outcome(world.tokenAt(0))).toBe('allowed')
  expect(world.upstream.requests).toHaveLength(2)
})

it('without `ttl`, `Cache-Control` decides', async () => {
  world = await createStatusWorld()
  world.publish(world.listToken(), { 'cache-control': 'max-age=200' })
  expect(await world.outcome(world.tokenAt(0))).toBe('allowed')
  pass(130)
  expect(await world.outcome(world.tokenAt(0))).toBe('allowed')
  expect(world.upstream.requests).toHaveLength(1)
  pass(71)
  expect(await world.outcome(world.tokenAt(0))).toBe('allowed')
  expect(world.upstream.requests).toHaveLength(2)
})

it('a stale list is used after 300 ms while its server hangs, and the new one once it is there (K12)', async () => {
  world = await createStatusWorld({}, { deadline: 60 })
  world.publish(world.listToken({ ttl: 100 }))
  const token = world.tokenAt(0)
  for (let round = 0; round < 3; round++) expect(await world.outcome(token)).toBe('allowed')
  const held: ServerResponse[] = []
  world.upstream.respond = (_request, response) => void held.push(response)
  pass(101)
  expect(await Promise.all([world.outcome(token), world.outcome(token)])).toEqual(['allowed', 'allowed'])
  pass(1)
  expect(await world.outcome(token)).toBe('allowed')
  expect(held).toHaveLength(1)
  held[0]?.end(world.listToken({ ttl: 100, ...REVOKED }))
  await until(() => world.log.of('fetch').length === 2)
  expect(await world.outcome(token)).toBe('status')
})

it('a list that was never loaded is waited for', async () => {
  world = await createStatusWorld({}, { deadline: 60 })
  let respond = (): void => undefined
  world.upstream.respond = (_request, response) => {
    respond = () => response.end(world.listToken({ ttl: 100 }))
  }
  const pending = world.outcome(world.tokenAt(0))
  await until(() => world.upstream.requests.length === 1)
  await new Promise((resolve) => setTimeout(resolve, 400))
  respond()
  expect(await pending).toBe('allowed')
})

it('during an outage a stale list is used for `staleIfError`, then 503, and it recovers', async () => {
  world = await createStatusWorld({}, { jwksCache: { staleIfError: 300, backoff: 10, maxBackoff: 10 } })
  world.publish(world.listToken({ ttl: 100 }))
  const [good, bad] = [world.tokenAt(0), world.tokenAt(1)]
  const outcomes = async () => [await world.outcome(good), await world.outcome(bad)]
  for (let round = 0; round < 3; round++) expect(await outcomes()).toEqual(['allowed', 'status'])
  world.upstream.respond = (_request, response) => response.writeHead(500).end()
  pass(101)
  for (let round = 0; round < 3; round++) expect(await outcomes()).toEqual(['allowed', 'status'])
  expect(world.upstream.requests).toHaveLength(2) // one attempt per pause
  pass(298)
  expect(await outcomes()).toEqual(['allowed', 'status'])
  pass(12)
  expect(await outcomes()).toEqual(['status_unavailable', 'status_unavailable'])
  world.publish(world.listToken(REVOKED))
  pass(12)
  expect(await outcomes()).toEqual(['status', 'status'])
})

it('a list is never used after its `exp`, not even during an outage', async () => {
  world = await createStatusWorld()
  world.publish(world.listToken({ exp: world.clock.now + 200 }))
  const token = world.tokenAt(0)
  for (let round = 0; round < 3; round++) expect(await world.outcome(token)).toBe('allowed')
  world.upstream.respond = (_request, response) => response.writeHead(500).end()
  pass(229)
  expect(await world.outcome(token)).toBe('allowed')
  pass(1)
  expect(await world.outcome(token)).toBe('status_unavailable')
})

it('a list is used within its lifetime, and not from its end on', async () => {
  world = await createStatusWorld()
  world.publish(world.listToken({ ttl: 60 }))
  const token = world.tokenAt(0)
  expect(await world.outcome(token)).toBe('allowed')
  world.publish(world.listToken({ ttl: 60, ...REVOKED }))
  pass(60)
  expect(await world.outcome(token)).toBe('status')
})

it('a list is refreshed in the background before its `exp`', async () => {
  world = await createStatusWorld()
  world.publish(world.listToken({ ttl: 1000, exp: NOW + 200 }))
  const token = world.tokenAt(0)
  expect(await world.outcome(token)).toBe('allowed')
  world.publish(world.listToken({ exp: NOW + 1000 }))
  pass(139)
  expect(await world.outcome(token)).toBe('allowed')
  expect(world.upstream.requests).toHaveLength(1)
  pass(30)
  expect(await world.outcome(token)).toBe('allowed')
  await until(() => world.log.of('fetch').length === 2)
})

it('the pause after a failure doubles with each, and the response says how long it is (RFC 9110 §10.2.3)', async () => {
  world = await createStatusWorld({}, { jwksCache: { backoff: 10, maxBackoff: 1000 } })
  world.upstream.respond = (_request, response) => response.writeHead(500).end()
  const failed = () => send(world.server, world.tokenAt(0))
  for (const [attempt, least] of [10, 20, 40].entries()) {
    const { reason, retryAfter } = await failed()
    expect([reason, world.upstream.requests.length]).toEqual(['status_unavailable', attempt + 1])
    expect(retryAfter).toBeGreaterThanOrEqual(least)
    expect(retryAfter).toBeLessThanOrEqual(1.1 * least + 1)
    pass(least - 1)
    expect((await failed()).retryAfter).toBeLessThanOrEqual(0.1 * least + 2)
    expect(world.upstream.requests).toHaveLength(attempt + 1)
    pass(0.1 * least + 2)
  }
  // A success ends it: the next failure has the shortest pause again.
  world.publish(world.listToken({ ttl: 100 }))
  expect((await failed()).status).toBe(200)
  world.upstream.respond = (_request, response) => response.writeHead(500).end()
  world.clock.now += 4000
  time.advance(4000)
  const { retryAfter } = await failed()
  expect(retryAfter).toBeLessThanOrEqual(12)
})

it('the event has the reason why there is no list', async () => {
  world = await createStatusWorld()
  world.upstream.respond = (_request, response) => response.writeHead(500).end()
  await world.outcome(world.tokenAt(0))
  const [decision] = world.log.of('decision')
  expect(String(decision?.cause)).toContain('/statuslists/1: responded with status 500')
})

/** Each request gets the head of a response, and its end from the test. */
function holdResponses(): readonly ServerResponse[] {
  const responses: ServerResponse[] = []
  world.upstream.respond = (_request, response) => {
    response.writeHead(200).flushHeaders()
    responses.push(response)
  }
  return responses
}

it.each([
  ['succeeds late', (response: ServerResponse, text: string) => response.end(text)],
  ['fails late', (response: ServerResponse) => response.destroy()],
])('a fetch that is abandoned and %s neither holds up later ones nor replaces what they loaded', async (_, end) => {
  world = await createStatusWorld({}, { deadline: 1 })
  const late = world.listToken(REVOKED)
  const responses = holdResponses()
  const first = world.outcome(world.tokenAt(0))
  await until(() => responses.length === 1)
  pass(3)
  const second = world.outcome(world.tokenAt(0))
  await until(() => responses.length === 2)
  const [abandoned, current] = responses
  if (abandoned) end(abandoned, late)
  await first
  // The one that is pending is waited for.
  const third = world.outcome(world.tokenAt(0))
  current?.end(world.listToken({ ttl: 1000 }))
  expect([await second, await third]).toEqual(['allowed', 'allowed'])
  expect(world.upstream.requests).toHaveLength(2)
  expect(world.server.state().issuers[0]?.statusLists?.lastError).toBeUndefined()
})

it('a list that arrives after its fetch was abandoned is not used: it may be older than its lifetime', async () => {
  world = await createStatusWorld({}, { deadline: 1 })
  const responses = holdResponses()
  const first = world.outcome(world.tokenAt(0))
  await until(() => responses.length === 1)
  pass(3)
  responses[0]?.end(world.listToken({ ttl: 1000 }))
  expect(await first).toBe('status_unavailable')
  const lastError = world.server.state().issuers[0]?.statusLists?.lastError
  expect([lastError?.code, lastError?.message]).toEqual(['timeout', 'the status list arrived too late'])
})
