import { Unavailable } from 'bearward'
import { beforeEach, describe, expect, it } from 'vitest'
import { activeAnswer, opaqueToken } from '../support/issuer/introspection-endpoint.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { ask, tally } from '../support/upstream/requests.ts'
import { type IntrospectContext, type IntrospectToken, introspectionOf, together, useBench } from './kit.ts'

// SPEC I11: a function in place of an endpoint has the same cache, single flight, deadline and breaker around it.

const bench = useBench()
const clock = useMonotonicClock()

let asked: string[]
beforeEach(() => {
  asked = []
})
type Answer = Awaited<ReturnType<IntrospectToken>>
const good = (members: Record<string, unknown> = {}) => activeAnswer(members) as Answer

/** Notes what it is asked, then does as told. */
const noting =
  (verify: IntrospectToken = () => good()): IntrospectToken =>
  (token, context) => {
    asked.push(token)
    return verify(token, context)
  }

describe('a verify function', () => {
  it('answers plainly or with a promise', async () => {
    for (const verify of [() => good(), async () => good()]) {
      const server = bench.verifying(noting(verify))
      const token = opaqueToken()
      expect(await server.verify(token)).toMatchObject({ format: 'opaque', subject: 'user-1', scopes: ['read:orders'] })
      expect((await ask(server, token)).status).toBe(200)
      expect(asked.filter((one) => one === token)).toEqual([token])
    }
  })

  it('is asked once by 10,000 requests at once, and 60 and 10 s long not again', async () => {
    const server = bench.verifying(noting(async (token) => (token === 'good' ? good() : { active: false })))
    expect(tally(await together(10_000, () => ask(server, 'good')))).toEqual({ 200: 10_000 })
    expect((await ask(server, 'bad')).reason).toBe('inactive')
    clock.advance(9.9)
    await ask(server, 'bad')
    clock.advance(0.2)
    await ask(server, 'bad')
    clock.advance(49)
    await ask(server, 'good')
    expect(asked).toEqual(['good', 'bad', 'bad'])
    clock.advance(1)
    await ask(server, 'good')
    expect(asked).toEqual(['good', 'bad', 'bad', 'good'])
  })

  it('has the options of introspection around it as { check }', async () => {
    const server = bench.verifying({ check: noting(), cache: { active: 5 }, breaker: { failures: 1, delay: 7 } })
    await ask(server, 'token')
    clock.advance(5.1)
    await ask(server, 'token')
    expect(asked).toEqual(['token', 'token'])
  })

  it('is told the issuer, and given the fetch of the server and a signal', async () => {
    const own: typeof fetch = () => Promise.reject(new Error('not called'))
    let given: IntrospectContext | undefined
    const server = bench.verifying(
      (_token, context) => {
        given = context
        return good()
      },
      {},
      { fetch: own },
    )
    await ask(server, 'token')
    expect(given?.issuer).toBe(bench.issuer.url)
    expect(given?.signal).toBeInstanceOf(AbortSignal)
    await expect(given?.fetch('https://as.example/', {})).rejects.toThrow('not called')
  })

  it('gets JWTs of its issuer as well: keys are null by default', async () => {
    const server = bench.verifying(noting())
    const token = await bench.issuer.sign()
    expect((await server.verify(token)).format).toBe('opaque')
    expect(asked).toEqual([token])
    expect((await ask(server, await bench.issuer.sign({ iss: 'https://stranger.example' }))).reason).toBe('issuer')
    expect(asked).toEqual([token])
    expect(bench.issuer.hits).toEqual({ metadata: 0, keys: 0, other: 0 })
  })

  it('has its verdicts checked here as those of an endpoint are (SPEC I2)', async () => {
    for (const [members, reason] of [
      [{ aud: 'x' }, 'audience'],
      [{ aud: undefined }, 'missing_claim'],
      [{ exp: 1 }, 'expired'],
      [{ iss: 'https://other.example' }, 'issuer'],
      [{ cnf: { jkt: 'x' } }, 'confirmation'],
      [{ token_type: 'mac' }, 'token_type'],
    ] as const) {
      const server = bench.verifying(() => good(members))
      expect(await ask(server, 'token')).toMatchObject({ status: 401, reason })
    }
  })

  it('cannot change a verdict after it has given it', async () => {
    const verdict = { ...good(), scope: 'a', nested: { list: ['a'] } }
    const server = bench.verifying(() => verdict as Answer)
    await server.verify('token')
    verdict.scope = 'admin'
    verdict.nested.list.push('admin')
    const { scopes, claims } = await server.verify('token')
    expect(scopes).toEqual(['a'])
    expect(claims.nested).toEqual({ list: ['a'] })
    // It is the application's, and stays as it was.
    expect([Object.isFrozen(verdict), Object.isFrozen(verdict.nested)]).toEqual([false, false])
  })
})

