import type { Decision, GuardLike, HttpResponse, JwtClaims } from 'bearward'
import type { NextFunction, Request, Response } from 'express'
import { asError } from './internal/as-error.ts'
import {
  type BoundResourceServer,
  type ResourceServerInput,
  scopeShorthands,
  tokenOf,
  toServer,
} from './internal/bind.ts'
import { NodeRequest } from './internal/node-request.ts'

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
    if (decision.permitted) {
      setHeaders(response, decision.headers)
      next()
    } else if (server.errors === 'forward' || response.headersSent) next(decision.toError())
    else write(response, decision.response)
  }

  const protect = (...guards: readonly GuardLike<Scope, Request, Claims>[]) => middleware(guards, false)
  return {
    protect,
    optionalAuth: (...guards) => middleware(guards, true),
    ...scopeShorthands<Scope, ExpressMiddleware>(protect),
    accessToken: (request) => tokenOf(server, request),
    maybeAccessToken: (request) => server.tokenOf(request),
    metadata: () => async (request, response, next) => {
      try {
        const document = await server.metadata.respond(request.method, request.originalUrl)
        if (document) write(response, document)
        else next()
      } catch (thrown) {
        next(thrown)
      }
    },
    server,
  }
}

function write(response: Response, { status, headers, body }: HttpResponse): void {
  response.statusCode = status
  setHeaders(response, headers)
  if (status !== 204) response.setHeader('Content-Length', Buffer.byteLength(body)) // RFC 9110 §8.6
  response.end(body)
}

function setHeaders(response: Response, headers: HttpResponse['headers'] | undefined): void {
  for (const name in headers) response.setHeader(name, headers[name] as string)
}
