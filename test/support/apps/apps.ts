import type { ResourceServerOptions } from 'bearward'
import type { TlsServing } from '../tls/tls.ts'
import type { App, AppOptions, Route } from './app.ts'
import { elysiaApp } from './elysia.ts'
import { express4App, express5App } from './express.ts'
import { fastifyApp, fastifyPluginApp } from './fastify.ts'
import { fetchApp } from './fetch.ts'
import { h3FetchApp, h3NodeApp, h3v1App } from './h3.ts'
import { honoFetchApp, honoNodeApp } from './hono.ts'
import { koaApp } from './koa.ts'
import { nestExpressApp, nestFastifyApp } from './nest.ts'
import { nodeApp } from './node.ts'

/** The adapters whose contract `npm test` compares. */
const QUICK: readonly ((settings: AppOptions) => Promise<App>)[] = [
  express5App,
  express4App,
  fastifyApp,
  fastifyPluginApp,
  honoNodeApp,
  honoFetchApp,
  fetchApp,
  nodeApp,
]

/** The others, beside one of each kind of `npm test`: see test/adapters/contract.test.ts. */
const OTHERS: typeof QUICK = [
  express5App,
  fetchApp,
  koaApp,
  nestExpressApp,
  nestFastifyApp,
  h3NodeApp,
  h3FetchApp,
  h3v1App,
  elysiaApp,
]

/** Every way in which an application can mount bearward; only the one of node:http for each of thousands of mutants. */
export const ADAPTERS = { others: OTHERS, node: [nodeApp] }[process.env.BEARWARD_TEST_ADAPTERS ?? ''] ?? QUICK

/** The same API on every adapter. */
export const startAll = (
  options: ResourceServerOptions,
  routes: readonly Route[],
  tls?: TlsServing,
): Promise<readonly App[]> => Promise.all(ADAPTERS.map((start) => start({ options, routes, tls })))

export async function closeAll(apps: readonly App[]): Promise<void> {
  await Promise.all(apps.map((app) => app.close()))
}
