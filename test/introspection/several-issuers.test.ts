import { ConfigurationError, createResourceServer, type IssuerOptions } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  activeResponse,
  CLIENT,
  createIntrospectingIssuer,
  type IntrospectingIssuer,
  opaqueToken,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { send, tally, until } from '../support/upstream/requests.ts'
import { introspectionOf, together } from './kit.ts'

// M1: several issuers, each with its own endpoint, client and rules.

let one: IntrospectingIssuer
let two: IntrospectingIssuer
beforeEach(async () => {
  ;[one, two] = await Promise.all([createIntrospectingIssuer(), createIntrospectingIssuer()])
})
afterEach(() => Promise.all([one.stop(), two.stop()]))

const options = ({ issuer, endpoint }: IntrospectingIssuer, more: Partial<IssuerOptions> = {}): IssuerOptions => ({
  issuer: issuer.url,
  introspection: { endpoint: endpoint.url, client: CLIENT, deadline: 5 },
  ...more,
})

const serverOf = (...issuers: (IssuerOptions | string)[]) =>
  createResourceServer({ resource: RESOURCE, issuer: issuers })

const calls = () => [one.endpoint.calls(), two.endpoint.calls()]

describe('tokenPrefix', () => {
  it('selects the issuer of an opaque token; no other issuer receives it', async () => {
    const server = serverOf(options(one, { tokenPrefix: 'one_' }), options(two, { tokenPrefix: ['two_', 'zwei_'] }))
    for (const [issuer, prefix] of [
      [one, 'one_'],
      [two, 'two_'],
      [two, 'zwei_'],
    ] as const) {
      const token = issuer.opaque({}, opaqueToken(prefix))
      expect((await server.verify(token)).issuer).toBe(issuer.issuer.url)
    }
    expect(calls()).toEqual([1, 2])
  })

  it('leaves all other tokens to the issuer without one', async () => {
    const server = serverOf(options(one, { tokenPrefix: 'one_' }), options(two))
    expect((await server.verify(two.opaque())).issuer).toBe(two.issuer.url)
    expect((await server.verify(one.opaque({}, opaqueToken('one_')))).issuer).toBe(one.issuer.url)
    expect((await server.verify(two.opaque({}, 'one'))).issuer).toBe(two.issuer.url)
    expect(calls()).toEqual([1, 2])
  })

  it('is compared exactly, at the beginning', async () => {
    const server = serverOf(options(one, { tokenPrefix: 'one_' }), options(two))
    for (const token of ['ONE_x', '.one_x', 'on_e_x']) {
      two.opaque({}, token)
      expect((await server.verify(token)).issuer).toBe(two.issuer.url)
    }
  })

  it('the longest match wins, in any order', async () => {
    const [short, long] = [options(one, { tokenPrefix: 'a_' }), options(two, { tokenPrefix: ['a_b_', 'b_'] })]
    for (const server of [serverOf(short, long), serverOf(long, short)]) {
      expect((await server.verify(two.opaque({}, 'a_b_1'))).issuer).toBe(two.issuer.url)
      expect((await server.verify(one.opaque({}, 'a_c_1'))).issuer).toBe(one.issuer.url)
    }
  })

  it('a token that matches no issuer is 401 and not introspected', async () => {
    const server = serverOf(options(one, { tokenPrefix: 'one_' }), options(two, { tokenPrefix: 'two_' }))
    expect(await send(server, opaqueToken('three_'))).toMatchObject({ status: 401, reason: 'malformed' })
    expect(calls()).toEqual([0, 0])
  })

  it('a JWT is routed by its iss, whatever the prefixes are (M3)', async () => {
    const server = serverOf(options(one, { tokenPrefix: 'ey' }), options(two))
    expect(await server.verify(await two.issuer.sign())).toMatchObject({ issuer: two.issuer.url, format: 'jwt' })
    expect(calls()).toEqual([0, 0])
  })

  it('at most one issuer with introspection may have none (A6)', () => {
    expect(() => serverOf(options(one), options(two))).toThrow(ConfigurationError)
    expect(() => serverOf(options(one), { issuer: two.issuer.url, introspect: () => ({ active: false }) })).toThrow(
      ConfigurationError,
    )
    expect(() => serverOf(options(one), two.issuer.url)).not.toThrow()
  })

  it('may not be the same for two issuers (A6)', () => {
    expect(() => serverOf(options(one, { tokenPrefix: 'a_' }), options(two, { tokenPrefix: ['b_', 'a_'] }))).toThrow(
      ConfigurationError,
    )
  })
})

