import { createServer } from 'node:http'
import { createResourceServer, type ResourceRequest, type ResourceServerOptions, scope } from 'bearward'
import { resourceServer as expressServer } from 'bearward/express'
import { createDpopClient } from 'bearward/testing'
import express from 'express'
import { describe, expect, it } from 'vitest'
import { boundTo, clockOf, dpop, kit } from '../contract/dpop-kit.ts'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER, NOW } from '../corpus/kit.ts'
import { serve } from '../support/apps/app.ts'
import { exchange } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

// R9: sockets, pools and queues use one request object for several requests. Decisions belong to the object and to what
// it presents.

const options: ResourceServerOptions = {
  resource: RESOURCE,
  issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
  clock: clockOf,
}
const native = {}

const tokenOf = (sub: string, more: object = {}) => kit.token({ claims: kit.claims({ sub, ...more }) })

function request(token: string | undefined, more: Partial<ResourceRequest> = {}): ResourceRequest {
  return {
    native,
    method: 'GET',
    target: '/orders',
    authorization: token === undefined ? [] : [`Bearer ${token}`],
    contentType: undefined,
    ...more,
  }
}

const refusal = (reason: string) => expect.objectContaining({ reason })

describe('a request object that presents another credential is another request (R9)', () => {
  it.each([true, false])('authenticate() never returns another caller’s result (cached: %s)', async (cached) => {
    const server = createResourceServer({ ...options, cacheSize: { jwt: cached ? 100 : 0 } })
    const [alice, bob] = [tokenOf('alice'), tokenOf('bob')]
    for (let round = 0; round < 3; round++) {
      for (const [token, name] of [
        [alice, 'alice'],
        [bob, 'bob'],
      ] as const) {
        expect((await server.authenticate(request(token))).subject).toBe(name)
        expect(server.tokenOf(native)?.subject).toBe(name)
      }
    }
  })

  it('does not collect the guards that it passes again and again', async () => {
    const server = createResourceServer(options)
    const guards = server.guards(scope('admin'), async () => true)
    const responses = new Set<unknown>()
    for (let round = 0; round < 3; round++) {
      const decision = await server.decide(request(tokenOf('alice'), { native: { round } }), guards)
      responses.add(decision.allowed || decision.response.headers['WWW-Authenticate'])
      const again = await server.decide(request(undefined), guards)
      responses.add(again.allowed || again.response)
    }
    // One for the missing scope, one object for all requests without a token.
    expect(responses.size).toBe(2)
  })

  it('does not collect the guards of each message, of which there may be any number', async () => {
    const server = createResourceServer(options)
    const own = {}
    const rooms: number[] = []
    for (let message = 0; message < 1000; message++) {
      const guards = server.guards(scope(`room:${message}`), async () => true)
      const decision = await server.decide(request(tokenOf('alice'), { native: own }), guards)
      const challenge = decision.allowed ? '' : (decision.response.headers['WWW-Authenticate'] ?? '')
      expect(challenge).toMatch(new RegExp(`room:${message}[ "]`))
      rooms.push(challenge.match(/room:/g)?.length ?? 0)
    }
    // At most 100 guards, and each message has two.
    expect(Math.max(...rooms)).toBe(50)
  })

  it.each(['refuses first', 'permits first'])(
    'guards that decide at the same time must all permit: one %s',
    async (order) => {
      const server = createResourceServer(options)
      const own = {}
      const token = tokenOf('alice')
      const later = (result: boolean) => async () => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        return result
      }
      const [refusing, permitting] =
        order === 'refuses first' ? [async () => false, later(true)] : [later(false), async () => true]
      const decisions = await Promise.all(
        [refusing, permitting].map((guard) => server.decide(request(token, { native: own }), server.guards(guard))),
      )
      expect(decisions.map(({ allowed }) => allowed)).toEqual([false, true])
      expect(server.tokenOf(own)).toBeUndefined()
      // One after the other is a choice of the application.
      await server.decide(request(token, { native: own }), server.guards())
      expect(server.tokenOf(own)?.subject).toBe('alice')
    },
  )

  it.each([
    ['a header of a proxy', (token: string) => ({ 'x-token': token })],
    ['a cookie', (token: string) => ({ cookie: `t=${token}`, 'sec-fetch-site': 'same-origin' })],
    ['a WebSocket subprotocol', (token: string) => ({ 'sec-websocket-protocol': `bearer.${token}, v1` })],
  ])('also if it is in %s (R8)', async (_, headersOf) => {
    const server = createResourceServer({
      ...options,
      credentials: { header: 'x-token', cookie: { name: 't' }, webSocketProtocol: true },
    })
    const withToken = (token: string | undefined) => {
      const headers: Record<string, string> = token === undefined ? {} : headersOf(token)
      return request(undefined, { headers: (name) => (headers[name] === undefined ? [] : [headers[name]]) })
    }
    for (const name of ['alice', 'bob']) {
      expect((await server.authenticate(withToken(tokenOf(name)))).subject).toBe(name)
    }
    await expect(server.authenticate(withToken(undefined))).rejects.toEqual(refusal('no_credentials'))
    expect(server.tokenOf(native)).toBeUndefined()
  })

  it('a bad credential and none at all are refused after a good one, and the token is gone', async () => {
    const server = createResourceServer(options)
    for (const [token, reason] of [
      ['a.b.c', 'malformed'],
      [undefined, 'no_credentials'],
    ] as const) {
      await server.authenticate(request(tokenOf('alice')))
      await expect(server.authenticate(request(token))).rejects.toEqual(refusal(reason))
      expect(server.tokenOf(native)).toBeUndefined()
    }
    await expect(server.optionalAuth(request(undefined))).resolves.toBeUndefined()
  })

  it('a good credential is accepted after a bad one', async () => {
    const server = createResourceServer(options)
    await expect(server.authenticate(request('a.b.c'))).rejects.toEqual(refusal('malformed'))
    expect((await server.authenticate(request(tokenOf('alice')))).subject).toBe('alice')
  })

  it('while the first decision is pending, the second is about its own credential', async () => {
    const server = createResourceServer(options)
    const both = [server.authenticate(request(tokenOf('alice'))), server.authenticate(request(tokenOf('bob')))]
    expect((await Promise.all(both)).map(({ subject }) => subject)).toEqual(['alice', 'bob'])
  })

  describe('in a form body (RFC 6750 §2.2)', () => {
    const withForms = () => createResourceServer({ ...options, formTokens: 'accept' })
    const posted = (form: NonNullable<ResourceRequest['form']>) =>
      request(undefined, { method: 'POST', contentType: 'application/x-www-form-urlencoded', form })
    const form = (token: string | undefined) => posted(() => (token === undefined ? 'a=b' : `access_token=${token}`))

    it('another token is another credential', async () => {
      const server = withForms()
      expect((await server.authenticate(form(tokenOf('alice')))).subject).toBe('alice')
      expect((await server.authenticate(form(tokenOf('bob')))).subject).toBe('bob')
      await expect(server.authenticate(form('a.b.c'))).rejects.toEqual(refusal('malformed'))
    })

    it('a body without a token is one without a credential, before and after one with a token', async () => {
      const server = withForms()
      for (let round = 0; round < 2; round++) {
        await expect(server.optionalAuth(form(undefined))).resolves.toBeUndefined()
        await expect(server.optionalAuth(form(undefined))).resolves.toBeUndefined()
        await expect(server.authenticate(form(undefined))).rejects.toEqual(refusal('no_credentials'))
        expect((await server.authenticate(form(tokenOf('alice')))).subject).toBe('alice')
      }
    })

    it('a body that can be read only once is the same body (R7)', async () => {
      const server = withForms()
      let reads = 0
      const once = posted(async () => {
        if (reads++ > 0) throw new Error('the body has been read')
        return `access_token=${tokenOf('alice')}`
      })
      const decided: string[] = []
      const guard = (name: string) => () => decided.push(name) > 0
      await server.authenticate(once, [guard('first')])
      expect((await server.authenticate(once, [guard('second')])).subject).toBe('alice')
      expect(decided).toEqual(['first', 'second'])
    })

    it('the same body keeps its decision (R7)', async () => {
      const server = withForms()
      const same = form(tokenOf('alice'))
      const decided: string[] = []
      const guard = (name: string) => () => decided.push(name) > 0
      for (const name of ['first', 'second']) await server.authenticate(same, [guard(name)])
      expect(decided).toEqual(['first', 'second'])
    })
  })

  it('a method without a form body is another request (RFC 6750 §2.2)', async () => {
    const server = createResourceServer({ ...options, formTokens: 'accept' })
    const form = request(undefined, {
      method: 'POST',
      contentType: 'application/x-www-form-urlencoded',
      form: () => `access_token=${tokenOf('alice')}`,
    })
    expect((await server.authenticate(form)).subject).toBe('alice')
    await expect(server.authenticate({ ...form, method: 'GET' })).rejects.toEqual(refusal('no_credentials'))
    expect(server.tokenOf(native)).toBeUndefined()
  })

  it('the same client certificate is needed each time (RFC 8705 §3)', async () => {
    const server = createResourceServer({ ...options, mtls: 'accept' })
    const certificate = new TextEncoder().encode('certificate')
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', certificate)).toString('base64url')
    const token = tokenOf('alice', { cnf: { 'x5t#S256': digest } })
    expect((await server.authenticate(request(token, { certificate: () => certificate }))).boundBy).toBe('mtls')
    expect((await server.authenticate(request(token, { certificate: () => certificate }))).boundBy).toBe('mtls')
    for (const other of [new TextEncoder().encode('another'), undefined]) {
      await expect(server.authenticate(request(token, { certificate: () => other }))).rejects.toEqual(
        refusal('confirmation'),
      )
    }
  })
})

