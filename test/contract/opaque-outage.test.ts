import type { ResourceServerOptions } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, responseOfAll, SENTENCES } from '../support/apps/expect-response.ts'
import { bearer, exchange } from '../support/http/raw-client.ts'
import {
  CLIENT,
  createIntrospectingIssuer,
  type IntrospectingIssuer,
  opaqueToken,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { WRONG_RESPONSES } from '../support/upstream/faults.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { ORDERS } from './orders-api.ts'

// A5, I3, I7 on the wire: what clients read while introspection fails.

const clock = useMonotonicClock()
let auth: IntrospectingIssuer
let apps: readonly App[] = []

beforeEach(async () => {
  auth = await createIntrospectingIssuer()
})
afterEach(async () => {
  await closeAll(apps)
  await auth.stop()
})

async function start(options: Partial<ResourceServerOptions> = {}) {
  const introspection = { endpoint: auth.endpoint.url, client: CLIENT, deadline: 5 }
  apps = await startAll({ resource: RESOURCE, issuer: { issuer: auth.issuer.url, introspection }, ...options }, ORDERS)
  return apps
}

const FAULTS = [
  'responds 401',
  'responds 404',
  'responds 503 with Retry-After in seconds',
  'sends 64 MiB as 60 KiB of gzip',
  'redirects with 307',
  'resets in the middle of the body',
  'sends HTML',
  'sends truncated JSON',
  'sends an array',
] as const

describe('an introspection endpoint that fails', () => {
  for (const what of FAULTS) {
    it(`${what}: 503 with Retry-After and no challenge, and 200 afterwards (RFC 9110 §15.6.4)`, async () => {
      await start()
      const token = auth.opaque()
      const bad = WRONG_RESPONSES[what]
      if (!bad) throw new Error(what)
      auth.endpoint.reply = bad.respond
      for (const target of ['/orders', '/open']) {
        const { status, all, header, body } = await responseOfAll(apps, { target, lines: bearer(token) })
        expect(status).toBe(503)
        expect(all('WWW-Authenticate')).toEqual([])
        expect(header('Retry-After')).toMatch(/^[1-9]\d*$/)
        expect(header('Cache-Control')).toBe('no-store')
        expect(header('Content-Type')).toBe('application/json')
        expect(JSON.parse(body)).toEqual({
          error_description: SENTENCES.introspection_unavailable,
          reason: 'introspection_unavailable',
        })
      }
      expect(apps.flatMap(({ reached }) => reached)).toEqual([])
      expect(auth.endpoint.strays).toEqual([])
      auth.endpoint.reply = auth.endpoint.respondByToken
      clock.advance(12)
      await expectReached(apps, { lines: bearer(token) })
    })
  }

  it('after five failures: 503 immediately with the remaining time, and no request', async () => {
    await start()
    auth.endpoint.reply = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{')
    for (let round = 0; round < 5; round++) await responseOfAll(apps, { lines: bearer(opaqueToken()) })
    const before = auth.endpoint.calls()
    expect(before).toBe(5 * apps.length)
    const { status, header } = await responseOfAll(apps, { lines: bearer(opaqueToken()) })
    expect([status, header('Retry-After')]).toEqual([503, '1'])
    expect(auth.endpoint.calls()).toBe(before)
  })

  it('for made-up tokens only: good ones are served, seen before or not (I14)', async () => {
    await start()
    const { respondByToken, responses } = auth.endpoint
    auth.endpoint.reply = (request, response, received) => {
      if (responses.has(received.token)) respondByToken(request, response, received)
      else response.writeHead(500, { 'content-type': 'application/json' }).end('{}')
    }
    const seen = bearer(auth.opaque())
    for (let round = 0; round < 4; round++) {
      for (let made = 0; made < 4; made++) {
        expect((await responseOfAll(apps, { lines: bearer(opaqueToken()) })).status).toBe(503)
      }
      await expectReached(apps, { lines: bearer(auth.opaque()) })
      await expectReached(apps, { lines: seen })
      clock.advance(2)
    }
  })

  it('does not affect callers without a token, JWTs, or cached tokens', async () => {
    await start()
    const cached = auth.opaque()
    await expectReached(apps, { lines: bearer(cached) })
    auth.endpoint.reply = (_request, response) => response.writeHead(500).end()
    await expectReached(apps, { target: '/open' })
    expect((await responseOfAll(apps, {})).status).toBe(401)
    expect((await responseOfAll(apps, { lines: ['Authorization: Bearer a b'] })).status).toBe(400)
    await expectReached(apps, { lines: bearer(await auth.issuer.sign()) })
    await expectReached(apps, { lines: bearer(cached) })
  })

  it('gives problem details by option (RFC 9457)', async () => {
    await start({ body: 'problem' })
    auth.endpoint.reply = (_request, response) => response.writeHead(400).end()
    const { header, body } = await responseOfAll(apps, { lines: bearer(opaqueToken()) })
    expect(header('Content-Type')).toBe('application/problem+json')
    expect(JSON.parse(body)).toMatchObject({
      title: 'Service Unavailable',
      status: 503,
      reason: 'introspection_unavailable',
    })
  })

  it('reaches the error path of the framework with status and Retry-After', async () => {
    await start({ errors: 'forward' })
    auth.endpoint.reply = (_request, response) => response.writeHead(400).end()
    for (const app of apps) {
      const response = await exchange(app.port, { lines: bearer(opaqueToken()) })
      expect([app.name, response.status]).toEqual([app.name, 503])
      expect(response.all('WWW-Authenticate')).toEqual([])
      expect(response.header('Retry-After')).toMatch(/^[1-9]\d*$/)
    }
  })

  it('leaves nothing of its response in ours', async () => {
    await start()
    auth.endpoint.reply = (_request, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="SECRET-UPSTREAM-TEXT"' }).end('SECRET-UPSTREAM-TEXT')
    const { lines, body } = await responseOfAll(apps, { lines: bearer(opaqueToken()) })
    expect(JSON.stringify([lines, body])).not.toContain('SECRET-UPSTREAM-TEXT')
  })
})
