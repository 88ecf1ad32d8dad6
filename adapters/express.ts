import { type Answer, BearwardError, type GuardLike, type JwtClaims, type ResourceRequest } from 'bearward'
import type { NextFunction, Request, Response } from 'express'
import { authorizationLines } from './internal/authorization-lines.ts'
import {
  type BoundResourceServer,
  type ResourceServerInput,
  scopeShorthands,
  tokenOf,
  toServer,
} from './internal/bind.ts'
import { settle } from './internal/settle.ts'

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
    mode: 'authenticate' | 'identify',
    guards: readonly GuardLike<Scope, Request, Claims>[],
  ): ExpressMiddleware {
    const checked = server.guards(...guards)
    return (request, response, next) => {
      settle(
        () => server[mode](viewOf(request), checked),
        () => next(),
        (thrown) => {
          const ours = thrown instanceof BearwardError && server.errors === 'answer' && !response.headersSent
          if (ours) write(response, server.respond(thrown))
          else next(thrown)
        },
      )
    }
  }

  const protect = (...guards: readonly GuardLike<Scope, Request, Claims>[]) => middleware('authenticate', guards)
  return {
    protect,
    identify: (...guards) => middleware('identify', guards),
    ...scopeShorthands<Scope, ExpressMiddleware>(protect),
    accessToken: (request) => tokenOf(server, request),
    maybeAccessToken: (request) => server.tokenOf(request),
    metadata: () => (request, response, next) => {
      const isRead = request.method === 'GET' || request.method === 'HEAD'
      if (isRead && request.originalUrl.split('?', 1)[0] === server.metadata.path)
        write(response, { status: 200, ...server.metadata })
      else next()
    },
    server,
  }
}

function viewOf(request: Request): ResourceRequest<Request> {
  return {
    native: request,
    method: request.method,
    target: request.originalUrl,
    authorization: authorizationLines(request.headers.authorization, request),
    contentType: request.headers['content-type'],
    form: () => request.body as Record<string, unknown> | undefined, // what a body parser mounted before us has made of it
  }
}

function write(response: Response, { status, headers, body }: Answer): void {
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.setHeader('Content-Length', Buffer.byteLength(body))
  response.end(body)
}
