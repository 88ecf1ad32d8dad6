import { createServer } from 'node:http'
import { BAD_TOKENS, type BadToken, createTestIssuer, type TestIssuer } from 'bearward/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RESOURCE } from '../../examples/demo/orders.ts'
import { type ApiCopy, startCopies } from '../../examples/playground/api/copies.ts'
import { ORDERS_API } from '../../examples/playground/clients.ts'
import { protectionOf } from '../../examples/playground/protection.ts'
import { createCertificates } from '../../examples/playground/tls/certificates.ts'

// The inspector predicts the response of the API. It has its own rules, since it explains each member of a token. Here
// both get the same tokens, all from one issuer whose keys both have.

type Json = Readonly<Record<string, unknown>>

interface Parsed {
  readonly form: 'empty' | 'opaque' | 'too large' | 'broken' | 'jwt'
  readonly claims: Json
}

interface Finding {
  readonly outcome: 'good' | 'refused' | 'note'
  readonly reason?: string
}

interface Result {
  readonly outcome: 'good' | 'refused'
  readonly reason?: string
  readonly bound?: boolean
  readonly lines: readonly string[]
}

interface Inspector {
  parse(text: string): Parsed
  findings(token: Parsed, context: Json): Promise<readonly Finding[]>
  verdict(found: readonly Finding[], claims: Json): Result
}

/** The page is JavaScript, as browsers load it. */
async function loadInspector(): Promise<Inspector> {
  const [parse, findings, verdict] = await Promise.all(
    ['parse', 'findings', 'verdict'].map(
      (name) => import(new URL(`../../examples/playground/page/inspect/${name}.js`, import.meta.url).href),
    ),
  )
  return { ...parse, ...findings, ...verdict } as Inspector
}

describe('the inspector and the API', () => {
  let issuer: TestIssuer
  let inspector: Inspector
  let apis: readonly ApiCopy[]
  let keys: Json
  const closing: (() => Promise<void>)[] = []
  beforeAll(async () => {
    const { id: clientId, secret: clientSecret = '' } = ORDERS_API
    const client = { method: 'client_secret_basic', clientId, clientSecret } as const
    issuer = await createTestIssuer({ server: createServer(), resource: RESOURCE, client })
    closing.push(() => issuer.stop())
    const { api } = await createCertificates('orders.example')
    apis = await startCopies(protectionOf(issuer.issuer), api, closing)
    inspector = await loadInspector()
    keys = (await (await fetch(`${issuer.issuer}/jwks`)).json()) as Json
  })
  afterAll(() => Promise.all(closing.map((end) => end())))

  /** The prediction of the inspector: the status of each route, and the reason if it is 401. */
  async function predicted(token: string) {
    const parsed = inspector.parse(token)
    if (parsed.form === 'opaque') return { read: 401, write: 401, reason: 'inactive' } // no introspection endpoint knows it
    if (parsed.form !== 'jwt') return { read: 401, write: 401, reason: undefined }
    const found = await inspector.findings(parsed, {
      issuer: issuer.issuer,
      resource: RESOURCE,
      keys,
      now: Date.now() / 1000,
    })
    const { outcome, reason, bound, lines } = inspector.verdict(found, parsed.claims)
    if (outcome === 'refused') return { read: 401, write: 401, reason }
    if (bound) return { read: 401, write: 401, reason: 'confirmation' } // no proof or certificate here
    const [read, write] = lines.map((line) => (line.endsWith(': yes') ? 200 : 403))
    return { read, write: write === 200 ? 201 : write, reason: undefined }
  }

  async function outcomeOf({ url }: ApiCopy, method: string, token: string) {
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(`${url}/orders`, { method, headers })
    return { status: response.status, reason: ((await response.json()) as { reason?: string }).reason }
  }

  async function expectAgreement(token: string, status: number) {
    const { read, write, reason } = await predicted(token)
    expect(read).toBe(status)
    for (const api of apis) {
      const seen = [await outcomeOf(api, 'GET', token), await outcomeOf(api, 'POST', token)]
      expect(
        seen.map((one) => one.status),
        api.framework,
      ).toEqual([read, write])
      if (reason !== undefined) expect(seen[0]?.reason, api.framework).toBe(reason)
    }
  }

  it.each([
    ['a good one for both routes', { scope: 'read:orders write:orders' }, 200],
    ['a good one for one route', { scope: 'read:orders' }, 200],
    ['one with a scope that no route knows', { scope: 'read:orders:all' }, 403],
    ['one without a scope', { scope: undefined }, 403],
    ['one with its scopes in an array', { scope: undefined, scp: ['read:orders'] }, 200],
    ['one for several APIs', { aud: ['https://other.example', RESOURCE], scope: 'read:orders' }, 200],
    ['one with an unknown confirmation method', { cnf: { kid: 'x' } }, 401],
    ['one bound to nothing', { cnf: {} }, 401],
    ['one bound to a key, without a proof', { cnf: { jkt: 'x'.repeat(43) } }, 401],
    ['one bound to a certificate, without one', { cnf: { 'x5t#S256': 'x'.repeat(43) } }, 401],
    ['one whose subject is no text', { sub: 7 }, 401],
    ['one without a client', { client_id: undefined }, 401],
    ['one for an API that is no text', { aud: [RESOURCE, 7] }, 401],
    ['one that begins at a text', { nbf: '1' }, 401],
    ['one that was issued at no time', { iat: null }, 401],
    ['one that is not there yet, and over', { nbf: 9e12, exp: 1 }, 401],
    ['one that says it is an ID token', { token_use: 'id' }, 401],
    ['one that says it is an access token', { token_use: 'access', scope: 'read:orders' }, 200],
    ['one that is active', { active: true }, 401],
    ['one with a method', { htm: 'GET' }, 401],
    ['one with scopes that are none', { scope: 'read:orders" read:orders\u0000' }, 403],
    ['one with a list that holds two scopes in one', { scope: undefined, scp: ['read:orders write:orders'] }, 403],
  ] as const)('agree about %s', async (_, claims, status) => {
    await expectAgreement(await issuer.jwt(claims), status)
  })

  it.each(Object.keys(BAD_TOKENS) as BadToken[])('agree about a bad token: %s', async (name) => {
    await expectAgreement(await issuer.bad(name), 401)
  })
})