describe('a verify function that fails', () => {
  const FAILURES: Readonly<Record<string, IntrospectToken>> = {
    throws: () => {
      throw new Error('CANARY')
    },
    rejects: () => Promise.reject(new Error('CANARY')),
    'throws nothing': () => {
      throw undefined
    },
    'throws a text': () => {
      throw 'CANARY'
    },
    'throws an error with a status': () => {
      throw Object.assign(new Error('CANARY'), { status: 401, statusCode: 401 })
    },
  }
  for (const [what, verify] of Object.entries(FAILURES)) {
    it(`${what}: 503, nothing is remembered, and it is asked no second time`, async () => {
      let broken = true
      const server = bench.verifying(noting((...given) => (broken ? verify(...given) : good())))
      const outcome = await ask(server, 'token')
      expect(outcome).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
      expect(outcome.headers).not.toHaveProperty('WWW-Authenticate')
      expect(JSON.stringify(bench.log.of('fetch'))).not.toContain('CANARY')
      broken = false
      expect((await ask(server, 'token')).status).toBe(200)
    })
  }

  const WRONG: readonly unknown[] = [
    ...[undefined, null, true, 'active', 1, [], {}, () => good(), [good()]],
    ...[{ active: 'true' }, { active: 1 }, { ...good(), exp: '1' }, { ...good(), exp: Number.NaN }],
    ...[
      { ...good(), exp: Number.POSITIVE_INFINITY },
      { ...good(), sub: 7 },
      { ...good(), aud: [7] },
    ],
    ...[{ ...good(), scope: ['a'] }, Object.create({ ...good() })],
  ]
  it.each(WRONG.map((value) => [typeof value, JSON.stringify(value), value]))(
    'returns %s %s: 503, and nothing is remembered',
    async (_type, _text, value) => {
      let broken = true
      const server = bench.verifying(noting(() => (broken ? value : good()) as Answer))
      expect(await ask(server, 'token')).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
      broken = false
      expect((await ask(server, 'token')).status).toBe(200)
    },
  )

  it('hangs: 503 within the deadline, and its signal says so', async () => {
    let signal: AbortSignal | undefined
    const check: IntrospectToken = (_token, context) => {
      signal = context.signal
      return new Promise(() => undefined)
    }
    const server = bench.verifying({ check, deadline: 0.3 })
    const outcome = await ask(server, 'token')
    expect(outcome).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
    expect(outcome.milliseconds).toBeLessThan(5000)
    expect(signal?.aborted).toBe(true)
  })

  it('five times in a row: nobody asks it for a while, then one does', async () => {
    let broken = true
    const server = bench.verifying(
      noting(() => {
        if (broken) throw new Error('down')
        return good()
      }),
    )
    for (let index = 0; index < 5; index++) await ask(server, `t-${index}`)
    const before = asked.length
    const outcomes = await together(20, (index) => ask(server, `u-${index}`))
    expect(tally(outcomes)).toEqual({ '503 introspection_unavailable': 20 })
    expect(asked.length).toBe(before)
    expect(introspectionOf(server)?.status).toBe('open')
    broken = false
    clock.advance(1.2)
    expect((await ask(server, 'token')).status).toBe(200)
    expect(introspectionOf(server)?.status).toBe('closed')
  })

  it('with Unavailable and its retryAfter: nobody asks before, and callers are told', async () => {
    let broken = true
    const server = bench.verifying(
      noting(() => {
        if (broken) throw new Unavailable('introspection_unavailable', { retryAfter: 42 })
        return good()
      }),
    )
    expect((await ask(server, 'one')).retryAfter).toBe(42)
    clock.advance(20)
    expect((await ask(server, 'two')).retryAfter).toBe(22)
    expect(asked).toEqual(['one'])
    broken = false
    clock.advance(22.1)
    expect((await ask(server, 'two')).status).toBe(200)
  })

  it('tells events and state of it as of an endpoint', async () => {
    const server = bench.verifying(() => ({ active: 'yes' }) as never)
    await ask(server, 'token')
    expect(bench.log.of('fetch')).toEqual([
      expect.objectContaining({ target: 'introspection', issuer: bench.issuer.url, outcome: 'failed', code: 'shape' }),
    ])
    expect(introspectionOf(server)?.lastError).toMatchObject({ code: 'shape' })
  })
})
