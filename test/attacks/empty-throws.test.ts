import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App, Route } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { bearer, exchange } from '../support/http/raw-client.ts'
import { createSigningKey, createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'

// Express and Fastify read an empty error as "continue" and some strings as "leave this route".
const THROWN = [undefined, null, 0, false, '', 'route', 'router', Number.NaN, 'x']

const routes: readonly Route[] = THROWN.flatMap((thrown, index) => [
  {
    path: `/sync/${index}`,
    use: (bound) => [
      bound.protect(() => {
        throw thrown
      }),
    ],
  },
  { path: `/async/${index}`, use: (bound) => [bound.protect(() => Promise.reject(thrown))] },
  { path: `/optionalAuth/${index}`, use: (bound) => [bound.optionalAuth(() => Promise.reject(thrown))] },
])

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterAll(() => issuer.stop())

async function statuses(apps: readonly App[], path: string, token: string): Promise<readonly number[]> {
  return Promise.all(apps.map(async (app) => (await exchange(app.port, { target: path, lines: bearer(token) })).status))
}

describe('a thrown value that is not an error', () => {
  let apps: readonly App[]
  let good: string
  beforeAll(async () => {
    apps = await startAll({ resource: RESOURCE, issuer: issuer.url }, routes)
    good = await issuer.sign()
  })
  afterAll(() => closeAll(apps))

  for (const { path } of routes) {
    it(`by the guard of ${path} is a 500 of the application, never an allow (A7)`, async () => {
      expect(await statuses(apps, path, good)).toEqual(apps.map(() => 500))
      expect(apps.map((app) => app.reached)).toEqual(apps.map(() => []))
    })
  }
})

describe('a clock that fails', () => {
  const clocks: Record<string, () => number> = {
    'throws nothing': () => {
      throw undefined
    },
    'returns a text': () => String(Date.now() / 1000) as unknown as number,
    'returns a list': () => [Date.now() / 1000] as unknown as number,
    'returns NaN': () => Number.NaN,
    'returns nothing': () => undefined as unknown as number,
  }
  for (const [name, clock] of Object.entries(clocks)) {
    it(`${name}: no token gets through, forged or good`, async () => {
      const apps = await startAll({ resource: RESOURCE, issuer: issuer.url, clock }, [
        { path: '/orders', use: (bound) => [bound.protect()] },
      ])
      const rogue = await createSigningKey('ES256', issuer.keys[0]?.kid)
      for (const token of [await issuer.sign({}, {}, rogue), await issuer.sign()]) {
        expect(await statuses(apps, '/orders', token)).toEqual(apps.map(() => 500))
      }
      expect(apps.map((app) => app.reached)).toEqual(apps.map(() => []))
      await closeAll(apps)
    })
  }
})