describe('a proof is for one method and target (R9, RFC 9449 §4.3)', () => {
  const withProofs = () => createResourceServer({ ...options, dpop: 'accept' })

  it('the same request again keeps its decision; another proof, method or target is decided again', async () => {
    const server = withProofs()
    const client = await createDpopClient({ clock: clockOf })
    const token = boundTo(client)
    const url = 'https://api.example.com/orders'
    const first = await client.proof({ method: 'GET', url, token })
    const view = (proof: string, more: Partial<ResourceRequest> = {}) =>
      request(undefined, { authorization: [`DPoP ${token}`], headers: () => [proof], ...more })
    for (let round = 0; round < 2; round++) expect((await server.authenticate(view(first))).boundBy).toBe('dpop')
    await expect(server.authenticate(view(first, { method: 'DELETE' }))).rejects.toEqual(refusal('proof_method'))
    await expect(server.authenticate(view(first))).rejects.toEqual(refusal('proof_replayed'))
    await expect(server.authenticate(view(first, { target: '/other' }))).rejects.toEqual(refusal('proof_target'))
    const second = await client.proof({ method: 'DELETE', url, token })
    expect((await server.authenticate(view(second, { method: 'DELETE' }))).boundBy).toBe('dpop')
    await expect(server.authenticate(view('garbage', { method: 'DELETE' }))).rejects.toEqual(refusal('proof_malformed'))
  })

  it('a router rewrite and a method override are the same request', async () => {
    const server = withProofs()
    const bound = expressServer(server)
    const inner = express.Router().use(bound.protect())
    inner.use((request, response) => response.json([request.method, request.url]))
    const app = express().use(bound.protect())
    app.use((request, _response, next) => {
      Object.assign(request, { originalMethod: request.method, method: 'DELETE' }) // as method-override does
      next()
    })
    app.use('/orders', inner)
    const running = await serve('rewriting', createServer(app).listeners('request')[0] as never, {
      server,
      reached: [],
    })
    const client = await createDpopClient({ clock: clockOf })
    const token = boundTo(client)
    const proof = await client.proof({ method: 'POST', url: 'https://api.example.com/orders/7', token })
    const response = await exchange(running.port, { method: 'POST', target: '/orders/7', lines: dpop(token, proof) })
    expect([response.status, response.body]).toEqual([200, '["DELETE","/7"]'])
    await running.close()
  })
})

