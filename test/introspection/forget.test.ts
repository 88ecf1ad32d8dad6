import type { ResourceServer } from 'bearward'
import { describe, expect, it } from 'vitest'
import { activeAnswer } from '../support/issuer/introspection-endpoint.ts'
import { ask, until } from '../support/upstream/requests.ts'
import { useBench } from './kit.ts'

// server.forget(): what is remembered of a token, or of many, is dropped at once.

const bench = useBench()

/** A token that was good when it was asked about, and has been revoked since. */
async function revoked(server: ResourceServer, members: Record<string, unknown> = {}): Promise<string> {
  const token = bench.opaque(members)
  expect((await ask(server, token)).status).toBe(200)
  bench.endpoint.answers.set(token, { active: false })
  expect((await ask(server, token)).status).toBe(200)
  return token
}

describe('one token', () => {
  it('is asked about again, and others are not', async () => {
    const server = bench.server()
    const [gone, kept] = [await revoked(server), await revoked(server)]
    await server.forget(gone)
    expect(await ask(server, gone)).toMatchObject({ status: 401, reason: 'inactive' })
    expect((await ask(server, kept)).status).toBe(200)
    expect([bench.endpoint.calls(gone), bench.endpoint.calls(kept)]).toEqual([2, 1])
  })

  it('that was inactive is asked about again', async () => {
    const server = bench.server()
    expect((await ask(server, 'later')).status).toBe(401)
    bench.endpoint.answers.set('later', activeAnswer())
    await server.forget('later')
    expect((await ask(server, 'later')).status).toBe(200)
  })

  it('that nobody knows is no error', async () => {
    const server = bench.server()
    await expect(Promise.resolve(server.forget('never seen'))).resolves.toBeUndefined()
    await expect(Promise.resolve(server.forget('not even a token68 !'))).resolves.toBeUndefined()
    expect(bench.endpoint.calls()).toBe(0)
  })

  it('is forgotten in the shared store as well', async () => {
    const verdicts = new Map<string, string>()
    const server = bench.server({}, {}, { stores: { introspection: verdicts } })
    const token = await revoked(server)
    expect(verdicts.size).toBe(1)
    await server.forget(token)
    expect(verdicts.size).toBe(0)
    const other = bench.server({}, {}, { stores: { introspection: verdicts } })
    expect((await ask(other, token)).status).toBe(401)
  })

  it('is forgotten in the shared store by a server that never saw it', async () => {
    const verdicts = new Map<string, string>()
    const token = await revoked(bench.server({}, {}, { stores: { introspection: verdicts } }))
    const other = bench.server({}, {}, { stores: { introspection: verdicts } })
    await other.forget(token)
    expect((await ask(other, token)).status).toBe(401)
  })

  it('a JWT is forgotten, too: it is verified anew', async () => {
    let validated = 0
    const claims = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) => {
          validated++
          return { value }
        },
      },
    }
    const server = bench.server({}, {}, { claims: claims as never })
    const [gone, kept] = [await bench.issuer.sign(), await bench.issuer.sign()]
    const all = async () => {
      for (const token of [gone, kept]) expect((await ask(server, token)).status).toBe(200)
    }
    await all()
    await all()
    expect(validated).toBe(2)
    await server.forget(gone)
    await all()
    expect(validated).toBe(3)
  })
})

describe('tokens by their facts', () => {
  it('those for which the function says true, and no others', async () => {
    const server = bench.server()
    const alice = await revoked(server, { sub: 'alice', jti: '1', sid: 's-1' })
    const bob = await revoked(server, { sub: 'bob', jti: '2', sid: 's-2' })
    const seen: unknown[] = []
    await server.forget((token) => {
      seen.push([token.issuer, token.subject, token.clientId, token.tokenId, (token.claims as { sid: string }).sid])
      return token.subject === 'alice'
    })
    expect(seen.sort()).toEqual([
      [bench.issuer.url, 'alice', 'client-1', '1', 's-1'],
      [bench.issuer.url, 'bob', 'client-1', '2', 's-2'],
    ])
    expect((await ask(server, alice)).status).toBe(401)
    expect((await ask(server, bob)).status).toBe(200)
  })

  it('for which it says no are kept', async () => {
    const server = bench.server()
    const token = await revoked(server)
    await server.forget(() => false)
    expect((await ask(server, token)).status).toBe(200)
    expect(bench.endpoint.calls()).toBe(1)
  })

  it('and what stands in the shared store does not bring them back', async () => {
    const verdicts = new Map<string, string>()
    const server = bench.server({}, {}, { stores: { introspection: verdicts } })
    const alice = await revoked(server, { sub: 'alice' })
    const bob = await revoked(server, { sub: 'bob' })
    await server.forget(({ subject }) => subject === 'alice')
    expect((await ask(server, alice)).status).toBe(401)
    expect((await ask(server, bob)).status).toBe(200)
    expect(bench.endpoint.calls(bob)).toBe(1)
  })

  it('what the function throws is thrown on', async () => {
    const server = bench.server()
    await revoked(server)
    const forget = async () =>
      server.forget(() => {
        throw new RangeError('own failure')
      })
    await expect(forget()).rejects.toThrow(RangeError)
  })
})

describe('while the answer is on its way', () => {
  for (const [what, matches] of Object.entries({
    'by the token': (token: string) => token,
    'by its facts': () => () => true,
  })) {
    it(`${what}: an answer given before is kept for nobody`, async () => {
      const server = bench.server()
      const token = bench.opaque()
      // The endpoint has said active; its answer is on the way when the token is revoked and forgotten.
      const held = bench.endpoint.hold()
      const early = ask(server, token)
      await until(() => held.waiting.length === 1, 'the question')
      const before = activeAnswer()
      const forgotten = server.forget(matches(token) as never)
      bench.endpoint.answers.set(token, before)
      held.release()
      await Promise.all([early, forgotten])
      bench.endpoint.answers.set(token, { active: false })
      expect(await ask(server, token)).toMatchObject({ status: 401, reason: 'inactive' })
      expect(bench.endpoint.calls()).toBe(2)
    })
  }

  it('who comes after it does not join the question that was asked before', async () => {
    const server = bench.server()
    const token = bench.opaque()
    const held = bench.endpoint.hold()
    const early = ask(server, token)
    await until(() => held.waiting.length === 1, 'the question')
    await server.forget(token)
    const late = ask(server, token)
    await until(() => held.waiting.length === 2, 'a question of its own')
    // The second question is answered as it is now; the first one, late, as it was.
    bench.endpoint.answers.set(token, { active: false })
    held.waiting[1]?.()
    expect(await late).toMatchObject({ status: 401, reason: 'inactive' })
    bench.endpoint.answers.set(token, activeAnswer())
    held.waiting[0]?.()
    await early
    bench.endpoint.answers.set(token, { active: false })
    expect(await ask(server, token)).toMatchObject({ status: 401, reason: 'inactive' })
  })
})
