import type { ResourceServerOptions } from 'bearward'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { parseChallenge, responseOfAll } from '../support/apps/expect-response.ts'
import { bearer, exchange, type RawRequest } from '../support/http/raw-client.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { ORDERS } from './orders-api.ts'

const METADATA = 'https://api.example.com/.well-known/oauth-protected-resource'

let issuer: TestIssuer
let expired: readonly string[]
let other: readonly string[]
const started: App[] = []

beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  expired = bearer(await issuer.sign({ exp: 1 }))
  other = bearer(await issuer.sign({ scope: 'other' }))
})

afterAll(async () => {
  await closeAll(started)
  await issuer.stop()
})

async function start(options: Partial<ResourceServerOptions> = {}): Promise<readonly App[]> {
  const apps = await startAll({ resource: RESOURCE, issuer: issuer.url, ...options }, ORDERS)
  started.push(...apps)
  return apps
}

describe('by default', () => {
  let apps: readonly App[]
  beforeAll(async () => {
    apps = await start()
  })

  const send = (request: RawRequest) => responseOfAll(apps, request)

  it('A1: no credential gets realm, scope and metadata, and no error (RFC 6750 §3.1, RFC 9728 §5.1)', async () => {
    const { status, header, body } = await send({})
    expect(status).toBe(401)
    expect(header('WWW-Authenticate')).toBe(
      `Bearer realm="https://api.example.com", scope="read:orders", resource_metadata="${METADATA}"`,
    )
    expect(JSON.parse(body)).toEqual({
      error_description: 'The request carries no access token',
      reason: 'no_credentials',
    })
  })

  it('A1: a route without scopes has none in its challenge', async () => {
    const { header } = await send({ target: '/signed-in' })
    expect(header('WWW-Authenticate')).toBe(`Bearer realm="https://api.example.com", resource_metadata="${METADATA}"`)
  })

  it('A2: a bad token gets 401 invalid_token (RFC 6750 §3.1)', async () => {
    const { status, header, body } = await send({ lines: expired })
    expect(status).toBe(401)
    expect(header('WWW-Authenticate')).toBe(
      'Bearer realm="https://api.example.com", error="invalid_token", error_description="The access token has expired", ' +
        `scope="read:orders", resource_metadata="${METADATA}"`,
    )
    expect(JSON.parse(body)).toEqual({
      error: 'invalid_token',
      error_description: 'The access token has expired',
      reason: 'expired',
    })
  })

  it('A2: an insufficient token gets 403 and every scope the route needs (RFC 6750 §3.1)', async () => {
    const { status, header, body } = await send({ target: '/both', lines: other })
    expect(status).toBe(403)
    expect(header('WWW-Authenticate')).toBe(
      'Bearer realm="https://api.example.com", error="insufficient_scope", ' +
        'error_description="The access token lacks a required scope", scope="read:orders write:orders", ' +
        `resource_metadata="${METADATA}"`,
    )
    expect(JSON.parse(body)).toEqual({
      error: 'insufficient_scope',
      error_description: 'The access token lacks a required scope',
      reason: 'scope',
    })
  })

  it('A2: every scope is named, including those of the token', async () => {
    const { header } = await send({ target: '/both', lines: bearer(await issuer.sign({ scope: 'write:orders' })) })
    expect(parseChallenge(header('WWW-Authenticate') ?? '').parameters.scope).toBe('read:orders write:orders')
  })

  it('a bad request gets 400 invalid_request and no scope (RFC 6750 §3.1)', async () => {
    const { status, header } = await send({ lines: ['Authorization: Bearer'] })
    expect(status).toBe(400)
    expect(header('WWW-Authenticate')).toBe(
      'Bearer realm="https://api.example.com", error="invalid_request", ' +
        'error_description="The Authorization header must be a scheme followed by one token", ' +
        `resource_metadata="${METADATA}"`,
    )
  })

  it('A4: no refusal is stored (RFC 9111 §3.5)', async () => {
    for (const request of [{}, { lines: expired }, { lines: other }, { lines: ['Authorization: Bearer'] }]) {
      expect((await send(request)).all('Cache-Control')).toEqual(['no-store'])
    }
  })

  it('a response of the handler is not changed', async () => {
    const good = bearer(await issuer.sign())
    for (const app of apps) {
      const { lines } = await exchange(app.port, { lines: good })
      expect(lines.map(([name]) => name.toLowerCase())).not.toContain('www-authenticate')
    }
  })
})

