import type { Decision, Endpoint, GuardLike, JwtClaims } from 'bearward'
import type { NextFunction, Request, Response } from 'express'
import { asError } from './internal/as-error.ts'
import {
  type BoundResourceServer,
  type ResourceServerInput,
  scopeShorthands,
  tokenOf,
  toServer,
} from './internal/bind.ts'
import { contentOf } from './internal/node-content.ts'
import { NodeRequest } from './internal/node-request.ts'
import { respond, setHeaders } from './internal/node-response.ts'

/**
 * Middleware of Express 4 and 5. It calls `next()` if the request is permitted, and responds otherwise; with
 * `errors: 'forward'`, and for errors of the application, it calls `next(error)`.
 */
export type ExpressMiddleware = (request: Request, response: Response, next: NextFunction) => void | Promise<void>

/** A resource server bound to Express 4 or 5. */
export type ExpressResourceServer<Scope extends string = string, Claims = JwtClaims> = BoundResourceServer<
  Scope,
  Claims,
  Request,
  ExpressMiddleware,
  ExpressMiddleware,
  ExpressMiddleware
>

/**
 * Binds a resource server to Express.
 *
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function resourceServer<const Scope extends string = string, Claims = JwtClaims>(
  input: ResourceServerInput<Scope, Claims>,
): ExpressResourceServer<Scope, Claims> {
  const server = toServer(input)

  function middleware(guards: readonly GuardLike<Scope, Request, Claims>[], optional: boolean): ExpressMiddleware {
    const checked = server.guards(...guards)
    const options = { optional }
    return (request, response, next) => {
      const decision = server.decide(new NodeRequest(request, request), checked, options)
      return decision instanceof Promise
        ? decision.then(
            (resolved) => apply(resolved, response, next),
            (thrown) => next(asError(thrown)),
          )
        : apply(decision, response, next)
    }
  }

  function apply(decision: Decision, response: Response, next: NextFunction): void {
    if (decision.allowed) {
      setHeaders(response, decision.headers)
      next()
    } else if (server.errors === 'forward' || response.headersSent) next(decision.toError())
    else respond(response, decision.response)
  }

  const protect = (...guards: readonly GuardLike<Scope, Request, Claims>[]) => middleware(guards, false)
  const endpoint =
    (one: Endpoint): ExpressMiddleware =>
    async (request, response, next) => {
      try {
        const content = contentOf(request, request.body)
        const document = await one.respond(request.method, request.originalUrl, content)
        if (document) respond(response, document)
        else next()
      } catch (thrown) {
        next(thrown)
      }
    }
  return {
    protect,
    optionalAuth: (...guards) => middleware(guards, true),
    ...scopeShorthands<Scope, ExpressMiddleware>(protect),
    accessToken: (request) => tokenOf(server, request),
    maybeAccessToken: (request) => server.tokenOf(request),
    metadata: () => endpoint(server.metadata),
    endpoint,
    server,
  }
}
