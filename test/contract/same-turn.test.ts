import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { App, Bound, Route } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import {
  CLIENT,
  createIntrospectingIssuer,
  type IntrospectingIssuer,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

// S5: a cached token is decided in the turn in which the request arrives. A guard that returns before the framework
// goes on has made a promise.

let auth: IntrospectingIssuer
let all: readonly App[]
let apps: readonly App[]
/** For each passed guard: whether the framework continued before the guard returned. */
const inTheSameTurn: boolean[] = []

type Continue = (...args: unknown[]) => unknown

/** In every framework the last argument is the function that continues. */
function watched<Middleware>(guard: Middleware): Middleware {
  return ((...args: readonly unknown[]) => {
    let returned = false
    const next: Continue = (...values) => {
      inTheSameTurn.push(!returned)
      return (args.at(-1) as Continue)(...values)
    }
    const result = (guard as Continue)(...args.slice(0, -1), next)
    returned = true
    return result
  }) as Middleware
}

const route = (path: string, use: <M>(bound: Bound<M>) => readonly M[]): Route => ({
  path,
  use: (bound) => use(bound).map(watched),
})

const ROUTES = [
  route('/scope', (bound) => [bound.requireScope('read:orders')]),
  route('/any', (bound) => [bound.requireAnyScope('read:orders', 'write:orders')]),
  route('/own', (bound) => [bound.protect(({ subject }) => subject === 'user-1')]),
  route('/open', (bound) => [bound.optionalAuth()]),
  route('/twice', (bound) => [bound.protect(), bound.requireScope('read:orders')]),
]

beforeAll(async () => {
  auth = await createIntrospectingIssuer()
  const introspection = { endpoint: auth.endpoint.url, client: CLIENT }
  all = await startAll({ resource: RESOURCE, issuer: { issuer: auth.issuer.url, introspection } }, ROUTES)
  // The guards of the others always return promises.
  apps = all.filter(({ name }) => /^(Express|Fastify|Hono)/.test(name))
})
beforeEach(() => {
  inTheSameTurn.length = 0
})
afterAll(async () => {
  await closeAll(all)
  await auth.stop()
})

/** Whether each guard on each adapter was passed in the same turn. */
async function turnsOf(token: string, target: string): Promise<readonly boolean[]> {
  inTheSameTurn.length = 0
  await expectReached(apps, { target, lines: bearer(token) })
  return [...inTheSameTurn]
}

const everyone = (sameTurn: boolean, guards = 1) => Array.from({ length: guards * apps.length }, () => sameTurn)

describe('a cached token is decided in the same turn', () => {
  it('a JWT from its third time on', async () => {
    expect(await turnsOf(await auth.issuer.sign(), '/scope')).toEqual(everyone(false))
    for (const { path } of ROUTES) {
      const token = await auth.issuer.sign()
      const guards = path === '/twice' ? 2 : 1
      // A token is cached when it comes for the second time. A stacked guard never waits for it again.
      for (const time of ['new', 'seen once']) {
        const turns = await turnsOf(token, path)
        expect([path, time, turns.length]).toEqual([path, time, guards * apps.length])
        expect([path, time, turns.filter((same) => !same)]).toEqual([path, time, everyone(false)])
      }
      expect([path, await turnsOf(token, path)]).toEqual([path, everyone(true, guards)])
    }
  })

  it('an opaque token, once its introspection response is cached; before that, the request waits', async () => {
    for (const { path } of ROUTES) {
      const token = auth.opaque()
      const guards = path === '/twice' ? 2 : 1
      expect((await turnsOf(token, path)).filter((same) => !same)).toHaveLength(apps.length)
      for (const time of ['second', 'third']) {
        expect([path, time, await turnsOf(token, path)]).toEqual([path, time, everyone(true, guards)])
      }
    }
  })
})
