import { once } from 'node:events'
import { createServer } from 'node:http'

/** @typedef {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => unknown} Listener */

/**
 * Serves each path by a listener of its own, so that no route pays for another one.
 *
 * @param {Readonly<Record<string, Listener>>} listeners
 * @returns {Promise<number>} the port
 */
export async function serveByPath(listeners) {
  const server = createServer((request, response) => listeners[request.url ?? '']?.(request, response))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port
}

/**
 * The same for handlers of a `Request`.
 *
 * @param {Readonly<Record<string, (request: Request) => Response | Promise<Response>>>} handlers
 * @returns {Promise<number>}
 */
export async function fetchByPath(handlers) {
  // Not at the top: it replaces Response, and h3 then does not recognize one.
  const { serve } = await import('@hono/node-server')
  const fetch = (/** @type {Request} */ request) => handlers[request.url.slice(request.url.indexOf('/', 8))](request)
  return new Promise((resolve) => {
    serve({ fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => resolve(port))
  })
}

/** What a check written by hand responds with to a `Request` that it refuses. @param {number} status */
export const refusal = (status) => Response.json({ status }, { status, headers: { 'WWW-Authenticate': 'Bearer' } })

/** @param {Request} request */
export const authorizationOf = ({ headers }) => headers.get('authorization') ?? undefined
