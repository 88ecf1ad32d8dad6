import { Unavailable } from 'bearward'
import { beforeEach, describe, expect, it } from 'vitest'
import { activeResponse, opaqueToken } from '../support/issuer/introspection-endpoint.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { send, tally } from '../support/upstream/requests.ts'
import { type IntrospectContext, type IntrospectToken, introspectionOf, together, useBench } from './kit.ts'

// I11: a function that replaces the endpoint has the same cache, single flight, deadline and breaker.

const bench = useBench()
const clock = useMonotonicClock()

let tokens: string[]
beforeEach(() => {
  tokens = []
})
type IntrospectResult = Awaited<ReturnType<IntrospectToken>>
const good = (members: Record<string, unknown> = {}) => activeResponse(members) as IntrospectResult

/** Records the tokens it is called with. */
const noting =
  (verify: IntrospectToken = () => good()): IntrospectToken =>
  (token, context) => {
    tokens.push(token)
    return verify(token, context)
  }

describe('an introspect function', () => {
  it('may return a value or a promise', async () => {
    for (const verify of [() => good(), async () => good()]) {
      const server = bench.verifying(noting(verify))
      const token = opaqueToken()
      expect(await server.verify(token)).toMatchObject({ format: 'opaque', subject: 'user-1', scopes: ['read:orders'] })
      expect((await send(server, token)).status).toBe(200)
      expect(tokens.filter((one) => one === token)).toEqual([token])
    }
  })

  it('is called once for 10,000 concurrent requests, and not again for 60 s or 10 s', async () => {
    const server = bench.verifying(noting(async (token) => (token === 'good' ? good() : { active: false })))
    expect(tally(await together(10_000, () => send(server, 'good')))).toEqual({ 200: 10_000 })
    expect((await send(server, 'bad')).reason).toBe('inactive')
    clock.advance(9.9)
    await send(server, 'bad')
    clock.advance(0.2)
    await send(server, 'bad')
    clock.advance(49)
    await send(server, 'good')
    expect(tokens).toEqual(['good', 'bad', 'bad'])
    clock.advance(1)
    await send(server, 'good')
    expect(tokens).toEqual(['good', 'bad', 'bad', 'good'])
  })

  it('has the introspection options around it as { check }', async () => {
    const server = bench.verifying({ check: noting(), cache: { active: 5 }, breaker: { failures: 1, delay: 7 } })
    await send(server, 'token')
    clock.advance(5.1)
    await send(server, 'token')
    expect(tokens).toEqual(['token', 'token'])
  })

  it('receives the issuer, the fetch of the server, and a signal', async () => {
    const own: typeof fetch = () => Promise.reject(new Error('not called'))
    let context: IntrospectContext | undefined
    const server = bench.verifying(
      (_token, passed) => {
        context = passed
        return good()
      },
      {},
      { fetch: own },
    )
    await send(server, 'token')
    expect(context?.issuer).toBe(bench.issuer.url)
    expect(context?.signal).toBeInstanceOf(AbortSignal)
    await expect(context?.fetch('https://as.example/', {})).rejects.toThrow('not called')
  })

  it('also receives JWTs of its issuer: keys are null by default', async () => {
    const server = bench.verifying(noting())
    const token = await bench.issuer.sign()
    expect((await server.verify(token)).format).toBe('opaque')
    expect(tokens).toEqual([token])
    expect((await send(server, await bench.issuer.sign({ iss: 'https://stranger.example' }))).reason).toBe('issuer')
    expect(tokens).toEqual([token])
    expect(bench.issuer.hits).toEqual({ metadata: 0, keys: 0, other: 0 })
  })

  it('has its responses validated as those of an endpoint are (I2)', async () => {
    for (const [members, reason] of [
      [{ aud: 'x' }, 'audience'],
      [{ aud: undefined }, 'missing_claim'],
      [{ exp: 1 }, 'expired'],
      [{ iss: 'https://other.example' }, 'issuer'],
      [{ cnf: { jkt: 'x' } }, 'confirmation'],
      [{ token_type: 'mac' }, 'token_type'],
    ] as const) {
      const server = bench.verifying(() => good(members))
      expect(await send(server, 'token')).toMatchObject({ status: 401, reason })
    }
  })

  it('cannot change a response after returning it', async () => {
    const response = { ...good(), scope: 'a', nested: { list: ['a'] } }
    const server = bench.verifying(() => response as IntrospectResult)
    await server.verify('token')
    response.scope = 'admin'
    response.nested.list.push('admin')
    const { scopes, claims } = await server.verify('token')
    expect(scopes).toEqual(['a'])
    expect(claims.nested).toEqual({ list: ['a'] })
    // The object belongs to the application and is not frozen.
    expect([Object.isFrozen(response), Object.isFrozen(response.nested)]).toEqual([false, false])
  })
})

