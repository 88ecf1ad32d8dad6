import { createResourceServer, type ResourceServer } from 'bearward'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { activeResponse, CLIENT } from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { send, until } from '../support/upstream/requests.ts'
import { useBench } from './kit.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

// server.forget(): invalidates the cache entries of one token, or of many, at once.

const bench = useBench()

/** A token that was active when it was introspected, and has since been revoked. */
async function revoked(server: ResourceServer, members: Record<string, unknown> = {}): Promise<string> {
  const token = bench.opaque(members)
  expect((await send(server, token)).status).toBe(200)
  bench.endpoint.responses.set(token, { active: false })
  expect((await send(server, token)).status).toBe(200)
  return token
}

describe('one token', () => {
  it('is introspected again, and others are not', async () => {
    const server = bench.server()
    const [gone, other] = [await revoked(server), await revoked(server)]
    await server.forget(gone)
    expect(await send(server, gone)).toMatchObject({ status: 401, reason: 'inactive' })
    expect((await send(server, other)).status).toBe(200)
    expect([bench.endpoint.calls(gone), bench.endpoint.calls(other)]).toEqual([2, 1])
  })

  it('that was inactive is introspected again', async () => {
    const server = bench.server()
    expect((await send(server, 'later')).status).toBe(401)
    bench.endpoint.responses.set('later', activeResponse())
    await server.forget('later')
    expect((await send(server, 'later')).status).toBe(200)
  })

  it('that is not cached is no error', async () => {
    const server = bench.server()
    await expect(Promise.resolve(server.forget('never seen'))).resolves.toBeUndefined()
    await expect(Promise.resolve(server.forget('not even a token68 !'))).resolves.toBeUndefined()
    expect(bench.endpoint.calls()).toBe(0)
  })

  it('is deleted from the shared store as well', async () => {
    const store = new Map<string, string>()
    const server = bench.server({}, {}, { stores: { introspection: store } })
    const token = await revoked(server)
    await until(() => store.size === 1, 'the record')
    await server.forget(token)
    expect(store.size).toBe(0)
    const other = bench.server({}, {}, { stores: { introspection: store } })
    expect((await send(other, token)).status).toBe(401)
  })

  it('where another issuer has no introspection, too', async () => {
    const store = new Map<string, string>()
    const introspection = { endpoint: bench.endpoint.url, client: CLIENT }
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: ['https://other.example', { issuer: bench.issuer.url, introspection }],
      stores: { introspection: store, secret: 'a secret of at least thirty-two bytes' },
    })
    const token = await revoked(server)
    await until(() => store.size === 1, 'the record')
    await server.forget(token)
    expect([store.size, (await send(server, token)).status]).toEqual([0, 401])
  })

  it('is not stored later, if its record is still being authenticated', async () => {
    const store = new Map<string, string>()
    // The first record waits for the key that authenticates it.
    const derive = crypto.subtle.deriveBits.bind(crypto.subtle)
    let derived = false
    vi.spyOn(crypto.subtle, 'deriveBits').mockImplementation(async (...input) => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      derived = true
      return derive(...input)
    })
    const server = bench.server({}, {}, { stores: { introspection: store } })
    const token = bench.opaque()
    await server.verify(token)
    await server.forget(token)
    await until(() => derived, 'the key')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(store.size).toBe(0)
  })

  it('is deleted from the shared store by a server that never saw it', async () => {
    const store = new Map<string, string>()
    const token = await revoked(bench.server({}, {}, { stores: { introspection: store } }))
    await until(() => store.size === 1, 'the record')
    const other = bench.server({}, {}, { stores: { introspection: store } })
    await other.forget(token)
    expect((await send(other, token)).status).toBe(401)
  })

  it('is deleted from the shared store by a server that has not loaded its issuer', async () => {
    const store = new Map<string, string>()
    const { url } = bench.issuer
    let isKnown = true
    const start = (shares = true) =>
      createResourceServer({
        resource: RESOURCE,
        issuer: {
          allow: {
            has(issuer) {
              if (isKnown) return issuer === url
              throw new Error('no database')
            },
          },
          resolve: () => ({ keys: null, introspection: { endpoint: bench.endpoint.url, client: CLIENT } }),
        },
        ...(shares && { stores: { introspection: store, secret: 'a secret of at least thirty-two bytes' } }),
      })
    const token = await bench.issuer.sign()
    bench.endpoint.responses.set(token, activeResponse({ iss: url }))
    await start().verify(token)
    await until(() => store.size === 1, 'the record')
    isKnown = false
    await expect(start().forget(token)).rejects.toThrow('did not delete')
    // Nothing to delete elsewhere, so the issuer is not needed.
    await start(false).forget(token)
    isKnown = true
    await start().forget(token)
    expect(store.size).toBe(0)
    // It names no issuer that is trusted, or none at all.
    for (const other of [await bench.issuer.sign({ iss: 'https://other.example' }), 'opaque', 'a.b.c'])
      await start().forget(other)
  })

  it('a JWT is invalidated, too: it is verified again', async () => {
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
    const [gone, other] = [await bench.issuer.sign(), await bench.issuer.sign()]
    const all = async () => {
      for (const token of [gone, other]) expect((await send(server, token)).status).toBe(200)
    }
    await all()
    await all()
    expect(validated).toBe(2)
    await server.forget(gone)
    await all()
    expect(validated).toBe(3)
  })
})

