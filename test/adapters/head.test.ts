import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resourceServer as onExpress } from 'bearward/express'
import { resourceServer as onH3 } from 'bearward/h3'
import { resourceServer as onKoa } from 'bearward/koa'
import { resourceServer as onNode } from 'bearward/node'
import express from 'express'
import express4 from 'express4'
import { createApp, eventHandler, toNodeListener } from 'h3v1'
import Koa from 'koa'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { exchange } from '../support/http/raw-client.ts'
import { options } from './nest-kit.ts'

let server: Server | undefined
afterEach(() => {
  vi.restoreAllMocks()
  server?.close()
  server?.closeAllConnections()
})

const METADATA = '/.well-known/oauth-protected-resource'

const LISTENERS: readonly (readonly [string, () => RequestListener])[] = [
  ...([express, express4 as unknown as typeof express] as const).map(
    (create, index): [string, () => RequestListener] => [
      `Express ${5 - index}`,
      () => {
        const { metadata, protect } = onExpress(options)
        return create().use(metadata(), protect())
      },
    ],
  ),
  [
    'node',
    () => {
      const { metadata, protect } = onNode(options)
      const [serve, guard] = [metadata(), protect()]
      return async (request, response) => void ((await serve(request, response)) || (await guard(request, response)))
    },
  ],
  [
    'Koa',
    () => {
      const { metadata, protect } = onKoa(options)
      return new Koa().use(metadata()).use(protect()).callback()
    },
  ],
  [
    'h3 1',
    () => {
      const { metadata, protect } = onH3(options)
      const [serve, guard] = [metadata(), protect()] as never[]
      return toNodeListener(
        createApp()
          .use(eventHandler(serve as never))
          .use(eventHandler(guard as never)),
      )
    },
  ],
]

describe('on a server that refuses bodies where there are none (rejectNonStandardBodyWrites of Node)', () => {
  it.each(LISTENERS)('%s responds to HEAD as to GET, without a body (RFC 9110 §9.3.2)', async (_, create) => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    server = createServer({ rejectNonStandardBodyWrites: true }, create()).listen(0, '127.0.0.1')
    await new Promise((resolve) => server?.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    for (const [target, status] of [
      ['/orders', 401],
      [METADATA, 200],
    ] as const) {
      const [get, head] = [await exchange(port, { target }), await exchange(port, { target, method: 'HEAD' })]
      expect([get.status, head.status, head.body]).toEqual([status, status, ''])
      for (const name of ['WWW-Authenticate', 'Content-Type', 'Content-Length'])
        expect(head.all(name), name).toEqual(get.all(name))
    }
    expect(log.mock.calls).toEqual([])
  })

  it('a method that middleware has changed to HEAD does not take the body from the response', async () => {
    const app = express().use((request, _, next) => {
      request.method = 'HEAD'
      next()
    }, onExpress(options).protect())
    server = createServer(app).listen(0, '127.0.0.1')
    await new Promise((resolve) => server?.once('listening', resolve))
    const { body } = await exchange((server.address() as AddressInfo).port, { target: '/orders' })
    expect(JSON.parse(body)).toMatchObject({ reason: 'no_credentials' })
  })
})
