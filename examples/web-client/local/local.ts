import { randomUUID } from 'node:crypto'
import { startExpress } from '../../demo/api-express.ts'
import { startFastify } from '../../demo/api-fastify.ts'
import { startHono } from '../../demo/api-hono.ts'
import type { AuthorizationServer } from '../../demo/authorization-server.ts'
import { protection, RESOURCE, SCOPES } from '../../demo/orders.ts'
import type { Call } from '../calls.ts'
import type { OpenIdSettings } from '../providers/openid.ts'
import { CALLBACK } from '../sign-in.ts'
import { startLocalServer } from './authorization-server.ts'

/** An authorization server and the three APIs of the demo, on loopback. */
export interface Local {
  readonly openId: OpenIdSettings
  readonly reads: readonly Call[]
  readonly writes: readonly Call[]
  readonly authorizationServer: AuthorizationServer
  close(): Promise<void>
}

/** @param lifetime of the access tokens, in seconds */
export async function startLocal(origin: URL, lifetime = 300): Promise<Local> {
  const client = { id: 'order-book', secret: randomUUID(), origin, callback: CALLBACK, lifetime }
  const authorizationServer = await startLocalServer(client)
  const { issuer } = authorizationServer
  const apis = await Promise.all([startExpress, startFastify, startHono].map((start) => start(protection(issuer))))
  await Promise.all(apis.map(({ server }) => server.ready()))
  const calls = (method: Call['method'], label: (framework: string) => string): readonly Call[] =>
    apis.map(({ framework, url }) => ({ label: label(framework), method, url: new URL('/orders', url) }))
  return {
    openId: {
      issuer: new URL(issuer),
      clientId: client.id,
      clientSecret: client.secret,
      scope: ['openid', 'offline_access', ...SCOPES].join(' '),
      resource: RESOURCE,
    },
    reads: calls('GET', (framework) => `Orders on ${framework}`),
    writes: calls('POST', (framework) => `Order tea on ${framework}`),
    authorizationServer,
    async close() {
      await Promise.all([...apis.map(({ close }) => close()), authorizationServer.stop()])
    },
  }
}