describe('exp is checked again (R9, RFC 7519 §4.1.4)', () => {
  it.each([100, 0])(
    'within the clock tolerance the token stays good, beyond it it is refused (cache: %i)',
    async (jwt) => {
      let now = NOW
      const server = createResourceServer({ ...options, clock: () => now, cacheSize: { jwt } })
      const token = tokenOf('alice', { exp: NOW + 60 })
      const view = request(token)
      for (const later of [0, 59, 60, 89]) {
        now = NOW + later
        expect((await server.authenticate(view)).subject).toBe('alice')
      }
      now = NOW + 90
      await expect(server.authenticate(view)).rejects.toEqual(refusal('expired'))
      await expect(server.optionalAuth(view)).rejects.toEqual(refusal('expired'))
    },
  )

  it('at exp itself, without clock tolerance', async () => {
    let now = NOW
    const issuer = { issuer: ISSUER, keys: keySetOf(kit.signers.ES256), clockTolerance: 0 }
    const server = createResourceServer({ ...options, issuer, clock: () => now })
    const view = request(tokenOf('alice', { exp: NOW + 60 }))
    for (const later of [0, 59.9]) {
      now = NOW + later
      expect((await server.authenticate(view)).subject).toBe('alice')
    }
    now = NOW + 60
    await expect(server.authenticate(view)).rejects.toEqual(refusal('expired'))
  })

  it('a DPoP proof need not be new for that', async () => {
    let now = NOW
    const server = createResourceServer({ ...options, dpop: 'accept', clock: () => now })
    const client = await createDpopClient({ clock: clockOf })
    const token = boundTo(client, { exp: NOW + 10 })
    const proof = await client.proof({ method: 'GET', url: 'https://api.example.com/orders', token })
    const view = request(undefined, { authorization: [`DPoP ${token}`], headers: () => [proof] })
    await server.authenticate(view)
    now = NOW + 20
    expect((await server.authenticate(view)).boundBy).toBe('dpop')
    now = NOW + 40
    await expect(server.authenticate(view)).rejects.toEqual(refusal('expired'))
  })
})

