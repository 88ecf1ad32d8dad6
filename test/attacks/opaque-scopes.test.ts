import { createResourceServer, type IssuerOptions, introspected } from 'bearward'
import { describe, expect, it } from 'vitest'
import { useBench } from '../introspection/kit.ts'
import { createStub } from '../introspection/stub.ts'
import { activeResponse } from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'

const bench = useBench()

describe('the scopes of an introspected JWT (RFC 7662 §2.2)', () => {
  it('are those that both name: introspection can remove scopes, never add them', async () => {
    const server = bench.server()
    const token = await bench.issuer.sign({ scope: 'a b' })
    bench.endpoint.responses.set(token, activeResponse({ scope: 'b c' }))
    expect((await server.verify(token, { maxAge: 0 })).scopes).toEqual(['b'])
    expect((await server.verify(token, { maxAge: 0 })).hasScope('c')).toBe(false)
    expect((await server.verify(token)).scopes).toEqual(['a', 'b'])
  })

  it('are those of the JWT if the introspection response names none', async () => {
    const server = bench.server()
    const token = await bench.issuer.sign({ scope: 'a b' })
    bench.endpoint.responses.set(token, activeResponse({ scope: undefined }))
    expect((await server.verify(token, { maxAge: 0 })).scopes).toEqual(['a', 'b'])
  })
})

describe('a predicate of forget() that receives cached tokens', () => {
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

describe('an invalid maxAge (A6)', () => {
  for (const maxAge of [undefined, Number.NaN, -1, Number.POSITIVE_INFINITY, '5', null]) {
    it(`verify() with maxAge ${String(maxAge)} throws instead of meaning "no limit"`, async () => {
      await expect(bench.server().verify('token', { maxAge: maxAge as number })).rejects.toThrow(
        /option verify\.maxAge/,
      )
    })
    if (maxAge === undefined) continue
    it(`a custom guard with maxAge ${String(maxAge)} throws, too`, () => {
      const guard = { scopes: [], maxAge: maxAge as number, permits: () => true }
      expect(() => bench.server().guards(guard)).toThrow(/maxAge/)
    })
  }

  it('verify() with maxAge and no introspection names the missing option', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: bench.issuer.url })
    await expect(server.verify('token', { maxAge: 5 })).rejects.toThrow(/needs introspection or introspect/)
  })

  it('a route with introspected() for an issuer that is resolved at run time without introspection responds 503', async () => {
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { allow: [bench.issuer.url], resolve: () => ({}) },
    })
    const token = await bench.issuer.sign()
    expect((await send(server, token)).status).toBe(200)
    expect(await send(server, token, introspected({ maxAge: 5 }))).toMatchObject({
      status: 503,
      reason: 'introspection_unavailable',
    })
    server.close()
  })
})

describe('a prefix that is configured twice', () => {
  it('to one issuer is one prefix', async () => {
    const stub = createStub(() => activeResponse())
    const issuer: Partial<IssuerOptions> = { tokenPrefix: ['ab', 'ab'] }
    expect((await send(bench.server({}, issuer, { fetch: stub.fetch }), 'abc')).status).toBe(200)
  })
})
