import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { App, Route } from '../support/apps/app.ts'
import { ADAPTERS } from '../support/apps/apps.ts'
import { bearer, bytesOf, exchange } from '../support/http/raw-client.ts'
import { CLIENT } from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { until } from '../support/upstream/requests.ts'
import { useBench } from './kit.ts'

// I6: the request that started an introspection may disconnect; the others still get the response.

const bench = useBench()
let app: App | undefined
afterEach(async () => {
  await app?.close()
  app = undefined
})

const ORDERS: Route = { path: '/orders', use: (bound) => [bound.requireScope('read:orders')] }

/** A request whose client does not wait for the response. */
function begin(port: number, token: string): Socket {
  const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(bytesOf({ lines: bearer(token) })))
  return socket.on('error', () => undefined)
}

for (const startApp of ADAPTERS) {
  describe(startApp.name, () => {
    const start = async () => {
      const introspection = { endpoint: bench.endpoint.url, client: CLIENT, deadline: 5 }
      app = await startApp({
        options: { resource: RESOURCE, issuer: { issuer: bench.issuer.url, introspection } },
        routes: [ORDERS],
      })
      return app
    }

    for (const way of ['destroy', 'resetAndDestroy'] as const) {
      it(`the first client disconnects (${way}): the waiting requests share one introspection response`, async () => {
        const { port } = await start()
        const token = bench.opaque()
        const held = bench.endpoint.hold()
        const leader = begin(port, token)
        await until(() => held.waiting.length === 1, 'the introspection request')
        const followers = Array.from({ length: 5 }, () => exchange(port, { lines: bearer(token) }))
        // They have joined once their requests have arrived; 100 ms is ample.
        await new Promise((resolve) => setTimeout(resolve, 100))
        leader[way]()
        await new Promise((resolve) => setTimeout(resolve, 50))
        held.release()
        expect((await Promise.all(followers)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
        expect(bench.endpoint.calls()).toBe(1)
      })
    }

    it('no request is left waiting: the next one finds the response in the cache', async () => {
      const { port } = await start()
      const token = bench.opaque()
      const held = bench.endpoint.hold()
      const leader = begin(port, token)
      await until(() => held.waiting.length === 1, 'the introspection request')
      leader.destroy()
      await new Promise((resolve) => setTimeout(resolve, 50))
      held.release()
      expect((await exchange(port, { lines: bearer(token) })).status).toBe(200)
      expect(bench.endpoint.calls()).toBe(1)
    })
  })
}
