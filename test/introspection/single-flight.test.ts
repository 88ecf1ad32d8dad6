import { describe, expect, it } from 'vitest'
import { activeResponse, CLIENT } from '../support/issuer/introspection-endpoint.ts'
import { amount } from '../support/tiers/amount.ts'
import { send, tally, until } from '../support/upstream/requests.ts'
import { together, useBench } from './kit.ts'

// I4, I6: one introspection request for all concurrent requests with the same token.

const CROWD = amount(10_000, 2000)
const bench = useBench()

describe('one new token at once', () => {
  for (const count of [1000, CROWD]) {
    it(`${count} requests: one introspection request, and all are served (RFC 7662 §4)`, async () => {
      const server = bench.server()
      const token = bench.opaque()
      expect(tally(await together(count, () => send(server, token)))).toEqual({ 200: count })
      expect(bench.endpoint.calls()).toBe(1)
    })
  }

  it(`${CROWD} requests with an inactive one: one introspection request`, async () => {
    const server = bench.server()
    expect(tally(await together(CROWD, () => send(server, 'unknown')))).toEqual({ '401 inactive': CROWD })
    expect(bench.endpoint.calls()).toBe(1)
  })

  it('those that arrive while it is pending join it', async () => {
    const server = bench.server()
    const token = bench.opaque()
    const held = bench.endpoint.hold()
    const early = together(100, () => send(server, token))
    await until(() => held.waiting.length === 1, 'the introspection request')
    const joined = together(100, () => send(server, token))
    held.release()
    expect(tally([...(await early), ...(await joined)])).toEqual({ 200: 200 })
    expect(bench.endpoint.calls()).toBe(1)
  })

  it('discovery is a single flight, too', async () => {
    const server = bench.server({}, { introspection: { client: CLIENT, deadline: 5 } })
    expect(tally(await together(200, () => send(server, bench.opaque())))).toEqual({ 200: 200 })
    expect(bench.issuer.hits.metadata).toBe(1)
    expect(bench.endpoint.calls()).toBe(200)
  })
})

describe('many tokens at once', () => {
  it('each is introspected once, and gets its own response', async () => {
    const server = bench.server()
    const tokens = Array.from({ length: 200 }, (_, index) => bench.opaque({ sub: `user-${index}` }))
    const seen = await Promise.all(
      tokens.flatMap((token, index) =>
        Array.from({ length: 5 }, async () => [index, (await server.verify(token)).subject] as const),
      ),
    )
    expect(seen.filter(([index, subject]) => subject !== `user-${index}`)).toEqual([])
    expect(tokens.map((token) => bench.endpoint.calls(token))).toEqual(tokens.map(() => 1))
  })

  it('100 at once cause no listener warning', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    try {
      const server = bench.server()
      const held = bench.endpoint.hold()
      const waiting = together(100, () => send(server, bench.opaque()))
      await until(() => held.waiting.length === 100, 'the introspection requests')
      held.release()
      expect(tally(await waiting)).toEqual({ 200: 100 })
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(warnings).toEqual([])
    } finally {
      process.off('warning', note)
    }
  })

  it('a slow response for one token does not delay another', async () => {
    const server = bench.server()
    const [slow, quick] = [bench.opaque(), bench.opaque()]
    const { respondByToken } = bench.endpoint
    let respondLate: (() => void) | undefined
    bench.endpoint.reply = (request, response, introspection) => {
      if (introspection.token !== slow) return respondByToken(request, response, introspection)
      respondLate = () => respondByToken(request, response, introspection)
    }
    const waiting = send(server, slow)
    await until(() => respondLate !== undefined, 'the introspection request')
    expect((await send(server, quick)).status).toBe(200)
    respondLate?.()
    expect((await waiting).status).toBe(200)
  })
})

describe('failures', () => {
  it('are shared by those who wait, and not cached', async () => {
    const server = bench.server()
    const token = bench.opaque()
    bench.endpoint.reply = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{')
    const outcomes = await together(1000, () => send(server, token))
    expect(tally(outcomes)).toEqual({ '503 introspection_unavailable': 1000 })
    expect(bench.endpoint.calls()).toBe(1)
    bench.endpoint.reply = bench.endpoint.respondByToken
    expect((await send(server, token)).status).toBe(200)
  })

  it('are a separate error for each request: it holds one response', async () => {
    const server = bench.server()
    const token = bench.opaque()
    bench.endpoint.reply = (_request, response) => response.writeHead(400).end()
    const thrown = await together(20, () =>
      Promise.resolve(server.verify(token)).then(
        () => undefined,
        (error: unknown) => error,
      ),
    )
    expect(new Set(thrown).size).toBe(20)
    expect(bench.endpoint.calls()).toBe(1)
  })

  it('of a refused token are shared as well', async () => {
    const server = bench.server()
    const token = bench.opaque({ aud: 'https://other.example' })
    expect(tally(await together(1000, () => send(server, token)))).toEqual({ '401 audience': 1000 })
    expect(bench.endpoint.calls()).toBe(1)
  })

  it('do not evict an earlier response', async () => {
    const server = bench.server()
    const token = bench.opaque()
    expect((await send(server, token)).status).toBe(200)
    bench.endpoint.reply = (_request, response) => response.writeHead(400).end()
    expect((await send(server, 'another')).status).toBe(503)
    expect((await send(server, token)).status).toBe(200)
  })
})

it('two servers in one process share nothing that was not passed to both', async () => {
  const [one, two] = [bench.server(), bench.server()]
  const token = bench.opaque()
  expect((await send(one, token)).status).toBe(200)
  bench.endpoint.responses.set(token, activeResponse({ sub: 'user-2' }))
  expect((await two.verify(token)).subject).toBe('user-2')
  expect(bench.endpoint.calls()).toBe(2)
})
