import { describe, expect, it } from 'vitest'
import { activeAnswer, CLIENT } from '../support/issuer/introspection-endpoint.ts'
import { amount } from '../support/tiers/amount.ts'
import { ask, tally, until } from '../support/upstream/requests.ts'
import { together, useBench } from './kit.ts'

// SPEC I4, I6: one question for everybody who asks about the same token.

const CROWD = amount(10_000, 2000)
const bench = useBench()

describe('one new token at once', () => {
  for (const count of [1000, CROWD]) {
    it(`${count} requests: one question, and all are served (RFC 7662 §4)`, async () => {
      const server = bench.server()
      const token = bench.opaque()
      expect(tally(await together(count, () => ask(server, token)))).toEqual({ 200: count })
      expect(bench.endpoint.calls()).toBe(1)
    })
  }

  it(`${CROWD} requests with an inactive one: one question`, async () => {
    const server = bench.server()
    expect(tally(await together(CROWD, () => ask(server, 'unknown')))).toEqual({ '401 inactive': CROWD })
    expect(bench.endpoint.calls()).toBe(1)
  })

  it('those that come while the answer is on its way join', async () => {
    const server = bench.server()
    const token = bench.opaque()
    const held = bench.endpoint.hold()
    const early = together(100, () => ask(server, token))
    await until(() => held.waiting.length === 1, 'the question')
    const late = together(100, () => ask(server, token))
    held.release()
    expect(tally([...(await early), ...(await late)])).toEqual({ 200: 200 })
    expect(bench.endpoint.calls()).toBe(1)
  })

  it('discovery is one, too', async () => {
    const server = bench.server({}, { introspection: { client: CLIENT, deadline: 5 } })
    expect(tally(await together(200, () => ask(server, bench.opaque())))).toEqual({ 200: 200 })
    expect(bench.issuer.hits.metadata).toBe(1)
    expect(bench.endpoint.calls()).toBe(200)
  })
})

describe('many tokens at once', () => {
  it('each is asked about once, and none gets the answer of another', async () => {
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

  it('100 at once are no reason for a warning', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    try {
      const server = bench.server()
      const held = bench.endpoint.hold()
      const waiting = together(100, () => ask(server, bench.opaque()))
      await until(() => held.waiting.length === 100, 'the questions')
      held.release()
      expect(tally(await waiting)).toEqual({ 200: 100 })
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(warnings).toEqual([])
    } finally {
      process.off('warning', note)
    }
  })

  it('a slow answer about one does not keep another waiting', async () => {
    const server = bench.server()
    const [slow, quick] = [bench.opaque(), bench.opaque()]
    const { answerTokens } = bench.endpoint
    let answerSlow: (() => void) | undefined
    bench.endpoint.reply = (request, response, question) => {
      if (question.token !== slow) return answerTokens(request, response, question)
      answerSlow = () => answerTokens(request, response, question)
    }
    const waiting = ask(server, slow)
    await until(() => answerSlow !== undefined, 'the question')
    expect((await ask(server, quick)).status).toBe(200)
    answerSlow?.()
    expect((await waiting).status).toBe(200)
  })
})

describe('failures', () => {
  it('are shared among those who wait, and remembered by nobody', async () => {
    const server = bench.server()
    const token = bench.opaque()
    bench.endpoint.reply = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{')
    const outcomes = await together(1000, () => ask(server, token))
    expect(tally(outcomes)).toEqual({ '503 introspection_unavailable': 1000 })
    expect(bench.endpoint.calls()).toBe(1)
    bench.endpoint.reply = bench.endpoint.answerTokens
    expect((await ask(server, token)).status).toBe(200)
  })

  it('are an error of its own for each request: it carries the answer to one', async () => {
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

  it('of a token that is refused here are shared as well', async () => {
    const server = bench.server()
    const token = bench.opaque({ aud: 'https://other.example' })
    expect(tally(await together(1000, () => ask(server, token)))).toEqual({ '401 audience': 1000 })
    expect(bench.endpoint.calls()).toBe(1)
  })

  it('end no verdict that was there before', async () => {
    const server = bench.server()
    const token = bench.opaque()
    expect((await ask(server, token)).status).toBe(200)
    bench.endpoint.reply = (_request, response) => response.writeHead(400).end()
    expect((await ask(server, 'another')).status).toBe(503)
    expect((await ask(server, token)).status).toBe(200)
  })
})

it('two servers in one process share nothing they were not given', async () => {
  const [one, two] = [bench.server(), bench.server()]
  const token = bench.opaque()
  expect((await ask(one, token)).status).toBe(200)
  bench.endpoint.answers.set(token, activeAnswer({ sub: 'user-2' }))
  expect((await two.verify(token)).subject).toBe('user-2')
  expect(bench.endpoint.calls()).toBe(2)
})
