import { createServer, type RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { hangUp, listen } from '../demo/listen.ts'
import { webApp } from './server/app.ts'
import { openStage } from './stage.ts'

export interface Playground {
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts the page, an authorization server and three copies of the API on loopback. The page comes first, because its
 * URL is part of the clients' redirect URIs.
 *
 * @param port 0 picks a free port
 */
export async function startPlayground(port: number): Promise<Playground> {
  let serve: RequestListener = (_request, response) => response.writeHead(503).end()
  const listener = createServer((request, response) => serve(request, response))
  const url = await listen(listener, port)
  try {
    const stage = await openStage(url)
    serve = getRequestListener(webApp(stage).fetch)
    return {
      url,
      async close() {
        await Promise.all([hangUp(listener), stage.close()])
      },
    }
  } catch (thrown) {
    await hangUp(listener)
    throw thrown
  }
}
