import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ResourceServerOptions } from 'bearward'
import { resourceServer as expressServer } from 'bearward/express'
import { resourceServer as nodeServer } from 'bearward/node'
import { type AdapterRoute, type RunningAdapter, testAdapter } from 'bearward/testing'
import express from 'express'
import { afterEach, describe, expect, it, vi } from 'vitest'

afterEach(() => {
  vi.restoreAllMocks()
})

async function listen(listener: RequestListener): Promise<RunningAdapter> {
  const http = createServer(listener).listen(0, '127.0.0.1')
  await once(http, 'listening')
  return { port: (http.address() as AddressInfo).port, close: () => http.close() }
}

function onExpress(options: ResourceServerOptions, routes: readonly AdapterRoute[]): Promise<RunningAdapter> {
  const { protect, optionalAuth, metadata, maybeAccessToken } = expressServer(options)
  const app = express().set('env', 'test').use(metadata())
  for (const { path, guards, optional } of routes) {
    const stack = guards.map((given) => (optional ? optionalAuth(...given) : protect(...given)))
    app.get(path, ...stack, (req, res) => void res.json({ subject: maybeAccessToken(req)?.subject ?? null }))
  }
  return listen(app as RequestListener)
}

/** `careless` keeps the first Authorization line only, as the obvious program does. */
const onNode =
  (careless = false) =>
  (options: ResourceServerOptions, routes: readonly AdapterRoute[]): Promise<RunningAdapter> => {
    const { protect, optionalAuth, metadata } = nodeServer(options)
    return listen(async (request, response) => {
      if (await metadata()(request, response)) return
      if (careless) Object.defineProperty(request, 'rawHeaders', { value: [] })
      const route = routes.find(({ path }) => path === request.url?.split('?', 1)[0])
      let subject: string | null = null
      for (const given of route?.guards ?? []) {
        const token = await (route?.optional ? optionalAuth(...given) : protect(...given))(request, response)
        if (token === undefined) return
        subject = token?.subject ?? null
      }
      response.end(JSON.stringify({ subject }))
    })
  }

describe.each([
  ['Express', onExpress],
  ['node', onNode()],
])('testAdapter() with the adapter of %s (F12)', (_, start) => {
  for (const { name, run } of testAdapter({ start })) {
    it(name, async () => {
      vi.spyOn(console, 'error').mockImplementation(() => undefined) // the application errors that a case causes
      await run()
    })
  }
})

describe('testAdapter() finds', () => {
  const failing = async (start: Parameters<typeof testAdapter>[0]['start']) => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const failed: string[] = []
    for (const { name, run } of testAdapter({ start })) await run().catch(() => failed.push(name))
    return failed
  }

  it('an adapter that sees only the first Authorization line (RFC 6750 §2)', async () => {
    expect(await failing(onNode(true))).toEqual([expect.stringContaining('two Authorization lines')])
  })

  it('an adapter without guards, in every case but those without one', async () => {
    const open = (options: ResourceServerOptions, routes: readonly AdapterRoute[]) =>
      onExpress(
        options,
        routes.map((route) => ({ ...route, guards: [] })),
      )
    expect(await failing(open)).toHaveLength(10)
  })
})
