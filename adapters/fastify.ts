import type {
  AccessToken,
  Decision,
  Endpoint,
  HttpResponse,
  JwtClaims,
  ResourceServer,
  ResourceServerOptions,
} from 'bearward'
import type {
  FastifyInstance,
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  RouteOptions,
} from 'fastify'
import fp from 'fastify-plugin'
import { type BoundResourceServer, bind, type Decide, type ResourceServerInput, toServer } from './internal/bind.ts'
import { contentOf } from './internal/node-content.ts'
import { NodeRequest } from './internal/node-request.ts'
import { writeOrClose } from './internal/node-response.ts'

/** A hook for `onRequest`, `preValidation` or `preHandler`, on a route or with `app.addHook`. */
export type FastifyHook = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void

/** A route without its URL, unless the endpoint has one: `app.route({ url: '/logout', ...endpoint(e) })`. */
export type FastifyEndpoint = Omit<RouteOptions, 'url'> & { url?: string }

/** A resource server bound to Fastify 5. */
export type FastifyResourceServer<Scope extends string = string, Claims = JwtClaims> = BoundResourceServer<
  Scope,
  Claims,
  FastifyRequest,
  FastifyHook,
  FastifyHook,
  RouteOptions,
  FastifyEndpoint
>

/**
 * Binds a resource server to Fastify, without a plugin.
 *
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function resourceServer<const Scope extends string = string, Claims = JwtClaims>(
  input: ResourceServerInput<Scope, Claims, FastifyRequest>,
): FastifyResourceServer<Scope, Claims> {
  const server = toServer(input)

  const hook =
    (decide: Decide<Scope, Claims, FastifyRequest>): FastifyHook =>
    (request, reply, done) => {
      // Called directly, or mounted where the arguments differ, it could not stop the request.
      if (typeof done !== 'function' || reply.sent) throw new TypeError(MISMOUNTED)
      const decision = decide(new NodeRequest(request, request.raw))
      if (!(decision instanceof Promise)) apply(decision, reply, done)
      else
        decision.then(
          (resolved) => apply(resolved, reply, done),
          (thrown) => {
            if (hasResponded(reply)) reply.log.error(thrown)
            else done(thrown)
          },
        )
    }

  function apply(decision: Decision, reply: FastifyReply, done: HookHandlerDoneFunction): void {
    if (hasResponded(reply)) return // something else, meanwhile
    if (decision.allowed) {
      if (decision.headers) reply.headers(decision.headers)
      done()
    } else if (server.errors === 'forward') done(decision.toError())
    else send(reply, decision.response)
  }

  const endpoint = (one: Endpoint): FastifyEndpoint => ({
    method: METHODS,
    ...(one.path !== undefined && { url: routeOf(one.path) }),
    // Before the body is parsed: Fastify would refuse media types that it has no parser for.
    async onRequest(request, reply) {
      const response = await one.respond(request.method, request.originalUrl, contentOf(request.raw, request.body))
      if (hasResponded(reply)) return reply
      // Of a resource with a query, the same path with another one is no document.
      return response ? send(reply, response) : reply.callNotFound()
    },
    handler: (_, reply) => reply.callNotFound(),
  })

  return {
    ...bind(server, { protect: hook, optionalAuth: hook, endpoint }),
    metadata: () => ({
      ...endpoint(server.metadata),
      url: routeOf(server.metadata.path),
      method: ['GET', 'HEAD', 'OPTIONS'],
    }),
  }
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Fastify matches decoded paths, and a colon starts a parameter unless it is doubled. */
const routeOf = (path: string): string => decodeURI(path).replaceAll(':', '::')

const MISMOUNTED =
  'bearward: mount the hook itself, as onRequest, preValidation or preHandler; it cannot be called or mounted elsewhere'

/** Sends bytes, because Fastify would add a charset to the media type of a JSON text. */
function send(reply: FastifyReply, { status, headers, body }: HttpResponse): FastifyReply {
  reply.code(status).headers(headers)
  writeOrClose(reply.raw, () => reply.send(status === 204 ? undefined : Buffer.from(body)))
  return reply
}

const hasResponded = (reply: FastifyReply): boolean => reply.sent || reply.raw.headersSent

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

/** Decorates the instance and its requests, and serves the protected resource metadata. */
const plugin: FastifyPluginCallback<ResourceServerOptions<string, JwtClaims, FastifyRequest>> = (
  app: FastifyInstance,
  options,
  done,
) => {
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
  app.addHook('onClose', async () => bound.server.close())
  done()
}

export default fp(plugin, { name: 'bearward', fastify: '5.x' })
