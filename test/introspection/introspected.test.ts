import { type AccessToken, allOf, claim, introspected, scope } from 'bearward'
import { createDpopClient } from 'bearward/testing'
import { describe, expect, it } from 'vitest'
import { activeResponse } from '../support/issuer/introspection-endpoint.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { requestWith, send, tally } from '../support/upstream/requests.ts'
import { createWallClock, together, useBench } from './kit.ts'

// I9: a route that limits the age of the introspection response.

const bench = useBench()
const clock = useMonotonicClock()
const calls = () => bench.endpoint.calls()

describe('introspected({ maxAge }) for an opaque token (RFC 7662 §4)', () => {
  it('introspects again if the response is older, and not if it is younger', async () => {
    const server = bench.server()
    const token = bench.opaque()
    const guard = introspected({ maxAge: 5 })
    expect((await send(server, token)).status).toBe(200)
    clock.advance(4.9)
    expect((await send(server, token, guard)).status).toBe(200)
    expect(calls()).toBe(1)
    clock.advance(0.2)
    expect((await send(server, token, guard)).status).toBe(200)
    expect(calls()).toBe(2)
  })

  it('sees a revocation that other routes do not see yet, and then all see it', async () => {
    const server = bench.server()
    const token = bench.opaque()
    expect((await send(server, token)).status).toBe(200)
    bench.endpoint.responses.set(token, { active: false })
    clock.advance(10)
    expect((await send(server, token)).status).toBe(200)
    expect(await send(server, token, introspected({ maxAge: 5 }))).toMatchObject({ status: 401, reason: 'inactive' })
    expect(await send(server, token)).toMatchObject({ status: 401, reason: 'inactive' })
    expect(calls()).toBe(2)
  })

  it('sees that a token which was inactive is active now', async () => {
    const server = bench.server({ cache: { inactive: 100 } })
    expect((await send(server, 'later')).status).toBe(401)
    bench.endpoint.responses.set('later', activeResponse())
    clock.advance(6)
    expect((await send(server, 'later', introspected({ maxAge: 5 }))).status).toBe(200)
    expect((await send(server, 'later')).status).toBe(200)
    expect(calls()).toBe(2)
  })

  it('its response serves the other routes', async () => {
    const server = bench.server()
    const token = bench.opaque()
    expect((await send(server, token, introspected({ maxAge: 1 }))).status).toBe(200)
    clock.advance(59)
    expect((await send(server, token)).status).toBe(200)
    expect(calls()).toBe(1)
  })

  it('a maxAge above the cache lifetime does not extend it', async () => {
    const server = bench.server({ cache: { active: 10 } })
    const token = bench.opaque()
    await send(server, token)
    clock.advance(11)
    expect((await send(server, token, introspected({ maxAge: 1000 }))).status).toBe(200)
    expect(calls()).toBe(2)
  })

  it('maxAge 0 introspects for every request', async () => {
    const server = bench.server()
    const token = bench.opaque()
    for (let round = 1; round <= 5; round++) {
      clock.advance(0.001)
      expect((await send(server, token, introspected({ maxAge: 0 }))).status).toBe(200)
      expect(calls()).toBe(round)
    }
  })

  it('uses a monotonic clock (E3)', async () => {
    const wall = createWallClock()
    const server = bench.server({}, {}, { clock: wall.now })
    const token = bench.opaque({ exp: undefined, iat: undefined })
    await send(server, token)
    for (const jump of [86_400, -2 * 86_400]) {
      wall.turn(jump)
      const before = calls()
      expect((await send(server, token, introspected({ maxAge: 5 }))).status).toBe(200)
      expect(calls()).toBe(before)
      clock.advance(6)
      expect((await send(server, token, introspected({ maxAge: 5 }))).status).toBe(200)
      expect(calls()).toBe(before + 1)
    }
  })

  it('an endpoint that is down: 503, despite an older cached response', async () => {
    const server = bench.server()
    const token = bench.opaque()
    expect((await send(server, token)).status).toBe(200)
    clock.advance(10)
    bench.endpoint.reply = (_request, response) => response.writeHead(400).end()
    expect(await send(server, token, introspected({ maxAge: 5 }))).toMatchObject({
      status: 503,
      reason: 'introspection_unavailable',
    })
    expect((await send(server, token)).status).toBe(200)
  })

  it('1,000 requests at once: one introspection request', async () => {
    const server = bench.server()
    const token = bench.opaque()
    await send(server, token)
    clock.advance(10)
    expect(tally(await together(1000, () => send(server, token, introspected({ maxAge: 5 }))))).toEqual({ 200: 1000 })
    expect(calls()).toBe(2)
  })
})