describe('tokens by their claims', () => {
  it('those for which the function returns true, and no others', async () => {
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
    expect((await send(server, alice)).status).toBe(401)
    expect((await send(server, bob)).status).toBe(200)
  })

  it('for which it returns false stay cached', async () => {
    const server = bench.server()
    const token = await revoked(server)
    await server.forget(() => false)
    expect((await send(server, token)).status).toBe(200)
    expect(bench.endpoint.calls()).toBe(1)
  })

  it('and the entries in the shared store do not bring them back', async () => {
    const store = new Map<string, string>()
    const server = bench.server({}, {}, { stores: { introspection: store } })
    const alice = await revoked(server, { sub: 'alice' })
    const bob = await revoked(server, { sub: 'bob' })
    await server.forget(({ subject }) => subject === 'alice')
    expect((await send(server, alice)).status).toBe(401)
    expect((await send(server, bob)).status).toBe(200)
    expect(bench.endpoint.calls(bob)).toBe(1)
  })

  it('an error thrown by the function is rethrown, after all tokens that match have been removed', async () => {
    const schema = { '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value }) } }
    const server = bench.server({}, {}, { claims: schema as never })
    const names = ['alice', 'bob', 'carol', 'dave']
    const opaque = await Promise.all(names.map((sub) => revoked(server, { sub })))
    // With a schema, a JWT is cached the first time.
    for (const sub of names) await send(server, await bench.issuer.sign({ sub }))
    const seen: unknown[] = []
    const forget = async () =>
      server.forget(({ subject }) => {
        seen.push(subject)
        if (subject === 'bob') throw new RangeError('own failure')
        return subject !== 'carol'
      })
    await expect(forget()).rejects.toThrow(RangeError)
    expect(seen.sort()).toEqual([...names, ...names].sort())
    const statuses = []
    for (const token of opaque) statuses.push((await send(server, token)).status)
    // The one for which it threw is removed as well: to introspect it again is safe.
    expect(statuses).toEqual([401, 401, 200, 401])
  })
})

describe('while a schema validates the claims', () => {
  for (const [what, argument] of Object.entries({
    'by the token': (token: string) => token,
    'by its claims': () => () => true,
  })) {
    for (const format of ['jwt', 'opaque'] as const) {
      it(`${what}, ${format}: what was validated before is not cached`, async () => {
        const waiting: (() => void)[] = []
        let validated = 0
        const validate = (value: unknown) =>
          ++validated > 1 ? { value } : new Promise((resolve) => waiting.push(() => resolve({ value })))
        const claims = { '~standard': { version: 1 as const, vendor: 'test', validate } }
        const server = bench.server({}, {}, { claims: claims as never })
        const token = format === 'jwt' ? await bench.issuer.sign() : bench.opaque()
        const early = send(server, token)
        await until(() => waiting.length === 1, 'the schema')
        await server.forget(argument(token) as never)
        waiting[0]?.()
        expect((await early).status).toBe(200)
        await send(server, token)
        expect(validated).toBe(2)
        await send(server, token)
        expect(validated).toBe(2)
        expect(bench.endpoint.calls()).toBe(format === 'jwt' ? 0 : 2)
      })
    }
  }
})

describe('while the response is pending', () => {
  for (const [what, matches] of Object.entries({
    'by the token': (token: string) => token,
    'by its claims': () => () => true,
  })) {
    it(`${what}: a response sent before is not cached`, async () => {
      const server = bench.server()
      const token = bench.opaque()
      // The endpoint has said active; the response is in transit while the token is revoked and invalidated.
      const held = bench.endpoint.hold()
      const early = send(server, token)
      await until(() => held.waiting.length === 1, 'the introspection request')
      const before = activeResponse()
      const done = server.forget(matches(token) as never)
      bench.endpoint.responses.set(token, before)
      held.release()
      await Promise.all([early, done])
      bench.endpoint.responses.set(token, { active: false })
      expect(await send(server, token)).toMatchObject({ status: 401, reason: 'inactive' })
      expect(bench.endpoint.calls()).toBe(2)
    })
  }

  it('later requests do not join an introspection that started before', async () => {
    const server = bench.server()
    const token = bench.opaque()
    const held = bench.endpoint.hold()
    const early = send(server, token)
    await until(() => held.waiting.length === 1, 'the introspection request')
    await server.forget(token)
    const pending = send(server, token)
    await until(() => held.waiting.length === 2, 'a separate introspection request')
    // The second request gets the current state; the first gets the old one, afterwards.
    bench.endpoint.responses.set(token, { active: false })
    held.waiting[1]?.()
    expect(await pending).toMatchObject({ status: 401, reason: 'inactive' })
    bench.endpoint.responses.set(token, activeResponse())
    held.waiting[0]?.()
    await early
    bench.endpoint.responses.set(token, { active: false })
    expect(await send(server, token)).toMatchObject({ status: 401, reason: 'inactive' })
  })
})
