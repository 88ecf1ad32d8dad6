import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SECRET, signIn, startProvider, tokenOf } from '../interop/oidc-provider-clients.ts'
import { createTestIssuer, json, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import type { OidcProvider } from '../support/oidc-provider/oidc-provider.ts'
import { createUpstreamServer, notFound, type UpstreamServer } from '../support/upstream/server.ts'
import { ask, type Program, runProgram, startProgram } from './program.ts'

// examples/several-issuers.ts as users run it: an issuer of JWTs, a real oidc-provider, and a third with prefixes.

let staff: TestIssuer
let customers: OidcProvider
let partners: UpstreamServer
let settings: Record<string, string>
let program: Program
beforeAll(async () => {
  staff = await createTestIssuer({ alg: 'ES256' })
  customers = await startProvider()
  partners = await createUpstreamServer((request, response) => {
    if (request.url === '/.well-known/oauth-authorization-server') {
      json(response, { issuer: partners.url, introspection_endpoint: `${partners.url}/introspect` })
    } else if (request.url === '/introspect') {
      void text(request).then((form) => json(response, aboutPartner(new URLSearchParams(form).get('token'))))
    } else {
      notFound(request, response)
    }
  })
  settings = {
    RESOURCE,
    STAFF_ISSUER: staff.url,
    CUSTOMER_ISSUER: customers.issuer,
    CUSTOMER_CLIENT_ID: 'orders-api',
    CUSTOMER_CLIENT_SECRET: SECRET,
    PARTNER_ISSUER: partners.url,
    PARTNER_CLIENT_ID: 'orders-api',
    PARTNER_CLIENT_SECRET: 'secret',
  }
})
afterAll(async () => {
  await Promise.all([staff.stop(), customers.stop(), partners.stop()])
})
beforeEach(async () => {
  program = await startProgram('several-issuers', settings)
})
afterEach(() => program.stop())

const PARTNERS = new Map([
  ['partner_alice', { sub: 'alice' }],
  ['partner_nameless', {}],
])
const aboutPartner = (token: string | null) => {
  const claims = PARTNERS.get(token ?? '')
  return claims ? { active: true, aud: RESOURCE, scope: 'read:orders write:orders', ...claims } : { active: false }
}

const TEA = { method: 'POST', body: { item: 'green tea' } }
const requestCounts = () => ({
  customers: customers.introspections(),
  partners: partners.requests.filter((target) => target === '/introspect').length,
})

describe('examples/several-issuers.ts', () => {
  it('keeps users with the same subject at three issuers apart', async () => {
    const employee = await staff.sign({ sub: 'alice', scope: 'read:orders write:orders' })
    const { accessToken: customer } = await signIn(customers)
    const tokens = [employee, customer, 'partner_alice']
    for (const token of tokens) expect((await ask(program, '/orders', token, TEA)).status).toBe(201)
    for (const [index, token] of tokens.entries()) {
      const { status, body } = await ask(program, '/orders', token)
      expect([status, body]).toMatchObject([200, { orders: [{ id: index + 1 }] }])
    }
    expect(await ask(program, '/orders/all', employee)).toMatchObject({
      status: 200,
      body: {
        orders: [
          { id: 1, owner: `alice at ${staff.url}` },
          { id: 2, owner: `alice at ${customers.issuer}` },
          { id: 3, owner: `alice at ${partners.url}` },
        ],
      },
    })
    expect((await ask(program, '/orders/all', customer)).status).toBe(403)
    expect((await ask(program, '/orders/all', 'partner_alice')).status).toBe(403)
  })

  it('lets no one without a subject own orders, which all of them would share (RFC 7662 §2.2)', async () => {
    expect((await ask(program, '/orders', 'partner_nameless', TEA)).status).toBe(403)
    expect((await ask(program, '/orders', 'partner_nameless')).status).toBe(403)
  })

  it('introspects tokens only at their own issuer', async () => {
    const before = requestCounts()
    expect((await ask(program, '/orders', 'partner_unknown')).status).toBe(401)
    expect(requestCounts()).toEqual({ ...before, partners: before.partners + 1 })
    expect((await ask(program, '/orders', 'unissued')).status).toBe(401)
    expect(requestCounts()).toEqual({ customers: before.customers + 1, partners: before.partners + 1 })
    for (const jwt of [
      await staff.sign(),
      await tokenOf(customers, 'jwt-robot'),
      await staff.sign({ iss: 'https://stranger.example' }),
    ]) {
      await ask(program, '/orders', jwt)
    }
    expect(requestCounts()).toEqual({ customers: before.customers + 1, partners: before.partners + 1 })
    // The program has no keys of the partners, so their JWTs are introspected as well.
    expect((await ask(program, '/orders', await staff.sign({ iss: partners.url }))).status).toBe(401)
    expect(requestCounts()).toEqual({ customers: before.customers + 1, partners: before.partners + 2 })
  })

  it('serves the others while one is down', async () => {
    await customers.stop()
    try {
      expect((await ask(program, '/orders', 'of-a-customer')).status).toBe(503)
      expect((await ask(program, '/orders', await staff.sign())).status).toBe(200)
      expect((await ask(program, '/orders', 'partner_alice')).status).toBe(200)
    } finally {
      await customers.start()
    }
  })

  it('stops on request', async () => {
    await ask(program, '/orders', 'partner_alice')
    expect((await program.stop()).code).toBe(0)
  })

  it('names the missing setting', async () => {
    for (const name of Object.keys(settings)) {
      const { [name]: _, ...rest } = settings
      const expected = { code: 2, output: expect.stringContaining(`${name} is not set`) }
      expect(await runProgram('several-issuers', rest)).toMatchObject(expected)
    }
  })
})
