import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createUntrustedServer } from '../support/tls/untrusted-server.ts'
import { silent, withoutNames } from '../support/upstream/fetch.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { send, tally } from '../support/upstream/requests.ts'
import { createUnreachablePort } from '../support/upstream/unreachable.ts'
import { introspectionOf, together, useBench } from './kit.ts'

// E2: an unreachable endpoint.

const bench = useBench()
const clock = useMonotonicClock()

let untrusted: Awaited<ReturnType<typeof createUntrustedServer>>
let unreachable: Awaited<ReturnType<typeof createUnreachablePort>>
beforeAll(async () => {
  untrusted = await createUntrustedServer()
  unreachable = await createUnreachablePort()
})
afterAll(async () => {
  await untrusted.stop()
  await unreachable.stop()
})

let way: typeof fetch
let calls: number
beforeEach(() => {
  way = fetch
  calls = 0
})

const to =
  (origin: string, own: typeof fetch = fetch): typeof fetch =>
  (input, init) =>
    own(String(input).replace(bench.endpoint.origin, origin), init)

interface Cut {
  readonly code: 'timeout' | 'network'
  readonly way: () => typeof fetch
}

const CUTS: Readonly<Record<string, Cut>> = {
  'connect time-out': { code: 'timeout', way: () => to(unreachable.url) },
  'connection refused': { code: 'network', way: () => to('http://127.0.0.1:1') },
  'a name that does not resolve': { code: 'network', way: () => to('http://auth.invalid', withoutNames) },
  'an untrusted certificate': { code: 'network', way: () => to(untrusted.url) },
  'a fetch that never resolves': { code: 'timeout', way: () => silent },
  'a fetch that throws': {
    code: 'network',
    way: () => () => {
      throw new Error('no network here')
    },
  },
  'a fetch that rejects with nothing': { code: 'network', way: () => () => Promise.reject(undefined) },
}

for (const [what, cut] of Object.entries(CUTS)) {
  describe(what, () => {
    it('503 within the deadline, at most one retry, then 503 without a call, then recovery', async () => {
      const server = bench.server(
        { deadline: cut.code === 'timeout' ? 0.5 : 5 },
        {},
        {
          fetch: (input, init) => {
            calls++
            return way(input, init)
          },
        },
      )
      const cached = bench.opaque()
      expect((await send(server, cached)).status).toBe(200)
      calls = 0
      way = cut.way()
      const token = bench.opaque()
      const first = await send(server, token)
      expect(first).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
      expect(first.milliseconds).toBeLessThan(5000)
      expect(first.headers).not.toHaveProperty('WWW-Authenticate')
      expect(calls).toBe(cut.code === 'network' ? 2 : 1)
      expect(introspectionOf(server)?.lastError).toMatchObject({ code: cut.code })
      await together(4, () => send(server, bench.opaque()))
      const before = calls
      expect(tally(await together(50, () => send(server, token)))).toEqual({ '503 introspection_unavailable': 50 })
      expect(calls).toBe(before)
      expect((await send(server, cached)).status).toBe(200)
      expect(bench.endpoint.calls()).toBe(1)
      expect(untrusted.requests()).toBe(0)
      way = fetch
      clock.advance(1.2)
      expect((await send(server, token)).status).toBe(200)
    })
  })
}

describe('an endpoint that is stopped and restarted', () => {
  it('503 in between; cached responses are still served', async () => {
    const server = bench.server()
    const [cached, unknown] = [bench.opaque(), bench.opaque()]
    expect((await send(server, cached)).status).toBe(200)
    await bench.endpoint.stop()
    expect((await send(server, unknown)).status).toBe(503)
    expect((await send(server, cached)).status).toBe(200)
    await bench.endpoint.start()
    clock.advance(1.2)
    expect((await send(server, unknown)).status).toBe(200)
  })
})

describe('server.close()', () => {
  it('aborts a pending introspection request at once', async () => {
    bench.endpoint.reply = () => undefined
    const server = bench.server({ deadline: 60 })
    const waiting = send(server, bench.opaque())
    await expect.poll(() => bench.endpoint.calls()).toBe(1)
    server.close()
    expect((await waiting).status).toBe(503)
  })
})
