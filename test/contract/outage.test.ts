import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, responseOfAll } from '../support/apps/expect-response.ts'
import { bearer, exchange } from '../support/http/raw-client.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { ORDERS } from './orders-api.ts'

let issuer: TestIssuer
let token: readonly string[]
let started: App[] = []

beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  token = bearer(await issuer.sign())
})

beforeEach(async () => {
  await closeAll(started)
  started = []
})

afterAll(async () => {
  await closeAll(started)
  await issuer.stop()
})

async function start(options = {}): Promise<readonly App[]> {
  // Discovery fails: the keys of the issuer were never loaded.
  issuer.onMetadata = (_, response) => void response.writeHead(500).end('SECRET-UPSTREAM-TEXT')
  const apps = await startAll({ resource: RESOURCE, issuer: issuer.url, ...options }, ORDERS)
  started.push(...apps)
  return apps
}

describe('A5: unavailable keys', () => {
  it('cause 503 with Retry-After and no challenge (RFC 9110 §15.6.4)', async () => {
    const apps = await start()
    const { status, all, header, body } = await responseOfAll(apps, { lines: token })
    expect(status).toBe(503)
    expect(all('WWW-Authenticate')).toEqual([])
    expect(header('Retry-After')).toMatch(/^[1-9]\d*$/)
    expect(header('Cache-Control')).toBe('no-store')
    expect(JSON.parse(body)).toEqual({
      error_description: 'The keys of the authorization server cannot be loaded',
      reason: 'keys_unavailable',
    })
    expect(apps.flatMap(({ reached }) => reached)).toEqual([])
  })

  it('cause 503 on routes with optional authentication, too', async () => {
    const { status } = await responseOfAll(await start(), { target: '/open', lines: token })
    expect(status).toBe(503)
  })

  it('do not affect callers without a token', async () => {
    const apps = await start()
    await expectReached(apps, { target: '/open' })
    expect((await responseOfAll(apps, {})).status).toBe(401)
  })

  it('do not affect tokens that are invalid without any key: 401', async () => {
    const { status, body } = await responseOfAll(await start(), { lines: bearer(await issuer.sign({ aud: 'x' })) })
    expect([status, JSON.parse(body)]).toMatchObject([401, { reason: 'audience' }])
  })

  it('give problem details by option (RFC 9457)', async () => {
    const { header, body } = await responseOfAll(await start({ body: 'problem' }), { lines: token })
    expect(header('Content-Type')).toBe('application/problem+json')
    expect(JSON.parse(body)).toMatchObject({ title: 'Service Unavailable', status: 503, reason: 'keys_unavailable' })
  })

  it('reach the error path of the framework with status and Retry-After', async () => {
    for (const app of await start({ errors: 'forward' })) {
      const response = await exchange(app.port, { lines: token })
      expect([app.name, response.status]).toEqual([app.name, 503])
      expect(response.all('WWW-Authenticate')).toEqual([])
      expect(response.header('Retry-After')).toMatch(/^[1-9]\d*$/)
    }
  })

  it('leave nothing of the upstream response in ours', async () => {
    const { lines, body } = await responseOfAll(await start(), { lines: token })
    expect(JSON.stringify([lines, body])).not.toContain('SECRET-UPSTREAM-TEXT')
  })
})