describe('a second guard on one request (R7)', () => {
  it('decides at once if nothing has to be checked again', async () => {
    const server = createResourceServer({ ...options, mtls: 'accept' })
    const view = request(tokenOf('alice'), { native: {} })
    await server.decide(view, server.guards())
    expect(server.decide(view, server.guards())).toMatchObject({ allowed: true })
  })

  it('refuses a request without a token with the response of the requests before', () => {
    const server = createResourceServer(options)
    const guards = [server.guards(), server.guards(scope('a'))] as const
    const [first, second] = [{}, {}].map((native) => {
      for (const one of guards) {
        const decision = server.decide(request(undefined, { native }), one)
        if (one === guards[1]) return decision
      }
      return undefined
    })
    expect(first).toMatchObject({ allowed: false, response: { status: 401 } })
    expect(first && 'response' in first && first.response).toBe(second && 'response' in second && second.response)
  })

  it('rejects if the clock of the application throws meanwhile (A7)', async () => {
    let broken = false
    const clock = () => {
      if (broken) throw new Error('no clock')
      return NOW
    }
    const server = createResourceServer({ ...options, clock })
    const view = request(tokenOf('alice'), { native: {} })
    expect((await server.authenticate(view)).subject).toBe('alice')
    broken = true
    await expect(server.authenticate(view)).rejects.toThrow('no clock')
    expect(server.tokenOf(view.native)).toBeUndefined()
  })
})

describe('an adapter whose view throws is an error of the application (A7)', () => {
  it('rejects, and has no token', async () => {
    const server = createResourceServer(options)
    const view = {
      ...request(undefined, { native: {} }),
      get authorization(): readonly string[] {
        throw new Error('no headers')
      },
    }
    await expect(server.authenticate(view)).rejects.toThrow('no headers')
    await expect(server.optionalAuth(view)).rejects.toThrow('no headers')
    expect(server.tokenOf(view.native)).toBeUndefined()
  })

  it('an object that no guard has seen has no token, and no headers for its response', () => {
    const server = createResourceServer(options)
    expect(server.tokenOf({})).toBeUndefined()
    expect(server.responseHeaders({})).toBeUndefined()
  })
})
