import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Decision, JwtClaims } from 'bearward'
import type { Request } from 'express'
import { type BoundResourceServer, bind, type Decide, type ResourceServerInput, toServer } from './internal/bind.ts'
import { headersOfError } from './internal/headers-of-error.ts'
import { logError } from './internal/log-error.ts'
import { serveEndpoint } from './internal/node-endpoint.ts'
import { respondToError } from './internal/node-error.ts'
import { NodeRequest } from './internal/node-request.ts'
import { setHeaders, writeResponse } from './internal/node-response.ts'

/**
 * Middleware of Express 4 and 5. It calls `next()` if the request is permitted, and responds otherwise; with
 * `errors: 'forward'`, and for errors of the application, it calls `next(error)`.
 */
export type ExpressMiddleware = (
  request: AnyExpressRequest,
  response: ServerResponse,
  next: ExpressNext,
) => void | Promise<void>

/**
 * What a guard reads of a request, whatever the types of its route. They must not occur in the type of a guard: Express
 * would infer the parameters of the route from it, instead of from the path.
 */
export interface AnyExpressRequest extends IncomingMessage {
  readonly originalUrl: string
}

/** The part of `NextFunction` that a guard uses. */
export type ExpressNext = (error?: unknown) => void

/** A resource server bound to Express 4 or 5. */
export type ExpressResourceServer<Scope extends string = string, Claims = JwtClaims> = BoundResourceServer<
  Scope,
  Claims,
  Request,
  ExpressMiddleware,
  ExpressMiddleware,
  ExpressMiddleware,
  ExpressMiddleware,
  AnyExpressRequest
>

/**
 * Binds a resource server to Express.
 *
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function resourceServer<const Scope extends string = string, Claims = JwtClaims>(
  input: ResourceServerInput<Scope, Claims, Request>,
): ExpressResourceServer<Scope, Claims> {
  const server = toServer(input)

  const middleware =
    (decide: Decide<Scope, Claims, Request>): ExpressMiddleware =>
    (request, response, next) => {
      const decision = decide(new NodeRequest(request as Request, request))
      if ('then' in decision) return settle(decision, response, next, (resolved) => apply(resolved, response, next))
      // `apply` would do the same: nothing can have responded since this call, and getters of a response are slow on Express.
      return decision.allowed && !decision.headers ? next() : apply(decision, response, next)
    }

  function apply(decision: Decision, response: ServerResponse, next: ExpressNext): void {
    if (decision.allowed) {
      // Something else may have responded meanwhile.
      if (!response.writableEnded && setHeaders(response, decision.headers)) next()
    } else if (server.errors === 'forward' || !writeResponse(response, decision.response)) {
      if (!response.writableEnded && setHeaders(response, headersOfError(decision))) next(decision.toError())
    }
  }

  return bind(server, {
    protect: middleware,
    optionalAuth: middleware,
    endpoint: (endpoint) => (request, response, next) =>
      settle(serveEndpoint(endpoint, request, response), response, next, (hasResponded) => {
        if (!hasResponded) next()
      }),
  })
}

/** Never rejects: Express 4 does not handle that, and Express 5 only where the promise is returned to it. */
function settle<T>(
  pending: Promise<T>,
  response: ServerResponse,
  next: ExpressNext,
  proceed: (outcome: T) => void,
): Promise<void> {
  const fail = (thrown: unknown) => {
    // Error handlers write to the response, and Express closes the connection of a complete one.
    if (response.writableEnded) logError(thrown)
    else next(thrown)
  }
  return pending.then(proceed, fail).catch((thrown) => respondToError(response, thrown))
}
