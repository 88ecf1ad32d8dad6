import { afterEach, expect, it } from 'vitest'
import { NOW } from '../corpus/kit.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { until } from '../support/upstream/requests.ts'
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
