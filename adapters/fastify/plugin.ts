import {
  type AccessToken,
  BearwardError,
  ConfigurationError,
  type JwtClaims,
  type ResourceServer,
  type ResourceServerOptions,
} from 'bearward'
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type FastifyResourceServer, resourceServer } from '../fastify.ts'

declare module 'fastify' {
  interface FastifyInstance {
    protect: FastifyResourceServer['protect']
    optionalAuth: FastifyResourceServer['optionalAuth']
    requireScope: FastifyResourceServer['requireScope']
    requireAnyScope: FastifyResourceServer['requireAnyScope']
    /** The core object: `ready()`, `state()`, `verify()`. */
    resourceServer: ResourceServer
  }
  interface FastifyRequest {
    /** The token of a protected request. Reading it on a route without a guard throws. */
    readonly accessToken: AccessToken<JwtClaims>
    /** The token of a request, if it has one. */
    readonly maybeAccessToken: AccessToken<JwtClaims> | undefined
  }
}

/** The options of a resource server. */
export interface PluginOptions extends ResourceServerOptions<string, JwtClaims, FastifyRequest> {}

/**
 * Decorates the instance and its requests, and serves the protected resource metadata.
 *
 * @throws {ConfigurationError} naming the option that is wrong; `await app.register()` rejects with it
 */
const plugin: FastifyPluginAsync<PluginOptions> = async (app: FastifyInstance, options) => {
  checkPlace(app, options)
  const bound = resourceServer(options)
  app.decorate('protect', bound.protect)
  app.decorate('optionalAuth', bound.optionalAuth)
  app.decorate('requireScope', bound.requireScope)
  app.decorate('requireAnyScope', bound.requireAnyScope)
  app.decorate('resourceServer', bound.server)
  app.decorateRequest('accessToken', {
    getter(this: FastifyRequest) {
      return bound.accessToken(this)
    },
  })
  app.decorateRequest('maybeAccessToken', {
    getter(this: FastifyRequest) {
      return bound.maybeAccessToken(this)
    },
  })
  app.route(bound.metadata())
  // Only now is it certain that a response is refused: another way to authenticate may have permitted the request.
  app.addHook('onError', async (_request, reply, error) => {
    if (error instanceof BearwardError) reply.headers(error.headers)
  })
  app.addHook('onClose', async () => bound.server.close())
}

/** Guards may be mounted under any prefix; the plugin may not. */
function checkPlace(app: FastifyInstance, options: object): void {
  // RFC 9728 §3.1: clients look for the metadata at the root of the host.
  if (app.prefix !== '' || 'prefix' in options)
    throw new ConfigurationError(
      'prefix',
      'is not possible: register the plugin at the root, where clients look for its metadata',
    )
  if (app.hasDecorator('resourceServer')) throw new Error(REGISTERED)
}

const REGISTERED =
  "bearward: this instance already has the plugin; for a second resource server, use resourceServer() of 'bearward/fastify'"

export default fp(plugin, { name: 'bearward', fastify: '5.x' })
