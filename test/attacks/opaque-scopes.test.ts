import { createResourceServer, type IssuerOptions, introspected } from 'bearward'
import { describe, expect, it } from 'vitest'
import { useBench } from '../introspection/kit.ts'
import { createStub } from '../introspection/stub.ts'
import { activeAnswer } from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { ask } from '../support/upstream/requests.ts'

const bench = useBench()

describe('the scopes of a JWT that was asked about (RFC 7662 §2.2)', () => {
  it('are those that both name: an answer takes away and adds nothing', async () => {
    const server = bench.server()
    const token = await bench.issuer.sign({ scope: 'a b' })
    bench.endpoint.answers.set(token, activeAnswer({ scope: 'b c' }))
    expect((await server.verify(token, { maxAge: 0 })).scopes).toEqual(['b'])
    expect((await server.verify(token, { maxAge: 0 })).hasScope('c')).toBe(false)
    expect((await server.verify(token)).scopes).toEqual(['a', 'b'])
  })

  it('are those of the JWT where the answer names none', async () => {
    const server = bench.server()
    const token = await bench.issuer.sign({ scope: 'a b' })
    bench.endpoint.answers.set(token, activeAnswer({ scope: undefined }))
    expect((await server.verify(token, { maxAge: 0 })).scopes).toEqual(['a', 'b'])
  })
})

describe('a listener that is given what is remembered of tokens', () => {
  it('cannot add to it: neither scopes nor claims', async () => {
    const server = bench.server()
    const token = bench.opaque({ scope: 'a' })
    await server.verify(token)
    await server.forget((verified) => {
      for (const value of Object.values(verified)) {
        if (value instanceof Set) value.add('admin')
      }
      expect(() => (verified.scopes as string[]).push('admin')).toThrow(TypeError)
      expect(() => Object.assign(verified.claims, { scope: 'admin' })).toThrow(TypeError)
      return false
    })
    expect((await server.verify(token)).hasScope('admin')).toBe(false)
  })
})

describe('a freshness that is none (SPEC A6)', () => {
  for (const maxAge of [undefined, Number.NaN, -1, Number.POSITIVE_INFINITY, '5', null]) {
    it(`verify() with maxAge ${String(maxAge)} is a mistake, and no limit that is left out`, () => {
      expect(() => bench.server().verify('token', { maxAge: maxAge as number })).toThrow(/option verify\.maxAge/)
    })
    if (maxAge === undefined) continue
    it(`a guard of our own with maxAge ${String(maxAge)} is one, too`, () => {
      const guard = { scopes: [], maxAge: maxAge as number, permits: () => true }
      expect(() => bench.server().guards(guard)).toThrow(/maxAge/)
    })
  }

  it('verify() with maxAge where nobody can be asked names what is missing', () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: bench.issuer.url })
    expect(() => server.verify('token', { maxAge: 5 })).toThrow(/needs introspection or introspect/)
  })

  it('a route with introspected() for an issuer that is resolved at run time, and cannot be asked, is a 503', async () => {
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { allow: [bench.issuer.url], resolve: () => ({}) },
    })
    const token = await bench.issuer.sign()
    expect((await ask(server, token)).status).toBe(200)
    expect(await ask(server, token, introspected({ maxAge: 5 }))).toMatchObject({
      status: 503,
      reason: 'introspection_unavailable',
    })
    server.close()
  })
})

describe('a prefix that is given twice', () => {
  it('to one issuer is one prefix', async () => {
    const stub = createStub(() => activeAnswer())
    const issuer: Partial<IssuerOptions> = { tokenPrefix: ['ab', 'ab'] }
    expect((await ask(bench.server({}, issuer, { fetch: stub.fetch }), 'abc')).status).toBe(200)
  })
})