describe("body: 'problem'", () => {
  let apps: readonly App[]
  beforeAll(async () => {
    apps = await start({ body: 'problem' })
  })

  it('A4: a refusal is problem details (RFC 9457 §3)', async () => {
    const { status, header, body } = await responseOfAll(apps, { lines: expired })
    expect([status, header('Content-Type')]).toEqual([401, 'application/problem+json'])
    expect(JSON.parse(body)).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail: 'The access token has expired',
      error: 'invalid_token',
      reason: 'expired',
    })
  })

  it('A4: without a credential there is no error', async () => {
    const { body } = await responseOfAll(apps, {})
    expect(JSON.parse(body)).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail: 'The request carries no access token',
      reason: 'no_credentials',
    })
  })

  it('A4: the title is the reason phrase of the status (RFC 9457 §4.2.1)', async () => {
    const titles = []
    for (const request of [{ lines: other }, { lines: ['Authorization: Bearer'] }]) {
      titles.push((JSON.parse((await responseOfAll(apps, request)).body) as { title: string }).title)
    }
    expect(titles).toEqual(['Forbidden', 'Bad Request'])
  })
})

describe("detail: 'minimal'", () => {
  it('A4: omits description and reason from challenge and body', async () => {
    const apps = await start({ detail: 'minimal' })
    const { header, body } = await responseOfAll(apps, { lines: expired })
    expect(header('WWW-Authenticate')).toBe(
      `Bearer realm="https://api.example.com", error="invalid_token", scope="read:orders", resource_metadata="${METADATA}"`,
    )
    expect(JSON.parse(body)).toEqual({ error: 'invalid_token' })
    expect(JSON.parse((await responseOfAll(apps, {})).body)).toEqual({})
  })

  it('A4: problem details keep type, title, status and error', async () => {
    const apps = await start({ detail: 'minimal', body: 'problem' })
    const problem = { type: 'about:blank', title: 'Unauthorized', status: 401 }
    expect(JSON.parse((await responseOfAll(apps, { lines: expired })).body)).toEqual({
      ...problem,
      error: 'invalid_token',
    })
    expect(JSON.parse((await responseOfAll(apps, {})).body)).toEqual(problem)
  })
})

describe('realm and resource', () => {
  it('the realm is the one configured (RFC 9110 §11.5)', async () => {
    const apps = await start({ realm: 'Orders, v2; all of them' })
    const { header } = await responseOfAll(apps, {})
    expect(parseChallenge(header('WWW-Authenticate') ?? '').parameters.realm).toBe('Orders, v2; all of them')
  })

  it('the metadata URL of a resource with path and query has the well-known part in the middle (RFC 9728 §3.1)', async () => {
    const apps = await start({ resource: 'https://api.example.com/v2/orders?tenant=1' })
    const { header } = await responseOfAll(apps, {})
    expect(parseChallenge(header('WWW-Authenticate') ?? '').parameters.resource_metadata).toBe(
      'https://api.example.com/.well-known/oauth-protected-resource/v2/orders?tenant=1',
    )
  })
})

describe("errors: 'forward'", () => {
  let apps: readonly App[]
  beforeAll(async () => {
    apps = await start({ errors: 'forward' })
  })

  it.each([
    ['no credential', () => ({}), 401],
    ['a bad token', () => ({ lines: expired }), 401],
    ['an insufficient token', () => ({ target: '/both', lines: other }), 403],
    ['a bad request', () => ({ lines: ['Authorization: Bearer'] }), 400],
  ] as const)('%s leaves the error path with status, challenge and no-store', async (_, request, status) => {
    const [reference] = started
    if (!reference) throw new Error('there is nothing to compare with')
    const expected = await exchange(reference.port, request())
    for (const app of apps) {
      const response = await exchange(app.port, request())
      expect([app.name, response.status]).toEqual([app.name, status])
      expect(response.all('WWW-Authenticate')).toEqual(expected.all('WWW-Authenticate'))
      expect(response.all('Cache-Control')).toEqual(['no-store'])
      expect(app.reached).toEqual([])
    }
  })
})
