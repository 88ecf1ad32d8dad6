import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { resourceServer } from 'bearward/node'
import type { Revocations } from 'bearward/revocation'
import { hangUp, listen } from '../../demo/listen.ts'
import { ORDERS, type Protection } from '../../demo/orders.ts'
import type { Exchange } from '../exchange.ts'
import { bodyOf } from '../people/front.ts'
import { requestOf, responseOf } from '../people/trail.ts'

/** A part of the API with two addresses: a stream of orders, and where it learns that a user has signed out. */
export interface Updates {
  readonly url: string
  /** The `backchannel_logout_uri` of clients (OpenID Connect Back-Channel Logout 1.0 §2.2). */
  readonly logoutUri: string
  /** Serves both. The address is needed before the authorization server starts, and its keys are needed here. */
  serve(protection: Protection, revoked: Revocations): Promise<void>
  /** The request with the latest logout token of a session. */
  logoutOf(session: string): Exchange | undefined
  close(): Promise<void>
}

const STREAM = '/updates'
const LOGOUT = '/logout'
const MAX_LOGOUTS = 50

export async function openUpdates(): Promise<Updates> {
  const logouts = new Map<string, Exchange>()
  let handle: RequestListener = (_request, response) => response.writeHead(503).end()
  const listener = createServer((request, response) => handle(request, response))
  const url = await listen(listener)

  function record(body: string, exchange: Exchange): void {
    logouts.set(sessionIn(body), exchange)
    const [oldest] = logouts.keys()
    if (logouts.size > MAX_LOGOUTS && oldest !== undefined) logouts.delete(oldest)
  }

  return {
    url: `${url}${STREAM}`,
    logoutUri: `${url}${LOGOUT}`,
    async serve(protection, revoked) {
      const { requireScope, endpoint, server } = resourceServer(protection)
      const readOrders = requireScope('read:orders')
      const signOut = endpoint(revoked.backchannelLogout)

      async function stream(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const token = await readOrders(request, response)
        if (!token) return
        response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
        const send = () => response.write(`event: orders\ndata: ${JSON.stringify(ORDERS)}\n\n`)
        send()
        const timer = setInterval(send, 1000)
        const watch = server.watch(token, (why) => response.end(`event: ended\ndata: ${why}\n\n`))
        response.once('finish', () => clearInterval(timer))
        response.once('close', () => {
          clearInterval(timer)
          watch.stop()
        })
      }

      async function logout(request: IncomingMessage, response: ServerResponse): Promise<void> {
        // Read here, so that the page can show it; the endpoint takes it from the request.
        const body = await bodyOf(request)
        if (body === undefined) return void response.writeHead(413).end()
        response.once('finish', () =>
          record(body, {
            from: 'authorization server',
            to: 'API',
            request: requestOf(request, body),
            response: responseOf(response),
          }),
        )
        await signOut(Object.assign(request, { body }), response)
      }

      handle = (request, response) => {
        const work = request.url === STREAM ? stream : request.url === LOGOUT ? logout : undefined
        if (work) work(request, response).catch(() => response.destroy())
        else response.writeHead(404).end()
      }
      await server.ready()
    },
    logoutOf: (session) => logouts.get(session),
    close: () => hangUp(listener),
  }
}

/** `sid` of a logout token, which the endpoint has not accepted yet. */
function sessionIn(body: string): string {
  try {
    const [, payload = ''] = new URLSearchParams(body).get('logout_token')?.split('.') ?? []
    return String(JSON.parse(Buffer.from(payload, 'base64url').toString()).sid)
  } catch {
    return ''
  }
}
