import { introspected } from 'bearward'
import { describe, expect, it } from 'vitest'
import { activeAnswer } from '../support/issuer/introspection-endpoint.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { ask, until } from '../support/upstream/requests.ts'
import { createWallClock, together, useBench } from './kit.ts'
import { createStub } from './stub.ts'

// SPEC I4, K8 in spirit: of two answers about one token, the one to the later question counts, whichever comes first.

const bench = useBench()
const clock = useMonotonicClock()

/** An endpoint whose answers arrive when and as a test says, in any order. */
function createLateEndpoint() {
  const open: ((answer: unknown) => void)[] = []
  const stub = createStub(() => new Promise((resolve) => open.push(resolve)))
  return { ...stub, open }
}

describe('an older answer that comes last', () => {
  for (const [older, newer, status] of [
    [activeAnswer(), { active: false }, 401],
    [{ active: false }, activeAnswer(), 200],
  ] as const) {
    it(`${older.active} after ${newer.active}: the newer verdict stays`, async () => {
      const endpoint = createLateEndpoint()
      const server = bench.server({ deadline: 5 }, {}, { fetch: endpoint.fetch })
      const first = ask(server, 'token')
      await until(() => endpoint.open.length === 1, 'the first question')
      clock.advance(3)
      // A route that wants a verdict of its own time does not wait for a question that was asked before.
      const second = ask(server, 'token', introspected({ maxAge: 1 }))
      await until(() => endpoint.open.length === 2, 'the second question')
      endpoint.open[1]?.(newer)
      expect((await second).status).toBe(status)
      endpoint.open[0]?.(older)
      await first
      expect((await ask(server, 'token')).status).toBe(status)
      expect((await ask(server, 'token', introspected({ maxAge: 10 }))).status).toBe(status)
      expect(endpoint.total()).toBe(2)
    })
  }

  it('after its deadline, through a fetch that cannot be stopped, is dropped', async () => {
    const endpoint = createLateEndpoint()
    const server = bench.server({ deadline: 0.2 }, {}, { fetch: endpoint.fetch })
    expect((await ask(server, 'token')).status).toBe(503)
    const asked = endpoint.open.length
    const second = ask(server, 'token')
    await until(() => endpoint.open.length > asked, 'the next question')
    endpoint.open[asked]?.({ active: false })
    expect(await second).toMatchObject({ status: 401, reason: 'inactive' })
    for (const late of endpoint.open.slice(0, asked)) late(activeAnswer())
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await ask(server, 'token')).toMatchObject({ status: 401, reason: 'inactive' })
    expect(endpoint.total()).toBe(asked + 1)
  })
})

describe('a token that was seen to be revoked', () => {
  const INACTIVE: Readonly<Record<string, Parameters<typeof bench.server>[0]>> = {
    'inactive verdicts are kept': {},
    'inactive verdicts are not kept': { cache: { inactive: 0 } },
  }
  for (const [what, introspection] of Object.entries(INACTIVE)) {
    it(`does not come back by an older verdict in the store, where ${what}`, async () => {
      const verdicts = new Map<string, string>()
      const wall = createWallClock()
      const start = () => bench.server(introspection, {}, { stores: { introspection: verdicts }, clock: wall.now })
      const [one, two] = [start(), start()]
      const token = bench.opaque()
      expect((await ask(one, token)).status).toBe(200)
      bench.endpoint.answers.set(token, { active: false })
      for (const seconds of [10, 12, 12]) {
        clock.advance(seconds)
        wall.turn(seconds)
        expect((await ask(two, token, introspected({ maxAge: 1 }))).status).toBe(401)
        expect((await ask(two, token)).status).toBe(401)
        // Nor in a process that starts now and has seen nothing.
        expect((await ask(start(), token)).status).toBe(401)
      }
    })
  }
})

describe('a question for a fresh verdict', () => {
  it('is joined by those that come at the same time', async () => {
    const endpoint = createLateEndpoint()
    const server = bench.server({}, {}, { fetch: endpoint.fetch })
    const outcomes = together(100, () => ask(server, 'token', introspected({ maxAge: 5 })))
    await until(() => endpoint.open.length > 0, 'the question')
    for (const answer of endpoint.open) answer(activeAnswer())
    expect((await outcomes).every(({ status }) => status === 200)).toBe(true)
    expect(endpoint.total()).toBe(1)
  })

  it('that was asked too long ago for those who come now: they ask once more between them, not once each', async () => {
    const endpoint = createLateEndpoint()
    const server = bench.server({}, {}, { fetch: endpoint.fetch })
    const first = ask(server, 'token', introspected({ maxAge: 2 }))
    await until(() => endpoint.open.length === 1, 'the question')
    clock.advance(1)
    const early = together(100, () => ask(server, 'token', introspected({ maxAge: 2 })))
    await new Promise((resolve) => setTimeout(resolve, 20))
    clock.advance(2)
    const others = together(100, () => ask(server, 'token', introspected({ maxAge: 2 })))
    await new Promise((resolve) => setTimeout(resolve, 20))
    endpoint.open[0]?.(activeAnswer())
    expect((await first).status).toBe(200)
    expect((await early).every(({ status }) => status === 200)).toBe(true)
    await until(() => endpoint.open.length > 1, 'the next question')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(endpoint.total()).toBe(2)
    for (const answer of endpoint.open) answer(activeAnswer())
    expect((await others).every(({ status }) => status === 200)).toBe(true)
  })

  it('that joins a lax one, which finds an old verdict in the store: one question for all of them', async () => {
    const verdicts = new Map<string, string>()
    const stub = createStub(() => activeAnswer())
    const wall = createWallClock()
    const start = () =>
      bench.server({}, {}, { fetch: stub.fetch, stores: { introspection: verdicts }, clock: wall.now })
    expect((await ask(start(), 'token')).status).toBe(200)
    clock.advance(30)
    wall.turn(30)
    const server = start()
    const lax = ask(server, 'token')
    const strict = together(100, () => ask(server, 'token', introspected({ maxAge: 5 })))
    expect((await lax).status).toBe(200)
    expect((await strict).every(({ status }) => status === 200)).toBe(true)
    expect(stub.total()).toBe(2)
  })

  it('serves routes that want less as soon as its answer is there', async () => {
    const endpoint = createLateEndpoint()
    const server = bench.server({}, {}, { fetch: endpoint.fetch })
    const strict = ask(server, 'token', introspected({ maxAge: 5 }))
    await until(() => endpoint.open.length === 1, 'the question')
    const lax = ask(server, 'token')
    endpoint.open[0]?.(activeAnswer())
    expect((await strict).status).toBe(200)
    expect((await lax).status).toBe(200)
    expect((await ask(server, 'token')).status).toBe(200)
    expect(endpoint.total()).toBe(1)
  })

  it('that fails leaves an older verdict to the routes it is good enough for', async () => {
    let broken = false
    const stub = createStub(() => (broken ? { active: 'maybe' } : activeAnswer()))
    const server = bench.server({}, {}, { fetch: stub.fetch })
    expect((await ask(server, 'token')).status).toBe(200)
    broken = true
    clock.advance(3)
    expect((await ask(server, 'token', introspected({ maxAge: 1 }))).status).toBe(503)
    expect((await ask(server, 'token')).status).toBe(200)
    expect((await ask(server, 'token', introspected({ maxAge: 10 }))).status).toBe(200)
  })
})