describe('the same token text at two issuers', () => {
  it('is two tokens: the cached response for one does not apply to the other', async () => {
    // For example a program with one server for each of its two APIs, and one store for both.
    const store = new Map<string, string>()
    const token = 'the-same-token'
    one.opaque({ sub: 'of one' }, token)
    const servers = [one, two].map((issuer) =>
      createResourceServer({ resource: RESOURCE, issuer: options(issuer), stores: { introspection: store } }),
    )
    expect((await servers[0]?.verify(token))?.subject).toBe('of one')
    expect(await send(servers[1] as never, token)).toMatchObject({ status: 401, reason: 'inactive' })
    expect(calls()).toEqual([1, 1])
    await until(() => store.size === 2, 'both records')
  })

  it('where one endpoint serves both: it is called for each, and responds to each', async () => {
    const store = new Map<string, string>()
    const token = one.opaque({ iss: one.issuer.url })
    const [first, second] = [one, two].map(({ issuer }) =>
      createResourceServer({
        resource: RESOURCE,
        issuer: options({ ...one, issuer }),
        stores: { introspection: store },
      }),
    )
    expect((await first?.verify(token))?.issuer).toBe(one.issuer.url)
    expect(await send(second as never, token)).toMatchObject({ status: 401, reason: 'issuer' })
    expect(one.endpoint.calls(token)).toBe(2)
    await until(() => store.size === 2, 'both records')
  })

  it('each has its own rules: audience, scopes, tolerance', async () => {
    const server = serverOf(
      options(one, { tokenPrefix: 'one_', audience: 'urn:one', scopeClaims: ['permissions'] }),
      options(two, { tokenPrefix: 'two_', clockTolerance: 0 }),
    )
    const now = Math.floor(Date.now() / 1000)
    const members = { aud: 'urn:one', permissions: ['a'], scope: 'b', exp: now - 10 }
    expect((await server.verify(one.opaque(members, 'one_1'))).scopes).toEqual(['a'])
    two.opaque({ ...members, aud: RESOURCE }, 'two_1')
    expect(await send(server, 'two_1')).toMatchObject({ status: 401, reason: 'expired' })
    two.opaque({ ...members, exp: now + 60 }, 'two_2')
    expect(await send(server, 'two_2')).toMatchObject({ status: 401, reason: 'audience' })
  })
})

describe('bulkheads', () => {
  it('an issuer that hangs does not slow another', async () => {
    one.endpoint.reply = () => undefined
    const server = serverOf(options(one, { tokenPrefix: 'one_' }), options(two))
    let isStuck = true
    const stuck = together(200, (index) => send(server, `one_${index}`)).finally(() => {
      isStuck = false
    })
    const good = await together(200, () => send(server, two.opaque()))
    expect(tally(good)).toEqual({ 200: 200 })
    expect(isStuck).toBe(true)
    await one.stop()
    expect(tally(await stuck)).toEqual({ '503 introspection_unavailable': 200 })
    await one.endpoint.start()
    await one.issuer.start()
  })

  it('an open breaker affects one issuer only', async () => {
    one.endpoint.reply = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{')
    const server = serverOf(options(one, { tokenPrefix: 'one_' }), options(two))
    for (let index = 0; index < 6; index++) await send(server, `one_${index}`)
    expect([introspectionOf(server, 0)?.status, introspectionOf(server, 1)?.status]).toEqual(['open', 'closed'])
    expect((await send(server, two.opaque())).status).toBe(200)
    expect((await send(server, await one.issuer.sign())).status).toBe(200)
    expect(calls()).toEqual([5, 1])
  })

  it('an endpoint that rejects our client at one issuer does not affect the other', async () => {
    one.endpoint.accepts = () => false
    const server = serverOf(options(one, { tokenPrefix: 'one_' }), options(two))
    for (let index = 0; index < 6; index++) await send(server, `one_${index}`)
    expect((await send(server, two.opaque())).status).toBe(200)
  })

  it('one endpoint that serves two issuers has a breaker for each', async () => {
    const shared = one.endpoint
    shared.reply = (_request, response, { token }) => {
      const body = token.startsWith('two_') ? JSON.stringify(activeResponse()) : '{'
      response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    }
    const server = serverOf(
      options(one, { tokenPrefix: 'one_' }),
      options({ ...two, endpoint: shared }, { tokenPrefix: 'two_' }),
    )
    for (let index = 0; index < 6; index++) await send(server, `one_${index}`)
    expect((await send(server, 'two_1')).status).toBe(200)
  })
})
