import type { IncomingMessage, ServerResponse } from 'node:http'
import { ConfigurationError, type Endpoint, type ResourceServer } from 'bearward'
import { type BoundResourceServer, bind, type Decide, type ResourceServerInput, toServer } from './bind.ts'
import { serveEndpoint } from './node-endpoint.ts'

type DecideNest = Decide<string, unknown, object>

/** Middleware of Nest, on Express and on Fastify: `consumer.apply(endpoint(e)).forRoutes('logout')`. */
export type NestEndpoint = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>

/** What the module provides. Guards get their decisions from it. */
export interface NestBound extends BoundResourceServer<string, unknown, object, DecideNest, DecideNest, NestEndpoint> {
  /** Whether the module has created the server, and closes it. */
  readonly owned: boolean
  /** Whether every route needs a valid token, unless it is marked as public. */
  readonly global: boolean
}

/** Provides {@link NestBound} to the guards of every module. */
export const BOUND = Symbol('bearward')

export function bindNest(input: ResourceServerInput<string, unknown>, global: boolean): NestBound {
  if (Object.hasOwn(Object(input), 'global')) throw new ConfigurationError('global', GLOBAL_ELSEWHERE)
  const server: ResourceServer<string, unknown> = toServer(input)
  const decided = (decide: DecideNest) => decide
  return {
    ...bind(server, { protect: decided, optionalAuth: decided, endpoint }),
    owned: !('authenticate' in input),
    global,
  }
}

/** Mounts an endpoint as middleware, which Nest runs before guards: `consumer.apply(endpoint(e)).forRoutes('logout')`. */
export function endpoint(endpoint: Endpoint): NestEndpoint {
  endpoint.mounted?.()
  return async (request, response, next) => {
    try {
      if (await serveEndpoint(endpoint, request, response)) return
      next()
    } catch (thrown) {
      next(thrown)
    }
  }
}

const GLOBAL_ELSEWHERE =
  'is an option of the module: write forRoot(options, { global: true }), or forRootAsync({ useFactory, global: true })'
