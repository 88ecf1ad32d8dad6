import { once } from 'node:events'
import { createServer } from 'node:http'
import express from 'express'

/**
 * Serves routes of Express, each in a separate application: Express tries one route after another, and none of them
 * is to pay for those before it.
 *
 * @param {Readonly<Record<string, readonly any[]>>} routes handlers by path
 * @param {any} [onError] an error handler for all of them
 * @returns {Promise<number>} the port
 */
export async function serveRoutes(routes, onError) {
  const apps = new Map(
    Object.entries(routes).map(([path, handlers]) => {
      const app = express().get(path, ...handlers)
      return [path, onError ? app.use(onError) : app]
    }),
  )
  const server = createServer((request, response) => apps.get(request.url ?? '')?.(request, response))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port
}