describe('with other guards', () => {
  it('a request without a token is 401 and sends no introspection request', async () => {
    const server = bench.server()
    const thrown = await Promise.resolve()
      .then(() => server.authenticate(requestWith(undefined), [introspected({ maxAge: 0 })]))
      .catch((error: unknown) => error)
    expect(thrown).toMatchObject({ status: 401, reason: 'no_credentials' })
    expect(calls()).toBe(0)
  })

  it('inside allOf it works as it does outside', async () => {
    const server = bench.server()
    const token = bench.opaque()
    await send(server, token)
    clock.advance(10)
    expect((await send(server, token, allOf(scope('read:orders'), introspected({ maxAge: 5 })))).status).toBe(200)
    expect(calls()).toBe(2)
    clock.advance(10)
    expect((await send(server, token, allOf(allOf(introspected({ maxAge: 5 }))))).status).toBe(200)
    expect(calls()).toBe(3)
  })

  it('of two, the stricter one applies, with one introspection request', async () => {
    const server = bench.server()
    const token = bench.opaque()
    await send(server, token)
    clock.advance(10)
    expect((await send(server, token, introspected({ maxAge: 20 }), introspected({ maxAge: 5 }))).status).toBe(200)
    expect(calls()).toBe(2)
  })

  it('the other guards see the new response, wherever it is in the list', async () => {
    for (const order of [0, 1]) {
      const server = bench.server()
      const token = bench.opaque({ tier: 'gold', scope: 'read:orders' })
      await send(server, token)
      bench.endpoint.responses.set(token, activeResponse({ tier: 'lead', scope: 'nothing' }))
      clock.advance(10)
      const guards = [introspected({ maxAge: 5 }), claim('tier', 'gold'), scope('read:orders')]
      const outcome = await send(server, token, ...(order === 0 ? guards : guards.reverse()))
      expect(outcome).toMatchObject({ status: 403 })
    }
  })

  it('stacked on one request: introspects again if the first guard accepted an older response', async () => {
    const server = bench.server()
    const token = bench.opaque()
    await send(server, token)
    bench.endpoint.responses.set(token, activeResponse({ sub: 'user-2' }))
    clock.advance(10)
    const request = requestWith(token)
    expect((await server.authenticate(request, [])).subject).toBe('user-1')
    expect((await server.authenticate(request, [introspected({ maxAge: 5 })])).subject).toBe('user-2')
    // The handler sees the token of the stricter guard.
    expect(server.tokenOf(request.native)?.subject).toBe('user-2')
    expect(calls()).toBe(2)
    expect((await server.authenticate(request, [introspected({ maxAge: 5 })])).subject).toBe('user-2')
    expect((await server.authenticate(request, [])).subject).toBe('user-2')
    expect(calls()).toBe(2)
  })

  it('stacked, and the second introspection finds the token revoked: nothing of the first remains', async () => {
    const server = bench.server()
    const token = bench.opaque()
    await send(server, token)
    bench.endpoint.responses.set(token, { active: false })
    clock.advance(10)
    const request = requestWith(token)
    expect((await server.authenticate(request, [])).subject).toBe('user-1')
    const thrown = await Promise.resolve()
      .then(() => server.authenticate(request, [introspected({ maxAge: 5 })]))
      .catch((error: unknown) => error)
    expect(thrown).toMatchObject({ status: 401, reason: 'inactive' })
    expect(server.tokenOf(request.native)).toBeUndefined()
  })

  it('stacked, and the second response differs: the guards that have permitted decide again, and those alone', async () => {
    const server = bench.server()
    const token = bench.opaque({ scope: 'a b' })
    const seen: string[] = []
    const noting = (name: string) => (of: AccessToken) => {
      seen.push(`${name}: ${of.scopes.join(' ')}`)
      return of.hasScope(name)
    }
    const request = requestWith(token)
    await server.authenticate(request, [noting('a')])
    // As in a composition, where one of several has to permit.
    await expect(server.authenticate(request, [noting('c')])).rejects.toMatchObject({ reason: 'guard' })
    await server.authenticate(request, [introspected({ maxAge: 60 })])
    expect(seen.splice(0)).toEqual(['a: a b', 'c: a b'])
    clock.advance(6)
    bench.endpoint.responses.set(token, activeResponse({ scope: 'a' }))
    await server.authenticate(request, [introspected({ maxAge: 5 }), noting('a')])
    expect(seen.splice(0)).toEqual(['a: a', 'a: a'])
    bench.endpoint.responses.set(token, activeResponse({ scope: 'b' }))
    await expect(server.authenticate(request, [introspected({ maxAge: 0 })])).rejects.toMatchObject({ reason: 'guard' })
    expect(seen).toEqual(['a: b'])
  })

  it('stacked while the first guard waits: introspects again all the same', async () => {
    const server = bench.server()
    const token = bench.opaque()
    await send(server, token)
    bench.endpoint.responses.set(token, activeResponse({ sub: 'user-2' }))
    clock.advance(10)
    const request = requestWith(token)
    const both = [15, 5].map((maxAge) => server.authenticate(request, [introspected({ maxAge })]))
    expect((await both[0])?.subject).toBe('user-1')
    // A third one waits with the second one, although the first one is done.
    const third = server.authenticate(request, [introspected({ maxAge: 5 })])
    expect((await Promise.all([both[1], third])).map((token) => token?.subject)).toEqual(['user-2', 'user-2'])
    expect(calls()).toBe(2)
    expect(server.tokenOf(request.native)?.subject).toBe('user-2')
  })

  it('stacked, and the new response names another key: the proof proves nothing for it (RFC 9449 §6.2)', async () => {
    const server = bench.server({}, {}, { dpop: 'accept' })
    const [client, other] = [await createDpopClient(), await createDpopClient()]
    const token = bench.opaque({ cnf: { jkt: client.thumbprint } })
    const proof = await client.proof({ method: 'GET', url: 'https://api.example.com/orders', token })
    const request = { ...requestWith(undefined), authorization: [`DPoP ${token}`], headers: () => [proof] }
    expect((await server.authenticate(request)).boundBy).toBe('dpop')
    bench.endpoint.responses.set(token, activeResponse({ cnf: { jkt: other.thumbprint } }))
    clock.advance(10)
    await expect(server.authenticate(request, [introspected({ maxAge: 5 })])).rejects.toMatchObject({
      reason: 'confirmation',
    })
    expect(server.tokenOf(request.native)).toBeUndefined()
  })

  it('stacked over mTLS: the certificate is compared again, if the token is bound to one (RFC 8705 §3)', async () => {
    const server = bench.server({}, {}, { mtls: 'accept' })
    const certificate = new TextEncoder().encode('certificate')
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', certificate)).toString('base64url')
    for (const cnf of [{ 'x5t#S256': digest }, undefined]) {
      const token = bench.opaque(cnf && { cnf })
      const request = { ...requestWith(token), certificate: () => certificate }
      await server.authenticate(request)
      clock.advance(10)
      await expect(server.authenticate(request, [introspected({ maxAge: 5 })])).resolves.toBeDefined()
      clock.advance(10)
      const another = { ...request, certificate: () => new TextEncoder().encode('another') }
      const again = server.authenticate(another, [introspected({ maxAge: 5 }), introspected({ maxAge: 4 })])
      await (cnf
        ? expect(again).rejects.toMatchObject({ reason: 'confirmation' })
        : expect(again).resolves.toBeDefined())
    }
  })

  it('a form token that was refused is not introspected for each guard (R7, RFC 6750 §2.2)', async () => {
    const server = bench.server({ cache: { inactive: 0 } }, {}, { formTokens: 'accept' })
    const token = bench.opaque()
    bench.endpoint.responses.set(token, { active: false })
    const request = {
      ...requestWith(undefined),
      method: 'POST',
      contentType: 'application/x-www-form-urlencoded',
      form: () => `access_token=${token}`,
    }
    for (let guard = 0; guard < 2; guard++) {
      clock.advance(1)
      await expect(server.authenticate(request)).rejects.toMatchObject({ reason: 'inactive' })
    }
    expect(calls()).toBe(1)
  })

  it('maxAge 0, stacked twice on one request: one introspection request serves both', async () => {
    const server = bench.server()
    const token = bench.opaque()
    const request = requestWith(token)
    await server.authenticate(request, [introspected({ maxAge: 0 })])
    for (const guards of [[], [introspected({ maxAge: 0 })]]) {
      clock.advance(0.01)
      await server.authenticate(request, guards)
    }
    expect(calls()).toBe(1)
  })
})

describe('server.verify(token, { maxAge })', () => {
  it('introspects as the guard does', async () => {
    const server = bench.server()
    const token = bench.opaque()
    await server.verify(token)
    clock.advance(10)
    await server.verify(token, { maxAge: 20 })
    expect(calls()).toBe(1)
    await server.verify(token, { maxAge: 5 })
    expect(calls()).toBe(2)
    bench.endpoint.responses.set(token, { active: false })
    clock.advance(10)
    await expect(Promise.resolve(server.verify(token, { maxAge: 5 }))).rejects.toMatchObject({ reason: 'inactive' })
  })
})
