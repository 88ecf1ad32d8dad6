import { introspected } from 'bearward'
import { describe, expect, it } from 'vitest'
import { activeResponse } from '../support/issuer/introspection-endpoint.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { send, tally, until } from '../support/upstream/requests.ts'
import { createWallClock, together, useBench } from './kit.ts'

// I4: how long a response is cached, by a monotonic clock.

const bench = useBench()
const clock = useMonotonicClock()
const now = () => Math.floor(Date.now() / 1000)

/** The first response is on its way until the returned function is called; what it says may be outdated then. */
function delayFirstResponse(says: unknown): () => void {
  const { respondByToken } = bench.endpoint
  let arrive: () => void = () => undefined
  bench.endpoint.reply = (_request, response) => {
    bench.endpoint.reply = respondByToken
    arrive = () => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(says))
  }
  return () => arrive()
}

describe('an active response', () => {
  it('is cached for 60 s and no longer: a revocation is seen within that time (RFC 7662 §4)', async () => {
    const server = bench.server()
    const token = bench.opaque()
    expect((await send(server, token)).status).toBe(200)
    bench.endpoint.responses.set(token, { active: false })
    clock.advance(59.5)
    expect((await send(server, token)).status).toBe(200)
    expect(bench.endpoint.calls()).toBe(1)
    clock.advance(1)
    expect(await send(server, token)).toMatchObject({ status: 401, reason: 'inactive' })
    expect(bench.endpoint.calls()).toBe(2)
  })

  it('is not cached longer because it is used', async () => {
    const server = bench.server()
    const token = bench.opaque()
    for (let second = 0; second <= 120; second += 10) {
      expect((await send(server, token)).status).toBe(200)
      clock.advance(10.01)
    }
    expect(bench.endpoint.calls()).toBe(3)
  })

  it('is cached for as long as the option says, from zero to a day', async () => {
    for (const active of [0, 1, 600, 86_400]) {
      const server = bench.server({ cache: { active } })
      const token = bench.opaque({ exp: now() + 200_000 })
      await send(server, token)
      clock.advance(active * 0.99)
      expect((await send(server, token)).status).toBe(200)
      expect(bench.endpoint.calls(token), `${active} s`).toBe(active === 0 ? 2 : 1)
      clock.advance(active * 0.02 + 0.01)
      expect((await send(server, token)).status).toBe(200)
      expect(bench.endpoint.calls(token), `${active} s`).toBe(active === 0 ? 3 : 2)
    }
  })

  it('its lifetime starts with the request, not with a slow response', async () => {
    const server = bench.server({ cache: { active: 10 }, deadline: 20 })
    const token = bench.opaque()
    const held = bench.endpoint.hold()
    const waiting = send(server, token)
    await expect.poll(() => held.waiting.length).toBe(1)
    clock.advance(8)
    held.release()
    expect((await waiting).status).toBe(200)
    clock.advance(3)
    await send(server, token)
    expect(bench.endpoint.calls()).toBe(2)
  })

  it('0 introspects for each request, also for concurrent ones: 50 requests, 50 calls (I13)', async () => {
    const server = bench.server({ cache: { active: 0 } })
    const token = bench.opaque()
    expect(tally(await together(50, () => send(server, token)))).toEqual({ 200: 50 })
    expect(bench.endpoint.calls()).toBe(50)
    await send(server, token)
    expect(bench.endpoint.calls()).toBe(51)
  })

  it('limits the age of a pending request that others join, when they arrive (I13)', async () => {
    const server = bench.server({ cache: { active: 2 } })
    const token = bench.opaque()
    const held = bench.endpoint.hold()
    const requests = [send(server, token)]
    await until(() => held.waiting.length === 1, 'the first introspection request')
    clock.advance(1.9)
    requests.push(send(server, token))
    clock.advance(0.2)
    requests.push(send(server, token))
    await until(() => held.waiting.length === 2, 'the second introspection request')
    // All of them waited for much longer than the limit.
    clock.advance(10)
    held.release()
    expect(tally(await Promise.all(requests))).toEqual({ 200: 3 })
    expect(bench.endpoint.calls()).toBe(2)
  })

  for (const [what, guards] of [
    ['on any route', []],
    ['with introspected({ maxAge: 60 }), which is less strict', [introspected({ maxAge: 60 })]],
  ] as const) {
    it(`0: a token revoked before the request arrived is refused ${what} (I13, RFC 7662 §4)`, async () => {
      const server = bench.server({ cache: { active: 0 } })
      const token = bench.opaque()
      const arrive = delayFirstResponse(activeResponse())
      const early = send(server, token, ...guards)
      await until(() => bench.endpoint.calls() === 1, 'the introspection request')
      bench.endpoint.responses.set(token, { active: false })
      clock.advance(1.5)
      expect(await send(server, token, ...guards)).toMatchObject({ status: 401, reason: 'inactive' })
      arrive()
      expect((await early).status).toBe(200)
    })
  }
})