describe('an introspect function that fails', () => {
  const FAILURES: Readonly<Record<string, IntrospectToken>> = {
    throws: () => {
      throw new Error('CANARY')
    },
    rejects: () => Promise.reject(new Error('CANARY')),
    'throws nothing': () => {
      throw undefined
    },
    'throws a string': () => {
      throw 'CANARY'
    },
    'throws an error with a status': () => {
      throw Object.assign(new Error('CANARY'), { status: 401, statusCode: 401 })
    },
  }
  for (const [what, verify] of Object.entries(FAILURES)) {
    it(`${what}: 503, nothing is cached, and it is not retried`, async () => {
      let broken = true
      const server = bench.verifying(noting((...args) => (broken ? verify(...args) : good())))
      const outcome = await send(server, 'token')
      expect(outcome).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
      expect(outcome.headers).not.toHaveProperty('WWW-Authenticate')
      expect(JSON.stringify(bench.log.of('fetch'))).not.toContain('CANARY')
      broken = false
      expect((await send(server, 'token')).status).toBe(200)
    })
  }

  const WRONG: readonly unknown[] = [
    ...[undefined, null, true, 'active', 1, [], {}, () => good(), [good()]],
    ...[{ active: 'true' }, { active: 1 }, { ...good(), exp: 'soon' }, { ...good(), exp: Number.NaN }],
    ...[
      { ...good(), exp: Number.POSITIVE_INFINITY },
      { ...good(), sub: 7 },
      { ...good(), aud: [7] },
    ],
    ...[{ ...good(), scope: ['a', 7] }, Object.create({ ...good() })],
  ]
  it.each(WRONG.map((value) => [typeof value, JSON.stringify(value), value]))(
    'returns %s %s: 503, and nothing is cached',
    async (_type, _text, value) => {
      let broken = true
      const server = bench.verifying(noting(() => (broken ? value : good()) as IntrospectResult))
      expect(await send(server, 'token')).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
      broken = false
      expect((await send(server, 'token')).status).toBe(200)
    },
  )

  it('hangs: 503 within the deadline, and its signal is aborted', async () => {
    let signal: AbortSignal | undefined
    const check: IntrospectToken = (_token, context) => {
      signal = context.signal
      return new Promise(() => undefined)
    }
    const server = bench.verifying({ check, deadline: 0.3 })
    const outcome = await send(server, 'token')
    expect(outcome).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
    expect(outcome.milliseconds).toBeLessThan(5000)
    expect(signal?.aborted).toBe(true)
  })

  it('five times in a row: it is not called for a while, then once', async () => {
    let broken = true
    const server = bench.verifying(
      noting(() => {
        if (broken) throw new Error('down')
        return good()
      }),
    )
    for (let index = 0; index < 5; index++) await send(server, `t-${index}`)
    const before = tokens.length
    const outcomes = await together(20, (index) => send(server, `u-${index}`))
    expect(tally(outcomes)).toEqual({ '503 introspection_unavailable': 20 })
    expect(tokens.length).toBe(before)
    expect(introspectionOf(server)?.status).toBe('open')
    broken = false
    clock.advance(1.2)
    expect((await send(server, 'token')).status).toBe(200)
    expect(introspectionOf(server)?.status).toBe('closed')
  })

  it('with Unavailable and its retryAfter: it is not called before, and callers get the time left', async () => {
    let broken = true
    const server = bench.verifying(
      noting(() => {
        if (broken) throw new Unavailable('introspection_unavailable', { retryAfter: 42 })
        return good()
      }),
    )
    expect((await send(server, 'one')).retryAfter).toBe(42)
    clock.advance(20)
    expect((await send(server, 'two')).retryAfter).toBe(22)
    expect(tokens).toEqual(['one'])
    broken = false
    clock.advance(22.1)
    expect((await send(server, 'two')).status).toBe(200)
  })

  it('reports events and state like an endpoint', async () => {
    const server = bench.verifying(() => ({ active: 'yes' }) as never)
    await send(server, 'token')
    expect(bench.log.of('fetch')).toEqual([
      expect.objectContaining({ target: 'introspection', issuer: bench.issuer.url, outcome: 'failed', code: 'shape' }),
    ])
    expect(introspectionOf(server)?.lastError).toMatchObject({ code: 'shape' })
  })
})
