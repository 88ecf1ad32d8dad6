import { BearwardError, type GuardLike, type HttpResponse, type JwtClaims } from 'bearward'
import type { NextFunction, Request, Response } from 'express'
import {
  type BoundResourceServer,
  type ResourceServerInput,
  scopeShorthands,
  tokenOf,
  toServer,
} from './internal/bind.ts'
import { middlewareOf } from './internal/middleware.ts'
import { NodeRequest } from './internal/node-request.ts'

/**
 * Middleware of Express 4 and 5. It calls `next()` if the request may pass, and answers otherwise; with `errors: 'forward'`,
 * and for errors of the application, it calls `next(error)`.
 */
export type ExpressMiddleware = (request: Request, response: Response, next: NextFunction) => void

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
  given: ResourceServerInput<Scope, Claims>,
): ExpressResourceServer<Scope, Claims> {
  const server = toServer(given)

  function middleware(
    mode: 'authenticate' | 'optionalAuth',
    guards: readonly GuardLike<Scope, Request, Claims>[],
  ): ExpressMiddleware {
    const checked = server.guards(...guards)
    return middlewareOf(
      (request: Request) => server[mode](new NodeRequest(request, request), checked),
      (_token, request, response: Response, next: NextFunction) => {
        setFields(response, server.responseHeaders(request))
        next()
      },
      (thrown, _request, response, next) => {
        const ours = thrown instanceof BearwardError && server.errors === 'respond' && !response.headersSent
        if (ours) write(response, server.respond(thrown))
        else next(thrown)
      },
    )
  }

  const protect = (...guards: readonly GuardLike<Scope, Request, Claims>[]) => middleware('authenticate', guards)
  return {
    protect,
    optionalAuth: (...guards) => middleware('optionalAuth', guards),
    ...scopeShorthands<Scope, ExpressMiddleware>(protect),
    accessToken: (request) => tokenOf(server, request),
    maybeAccessToken: (request) => server.tokenOf(request),
    metadata: () =>
      middlewareOf(
        (request: Request) => server.metadata.respond(request.method, request.originalUrl),
        (document, _request, response: Response, next: NextFunction) => (document ? write(response, document) : next()),
        (thrown, _request, _response, next) => next(thrown),
      ),
    server,
  }
}

function write(response: Response, { status, headers, body }: HttpResponse): void {
  response.statusCode = status
  setFields(response, headers)
  if (status !== 204) response.setHeader('Content-Length', Buffer.byteLength(body)) // RFC 9110 §8.6
  response.end(body)
}

function setFields(response: Response, headers: HttpResponse['headers'] | undefined): void {
  for (const name in headers) response.setHeader(name, headers[name] as string)
}