describe('an inactive response', () => {
  it('is cached for 10 s and no longer: a token that becomes active is seen within that time', async () => {
    const server = bench.server()
    expect(await send(server, 'later')).toMatchObject({ status: 401, reason: 'inactive' })
    bench.endpoint.responses.set('later', activeResponse())
    clock.advance(9.5)
    expect(await send(server, 'later')).toMatchObject({ status: 401, reason: 'inactive' })
    expect(bench.endpoint.calls()).toBe(1)
    clock.advance(0.6)
    expect((await send(server, 'later')).status).toBe(200)
    expect(bench.endpoint.calls()).toBe(2)
  })

  it('0: those who arrive later do not get the response to a request that was sent before (I13)', async () => {
    const server = bench.server({ cache: { inactive: 0 } })
    const arrive = delayFirstResponse({ active: false })
    const early = send(server, 'later')
    await until(() => bench.endpoint.calls() === 1, 'the introspection request')
    bench.endpoint.responses.set('later', activeResponse())
    clock.advance(0.1)
    const joined = together(20, () => send(server, 'later'))
    clock.advance(0.1)
    arrive()
    expect(await early).toMatchObject({ status: 401 })
    expect(tally(await joined)).toEqual({ 200: 20 })
  })

  it('is cached for as long as its option says, the active one for as long as its own', async () => {
    const server = bench.server({ cache: { active: 5, inactive: 100 } })
    const token = bench.opaque()
    await Promise.all([send(server, token), send(server, 'unknown')])
    clock.advance(50)
    await Promise.all([send(server, token), send(server, 'unknown')])
    expect([bench.endpoint.calls(token), bench.endpoint.calls('unknown')]).toEqual([2, 1])
  })

  it('0: each request with one unknown token is introspected', async () => {
    const server = bench.server({ cache: { inactive: 0 } })
    for (let round = 0; round < 3; round++) await send(server, 'unknown')
    expect(bench.endpoint.calls()).toBe(3)
  })

  it('is replaced by an active one, and the other way round', async () => {
    const server = bench.server({ cache: { active: 10, inactive: 10 } })
    const token = bench.opaque()
    for (const [response, status] of [
      [activeResponse(), 200],
      [{ active: false }, 401],
      [activeResponse(), 200],
    ] as const) {
      bench.endpoint.responses.set(token, response)
      expect((await send(server, token)).status).toBe(status)
      expect((await send(server, token)).status).toBe(status)
      clock.advance(10.1)
    }
    expect(bench.endpoint.calls()).toBe(3)
  })
})

describe('a wall clock that jumps (E3)', () => {
  it('forward by a day: a response without exp is cached for as long as before, and no longer', async () => {
    const wall = createWallClock()
    const server = bench.server({}, {}, { clock: wall.now })
    const token = bench.opaque({ exp: undefined })
    await send(server, token)
    wall.turn(86_400)
    expect((await send(server, token)).status).toBe(200)
    expect(bench.endpoint.calls()).toBe(1)
    clock.advance(61)
    expect((await send(server, token)).status).toBe(200)
    expect(bench.endpoint.calls()).toBe(2)
  })

  it('backward by a day: nothing is cached for longer, neither active nor inactive', async () => {
    const wall = createWallClock()
    const server = bench.server({}, {}, { clock: wall.now })
    const token = bench.opaque({ exp: undefined, iat: undefined })
    await Promise.all([send(server, token), send(server, 'unknown')])
    wall.turn(-86_400)
    expect((await send(server, token)).status).toBe(200)
    expect(bench.endpoint.calls()).toBe(2)
    clock.advance(10.5)
    await send(server, 'unknown')
    expect(bench.endpoint.calls('unknown')).toBe(2)
    clock.advance(50)
    bench.endpoint.responses.set(token, { active: false })
    expect((await send(server, token)).status).toBe(401)
  })

  it('forward past exp: expired; back again: valid, with the cached response or a new one', async () => {
    const wall = createWallClock()
    const server = bench.server({}, {}, { clock: wall.now })
    const token = bench.opaque()
    expect((await send(server, token)).status).toBe(200)
    wall.turn(4000)
    expect(await send(server, token)).toMatchObject({ status: 401, reason: 'expired' })
    wall.turn(-4000)
    expect((await send(server, token)).status).toBe(200)
  })
})
