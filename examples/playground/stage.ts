import * as oauth from 'oauth4webapi'
import { startExpress } from '../demo/api-express.ts'
import { startFastify } from '../demo/api-fastify.ts'
import { startHono } from '../demo/api-hono.ts'
import { startAuthorizationServer } from '../demo/authorization-server.ts'
import type { OrdersApi } from '../demo/orders.ts'
import { settingsFor } from './authorization-server.ts'
import { OAuthClient } from './client/oauth-client.ts'
import type { Registration } from './clients.ts'
import { peopleInFront } from './people/front.ts'
import { Trail } from './people/trail.ts'
import { protectionOf } from './protection.ts'

/** Everything that takes part, besides the page. */
export interface Stage {
  /** Of the page. */
  readonly origin: string
  readonly redirectUri: string
  readonly metadata: oauth.AuthorizationServer
  readonly keys: unknown
  readonly apis: readonly OrdersApi[]
  /** What browsers said to the authorization server. */
  readonly trail: Trail
  client(registration: Registration): OAuthClient
  close(): Promise<void>
}

export const CALLBACK = '/callback'

/** Starts what the page at this origin is about. */
export async function openStage(origin: string): Promise<Stage> {
  const redirectUri = `${origin}${CALLBACK}`
  const trail = new Trail()
  const { issuer, stop } = await startAuthorizationServer(settingsFor(redirectUri), peopleInFront(origin, trail))
  const closing = [stop]
  const close = async () => {
    await Promise.all(closing.map((end) => end()))
  }
  try {
    const options = protectionOf(issuer)
    const apis: OrdersApi[] = []
    for (const start of [startExpress, startFastify, startHono]) {
      const api = await start(options)
      apis.push(api)
      closing.push(api.close)
    }
    await Promise.all(apis.map(({ server }) => server.ready()))
    const metadata = await discover(issuer)
    return {
      origin,
      redirectUri,
      metadata,
      keys: await (await fetch(metadata.jwks_uri as string)).json(),
      apis,
      trail,
      client: (registration) => new OAuthClient(metadata, registration),
      close,
    }
  } catch (thrown) {
    await close() // what has started must not keep the process alive
    throw thrown
  }
}

async function discover(issuer: string): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer)
  const response = await oauth.discoveryRequest(url, { [oauth.allowInsecureRequests]: true })
  return oauth.processDiscoveryResponse(url, response)
}
