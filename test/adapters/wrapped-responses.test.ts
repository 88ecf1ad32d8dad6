import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resourceServer as onExpress } from 'bearward/express'
import { resourceServer as onNode } from 'bearward/node'
import express from 'express'
import express4 from 'express4'
import { createApp, eventHandler, fromNodeMiddleware, toWebHandler } from 'h3v1'
import { afterEach, describe, expect, it } from 'vitest'
import { exchange } from '../support/http/raw-client.ts'
import { good, options } from './nest-kit.ts'

let server: Server | undefined
afterEach(() => {
  server?.close()
  server?.closeAllConnections()
})

type Middleware =
  Parameters<RequestListener> extends [infer Request, infer Response]
    ? (request: Request, response: Response, next: () => void) => void
    : never

const onAnyExpress = (create: typeof express) => (wrap: Middleware) =>
  create()
    .use(wrap as never)
    .use(onExpress(options).protect())
const ADAPTERS: readonly (readonly [string, (wrap: Middleware) => RequestListener])[] = [
  ['Express 5', onAnyExpress(express)],
  ['Express 4', onAnyExpress(express4 as unknown as typeof express)],
  [
    'node',
    (wrap) => {
      const guard = onNode(options).protect()
      return (request, response) => wrap(request, response, () => void guard(request, response))
    },
  ],
]

/** What express-mung, response-time or apicache do to each response. */
describe('middleware that wraps a response still changes a refusal', () => {
  const refusal = async (listener: RequestListener) => {
    server = createServer(listener).listen(0, '127.0.0.1')
    await new Promise((resolve) => server?.once('listening', resolve))
    return exchange((server.address() as AddressInfo).port, { target: '/orders' })
  }

  it.each(ADAPTERS)('%s: a header that is set in end()', async (_, create) => {
    const response = await refusal(
      create((_request, response, next) => {
        const end = response.end.bind(response) as (...all: unknown[]) => typeof response
        response.end = ((...all: unknown[]) => {
          response.setHeader('Server-Timing', 'total;dur=1')
          return end(...all)
        }) as typeof response.end
        next()
      }),
    )
    expect([response.status, response.header('server-timing')]).toEqual([401, 'total;dur=1'])
  })

  it.each(ADAPTERS)('%s: writeHead() finds the status that is sent', async (_, create) => {
    const seen: number[] = []
    const { status } = await refusal(
      create((_request, response, next) => {
        const writeHead = response.writeHead.bind(response) as (...all: unknown[]) => typeof response
        response.writeHead = ((...all: unknown[]) => {
          seen.push(response.statusCode)
          return writeHead(...all)
        }) as typeof response.writeHead
        next()
      }),
    )
    expect([status, seen]).toEqual([401, [401]])
  })
})

// h3 1 imitates Node's requests and responses there: `rawHeaders` is another list each time, `end()` leaves `headersSent` false.
describe('h3 1 without Node', () => {
  const request = () => new Request('https://api.example.com/orders', { headers: { authorization: `Bearer ${good}` } })

  it('keeps the token of a request behind a guard for node:http', async () => {
    const { protect, accessToken } = onNode(options)
    const app = createApp()
      .use(fromNodeMiddleware(protect() as never))
      .use(eventHandler((event) => ({ subject: accessToken(event.node.req).subject })))
    expect(await (await toWebHandler(app)(request())).json()).toEqual({ subject: 'user-1' })
  })

  it('leaves a response alone that has ended meanwhile', async () => {
    const { protect } = onNode(options)
    const guard = protect(async () => false)
    const app = createApp().use(
      eventHandler(async (event) => {
        const guarded = guard(event.node.req, event.node.res)
        event.node.res.statusCode = 504
        event.node.res.end('timeout')
        await guarded
      }),
    )
    const response = await toWebHandler(app)(request())
    expect([response.status, response.headers.get('www-authenticate'), await response.text()]).toEqual([
      504,
      null,
      'timeout',
    ])
  })
})
