import { inspect } from 'node:util'
import { createResourceServer, scope } from 'bearward'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { activeResponse, CLIENT, opaqueToken } from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'
import { useBench } from './kit.ts'

// I2, J7, J8, J10: what a handler sees of an opaque token, introspected or cached.

const bench = useBench()

/** The token as a handler sees it: after introspection, then from the cache. */
async function seenTwice(members: Record<string, unknown>, issuer = {}, options = {}) {
  const server = bench.server({}, issuer, options)
  const token = bench.opaque(members)
  const first = await server.verify(token)
  const second = await server.verify(token)
  expect(bench.endpoint.calls(token)).toBe(1)
  return [first, second] as const
}

describe('members of the access token (RFC 7662 §2.2)', () => {
  it('are those of the introspection response', async () => {
    const members = {
      scope: 'read:orders write:orders',
      aud: [RESOURCE, 'urn:b'],
      jti: 'id-1',
      iat: 1_700_000_000,
      exp: 4_000_000_000,
      auth_time: 1_600_000_000,
      acr: 'gold',
      amr: ['pwd', 'otp'],
      username: 'alice',
      extension: { list: [1] },
    }
    for (const token of await seenTwice(members)) {
      expect(token).toMatchObject({
        format: 'opaque',
        issuer: bench.issuer.url,
        subject: 'user-1',
        clientId: 'client-1',
        audience: [RESOURCE, 'urn:b'],
        scopes: ['read:orders', 'write:orders'],
        tokenId: 'id-1',
        issuedAt: 1_700_000_000,
        expiresAt: 4_000_000_000,
        authentication: { time: 1_600_000_000, acr: 'gold', amr: ['pwd', 'otp'] },
      })
      expect(token.hasScope('write:orders')).toBe(true)
      expect(token.hasScope('read:orders write:orders')).toBe(false)
      // Everything in the response except `active`.
      const { active: _, ...rest } = activeResponse(members)
      expect(token.claims).toEqual(rest)
    }
  })

  it('have no time that is infinite, as JSON may write it (RFC 8259 §6)', async () => {
    const text = JSON.stringify(activeResponse({ auth_time: 123 })).replace('"auth_time":123', '"auth_time":1e999')
    bench.endpoint.reply = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(text)
    const token = await bench.server().verify(opaqueToken())
    expect(token.claims.auth_time).toBe(Number.POSITIVE_INFINITY)
    expect(token.authentication).toEqual({})
  })

  it('are undefined where the response lacks them', async () => {
    const none = { scope: undefined, client_id: undefined, sub: undefined, iat: undefined, exp: undefined }
    for (const token of await seenTwice(none)) {
      expect(token).toMatchObject({ format: 'opaque', audience: [RESOURCE], scopes: [], authentication: {} })
      for (const member of ['subject', 'clientId', 'tokenId', 'issuedAt', 'expiresAt'] as const) {
        expect(token[member], member).toBeUndefined()
      }
    }
  })

  it('the raw token is available for calls on behalf of the user, and no view contains it', async () => {
    for (const token of await seenTwice({})) {
      const views = [
        inspect(token, { depth: 9, showHidden: true }),
        inspect(token, { depth: 9, getters: true }),
        inspect({ ...token }, { depth: 9, showHidden: true, getters: true }),
        JSON.stringify(token),
      ]
      for (const view of views) expect(view).not.toContain(token.raw)
      expect(token.raw.length).toBe(36)
    }
  })
})

describe('scopes', () => {
  it('that are no scope-token grant nothing (RFC 6749 §3.3)', async () => {
    for (const token of await seenTwice({ scope: 'a "b" c\\d  e' })) expect(token.scopes).toEqual(['a', 'e'])
  })

  it('come from other claims if configured', async () => {
    const members = { scope: 'a', permissions: ['b', 'c d'] }
    for (const token of await seenTwice(members, { scopeClaims: ['permissions'] })) expect(token.scopes).toEqual(['b'])
    for (const token of await seenTwice({ scope: undefined, scp: ['a'] })) expect(token.scopes).toEqual(['a'])
  })

  it('are case-sensitive, and a route requires all of them', async () => {
    const server = bench.server()
    const token = bench.opaque({ scope: 'Read:orders write:orders' })
    expect(await send(server, token, scope('read:orders'))).toMatchObject({ status: 403, reason: 'scope' })
    expect(await send(server, token, scope('write:orders', 'admin'))).toMatchObject({ status: 403, reason: 'scope' })
    expect((await send(server, token, scope('write:orders'))).status).toBe(200)
    expect(bench.endpoint.calls()).toBe(1)
  })
})

describe('claims', () => {
  it('are frozen all the way down: no handler changes what the next one sees (J8)', async () => {
    const server = bench.server()
    const token = bench.opaque({ nested: { list: [{ a: 1 }] } })
    const { claims } = await server.verify(token)
    const nested = claims.nested as { list: { a: number }[] }
    expect(() => Object.assign(claims, { scope: 'admin' })).toThrow(TypeError)
    expect(() => nested.list.push({ a: 2 })).toThrow(TypeError)
    expect(() => Object.assign(nested.list[0] ?? {}, { a: 2 })).toThrow(TypeError)
    expect((await server.verify(token)).claims.nested).toEqual({ list: [{ a: 1 }] })
  })

  it('contain no __proto__ that a copy would turn into a prototype (J8)', async () => {
    const server = bench.server()
    const body = JSON.stringify(activeResponse({ nested: {} }))
    bench.endpoint.reply = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(`${body.slice(0, -1).replace('"nested":{', '"nested":{"__proto__":{"b":1}')},"__proto__":{"admin":true}}`)
    const token = opaqueToken()
    for (const round of [1, 2]) {
      const { claims } = await server.verify(token)
      const copy = Object.assign({}, claims) as { admin?: boolean; nested: object }
      expect([round, copy.admin, Object.assign({}, copy.nested)]).toEqual([round, undefined, {}])
      expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
    }
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it('that a schema rejects are 401, without a second introspection request (J10)', async () => {
    const schema = z.object({ tier: z.enum(['gold', 'silver']), sub: z.string() })
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: {
        issuer: bench.issuer.url,
        introspection: { endpoint: bench.endpoint.url, client: CLIENT, deadline: 5 },
      },
      claims: schema,
    })
    const good = bench.opaque({ tier: 'gold' })
    const bad = bench.opaque({ tier: 'lead' })
    for (const round of [1, 2]) {
      expect([round, (await server.verify(good)).claims]).toEqual([round, { tier: 'gold', sub: 'user-1' }])
      expect(await send(server, bad)).toMatchObject({ status: 401, reason: 'claims' })
    }
    expect(bench.endpoint.calls()).toBe(2)
  })

  it('that a schema creates on each run carry nothing from one request to the next', async () => {
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: {
        issuer: bench.issuer.url,
        introspection: { endpoint: bench.endpoint.url, client: CLIENT, deadline: 5 },
      },
      claims: z.object({ tags: z.array(z.string()).transform((tags) => new Set(tags)) }),
    })
    const token = bench.opaque({ tags: ['a'] })
    const { claims } = await server.verify(token)
    claims.tags.add('admin')
    expect((await server.verify(token)).claims.tags).toEqual(new Set(['a']))
    expect(bench.endpoint.calls()).toBe(1)
  })
})
