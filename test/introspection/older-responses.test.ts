import { introspected } from 'bearward'
import { describe, expect, it } from 'vitest'
import { activeResponse } from '../support/issuer/introspection-endpoint.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { send, until } from '../support/upstream/requests.ts'
import { createWallClock, together, useBench } from './kit.ts'
import { createStub } from './stub.ts'

// I4, K8 in spirit: of two responses about one token, the one to the later request wins, whichever arrives first.

const bench = useBench()
const clock = useMonotonicClock()

/** An endpoint whose responses arrive when and in which order a test decides. */
function createLateEndpoint() {
  const open: ((respond: unknown) => void)[] = []
  const stub = createStub(() => new Promise((resolve) => open.push(resolve)))
  return { ...stub, open }
}

describe('an older response that arrives last', () => {
  for (const [older, newer, status] of [
    [activeResponse(), { active: false }, 401],
    [{ active: false }, activeResponse(), 200],
  ] as const) {
    it(`${older.active} after ${newer.active}: the newer response stays`, async () => {
      const endpoint = createLateEndpoint()
      const server = bench.server({ deadline: 5 }, {}, { fetch: endpoint.fetch })
      const first = send(server, 'token')
      await until(() => endpoint.open.length === 1, 'the first introspection request')
      clock.advance(3)
      // A route that requires a current response does not join an earlier request.
      const second = send(server, 'token', introspected({ maxAge: 1 }))
      await until(() => endpoint.open.length === 2, 'the second introspection request')
      endpoint.open[1]?.(newer)
      expect((await second).status).toBe(status)
      endpoint.open[0]?.(older)
      await first
      expect((await send(server, 'token')).status).toBe(status)
      expect((await send(server, 'token', introspected({ maxAge: 10 }))).status).toBe(status)
      expect(endpoint.total()).toBe(2)
    })
  }

  it('after its deadline, through a fetch that ignores its signal, is dropped', async () => {
    const endpoint = createLateEndpoint()
    const server = bench.server({ deadline: 0.2 }, {}, { fetch: endpoint.fetch })
    expect((await send(server, 'token')).status).toBe(503)
    const openBefore = endpoint.open.length
    const second = send(server, 'token')
    await until(() => endpoint.open.length > openBefore, 'the next introspection request')
    endpoint.open[openBefore]?.({ active: false })
    expect(await second).toMatchObject({ status: 401, reason: 'inactive' })
    for (const respond of endpoint.open.slice(0, openBefore)) respond(activeResponse())
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await send(server, 'token')).toMatchObject({ status: 401, reason: 'inactive' })
    expect(endpoint.total()).toBe(openBefore + 1)
  })
})

describe('a token that was found to be revoked', () => {
  const INACTIVE: Readonly<Record<string, Parameters<typeof bench.server>[0]>> = {
    'inactive responses are cached': {},
    'inactive responses are not cached': { cache: { inactive: 0 } },
  }
  for (const [what, introspection] of Object.entries(INACTIVE)) {
    it(`is not reactivated by an older response in the store, where ${what}`, async () => {
      const store = new Map<string, string>()
      const wall = createWallClock()
      const start = () => bench.server(introspection, {}, { stores: { introspection: store }, clock: wall.now })
      const [one, two] = [start(), start()]
      const token = bench.opaque()
      expect((await send(one, token)).status).toBe(200)
      bench.endpoint.responses.set(token, { active: false })
      for (const seconds of [10, 12, 12]) {
        clock.advance(seconds)
        wall.turn(seconds)
        expect((await send(two, token, introspected({ maxAge: 1 }))).status).toBe(401)
        expect((await send(two, token)).status).toBe(401)
        // Nor in a new process.
        expect((await send(start(), token)).status).toBe(401)
      }
    })
  }
})

describe('an introspection request for a route with introspected()', () => {
  it('is joined by concurrent requests', async () => {
    const endpoint = createLateEndpoint()
    const server = bench.server({}, {}, { fetch: endpoint.fetch })
    const outcomes = together(100, () => send(server, 'token', introspected({ maxAge: 5 })))
    await until(() => endpoint.open.length > 0, 'the introspection request')
    for (const respond of endpoint.open) respond(activeResponse())
    expect((await outcomes).every(({ status }) => status === 200)).toBe(true)
    expect(endpoint.total()).toBe(1)
  })

  it('that started too early for later requests: they share one more, instead of sending one each', async () => {
    const endpoint = createLateEndpoint()
    const server = bench.server({}, {}, { fetch: endpoint.fetch })
    const first = send(server, 'token', introspected({ maxAge: 2 }))
    await until(() => endpoint.open.length === 1, 'the introspection request')
    clock.advance(1)
    const early = together(100, () => send(server, 'token', introspected({ maxAge: 2 })))
    await new Promise((resolve) => setTimeout(resolve, 20))
    clock.advance(2)
    const others = together(100, () => send(server, 'token', introspected({ maxAge: 2 })))
    await new Promise((resolve) => setTimeout(resolve, 20))
    endpoint.open[0]?.(activeResponse())
    expect((await first).status).toBe(200)
    expect((await early).every(({ status }) => status === 200)).toBe(true)
    await until(() => endpoint.open.length > 1, 'the next introspection request')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(endpoint.total()).toBe(2)
    for (const respond of endpoint.open) respond(activeResponse())
    expect((await others).every(({ status }) => status === 200)).toBe(true)
  })

  it('that joins a lax one, which finds an old response in the store: one introspection request for all of them', async () => {
    const store = new Map<string, string>()
    const stub = createStub(() => activeResponse())
    const wall = createWallClock()
    const start = () => bench.server({}, {}, { fetch: stub.fetch, stores: { introspection: store }, clock: wall.now })
    expect((await send(start(), 'token')).status).toBe(200)
    clock.advance(30)
    wall.turn(30)
    const server = start()
    const lax = send(server, 'token')
    const strict = together(100, () => send(server, 'token', introspected({ maxAge: 5 })))
    expect((await lax).status).toBe(200)
    expect((await strict).every(({ status }) => status === 200)).toBe(true)
    expect(stub.total()).toBe(2)
  })

  it('serves less strict routes as soon as its response arrives', async () => {
    const endpoint = createLateEndpoint()
    const server = bench.server({}, {}, { fetch: endpoint.fetch })
    const strict = send(server, 'token', introspected({ maxAge: 5 }))
    await until(() => endpoint.open.length === 1, 'the introspection request')
    const lax = send(server, 'token')
    endpoint.open[0]?.(activeResponse())
    expect((await strict).status).toBe(200)
    expect((await lax).status).toBe(200)
    expect((await send(server, 'token')).status).toBe(200)
    expect(endpoint.total()).toBe(1)
  })

  it('that fails leaves an older response to the routes that accept it', async () => {
    let broken = false
    const stub = createStub(() => (broken ? { active: 'maybe' } : activeResponse()))
    const server = bench.server({}, {}, { fetch: stub.fetch })
    expect((await send(server, 'token')).status).toBe(200)
    broken = true
    clock.advance(3)
    expect((await send(server, 'token', introspected({ maxAge: 1 }))).status).toBe(503)
    expect((await send(server, 'token')).status).toBe(200)
    expect((await send(server, 'token', introspected({ maxAge: 10 }))).status).toBe(200)
  })
})
