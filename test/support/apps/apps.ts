import type { ResourceServerOptions } from 'bearward'
import type { TlsServing } from '../tls/tls.ts'
import type { App, AppOptions, Route } from './app.ts'
import { express4App, express5App } from './express.ts'
import { fastifyApp, fastifyPluginApp } from './fastify.ts'
import { fetchApp } from './fetch.ts'
import { honoFetchApp, honoNodeApp } from './hono.ts'
import { nodeApp } from './node.ts'

/** Every way to mount bearward in an application. */
export const ADAPTERS: readonly ((settings: AppOptions) => Promise<App>)[] = [
  express5App,
  express4App,
  fastifyApp,
  fastifyPluginApp,
  honoNodeApp,
  honoFetchApp,
  fetchApp,
  nodeApp,
]

/** The same API on every adapter. */
export const startAll = (
  options: ResourceServerOptions,
  routes: readonly Route[],
  tls?: TlsServing,
): Promise<readonly App[]> => Promise.all(ADAPTERS.map((start) => start({ options, routes, tls })))

export async function closeAll(apps: readonly App[]): Promise<void> {
  await Promise.all(apps.map((app) => app.close()))
}
