import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { App, Route } from '../support/apps/app.ts'
import { ADAPTERS, closeAll } from '../support/apps/apps.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { BAD_KEY_SETS, WRONG_RESPONSES } from '../support/upstream/faults.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { until } from '../support/upstream/requests.ts'

// A5 and E1 on the wire: the responses of each framework while keys are unavailable.

const clock = useMonotonicClock()
let issuer: TestIssuer
let apps: App[]
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  apps = []
})
afterEach(async () => {
  await closeAll(apps)
  await issuer.stop()
})

const ORDERS: Route = { path: '/orders', use: (bound) => [bound.requireScope('read:orders')] }
const ME: Route = { path: '/me', use: (bound) => [bound.optionalAuth()] }

async function get(app: App, path: string, token?: string) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(`http://127.0.0.1:${app.port}${path}`, { headers })
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    retryAfter: response.headers.get('retry-after'),
    cache: response.headers.get('cache-control'),
    type: response.headers.get('content-type'),
    body: (await response.json()) as unknown,
  }
}

const OUTAGE = {
  status: 503,
  challenge: null,
  retryAfter: expect.stringMatching(/^[1-9]\d*$/),
  cache: 'no-store',
  type: 'application/json',
  body: {
    error_description: 'The keys of the authorization server cannot be loaded',
    reason: 'keys_unavailable',
  },
}

const FAULTS = [
  'responds 503 with Retry-After in seconds',
  'sends 64 MiB as 60 KiB of gzip',
  'redirects with 302',
  'resets in the middle of the body',
  'sends HTML',
  'an empty set',
] as const

const keysOf = (app: App) => app.server.state().issuers[0]?.keys

async function startWith(startApp: (typeof ADAPTERS)[number], deadline: number): Promise<App> {
  const app = await startApp({
    options: { resource: RESOURCE, issuer: { issuer: issuer.url, deadline } },
    routes: [ORDERS, ME],
  })
  apps.push(app)
  return app
}

for (const startApp of ADAPTERS) {
  const start = () => startWith(startApp, 5)

  describe(startApp.name, () => {
    for (const what of FAULTS) {
      it(`${what}: 503 cold, 200 from stale keys, 503 after their limit, 200 afterwards`, async () => {
        const app = await start()
        const token = await issuer.sign({ exp: Math.floor(Date.now() / 1000) + 100_000 })
        const good = issuer.onKeys
        const bad = { ...WRONG_RESPONSES, ...BAD_KEY_SETS }[what]
        if (!bad) throw new Error(what)

        issuer.onKeys = bad.respond
        expect(await get(app, '/orders', token)).toEqual(OUTAGE)
        expect(await get(app, '/me', token)).toEqual(OUTAGE)
        expect(issuer.hits.keys).toBe(1)
        expect(app.reached).toEqual([])

        issuer.onKeys = good
        clock.advance(10)
        expect((await get(app, '/orders', token)).status).toBe(200)

        issuer.onKeys = bad.respond
        clock.advance(601)
        expect((await get(app, '/orders', token)).status).toBe(200)
        await until(() => keysOf(app)?.lastError !== undefined, 'the failed refresh')
        expect((await get(app, '/orders', token)).status).toBe(200)

        clock.advance(3600)
        expect(await get(app, '/orders', token)).toEqual(OUTAGE)

        issuer.onKeys = good
        clock.advance(10)
        expect((await get(app, '/orders', token)).status).toBe(200)
      })
    }

    it('a request without a token, or with an invalid one, needs no keys', async () => {
      await issuer.stop()
      try {
        const app = await start()
        expect(await get(app, '/orders')).toMatchObject({ status: 401, challenge: expect.stringContaining('Bearer') })
        expect((await get(app, '/me')).status).toBe(200)
        expect((await get(app, '/orders', 'a.b.c')).status).toBe(401)
        expect((await get(app, '/orders', await issuer.sign({ exp: 1 }))).status).toBe(401)
        expect((await get(app, '/orders', await issuer.sign({ aud: 'other' }))).status).toBe(401)
        expect(keysOf(app)?.lastError).toBeUndefined()
        expect((await get(app, '/orders', await issuer.sign())).status).toBe(503)
      } finally {
        await issuer.start()
      }
    })

    it('200 cold requests at once: one discovery, one key set', async () => {
      const app = await start()
      const token = await issuer.sign()
      const responses = await Promise.all(Array.from({ length: 200 }, () => get(app, '/orders', token)))
      expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]))
      expect(issuer.hits).toEqual({ metadata: 1, keys: 1, other: 0 })
    })
  })
}

it('hangs in the middle of the body: 503 within the deadline, and at once for later requests', async () => {
  await Promise.all(ADAPTERS.map((startApp) => startWith(startApp, 0.5)))
  const token = await issuer.sign()
  issuer.onKeys = (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"keys":[')
  // All of them wait for the deadline at the same time.
  await Promise.all(
    apps.map(async (app) => {
      const responses = await Promise.all(Array.from({ length: 20 }, () => get(app, '/orders', token)))
      expect(responses, app.name).toEqual(responses.map(() => OUTAGE))
      expect(await get(app, '/orders', token), app.name).toEqual(OUTAGE)
      expect(keysOf(app)?.lastError?.code, app.name).toBe('timeout')
    }),
  )
  expect(issuer.hits.keys).toBe(ADAPTERS.length)
})
