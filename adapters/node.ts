import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AccessToken, Decision, GuardLike, JwtClaims } from 'bearward'
import { type BoundResourceServer, bind, type Decide, type ResourceServerInput, toServer } from './internal/bind.ts'
import { headersOfError } from './internal/headers-of-error.ts'
import { logError } from './internal/log-error.ts'
import { serveEndpoint } from './internal/node-endpoint.ts'
import { INTERNAL_SERVER_ERROR, respondToError } from './internal/node-error.ts'
import { NodeRequest } from './internal/node-request.ts'
import { isFinished, setHeaders, writeResponse } from './internal/node-response.ts'
import { refuseUpgrade, withErrorListener } from './internal/node-upgrade.ts'

/** What connect, polka and similar routers pass as the third argument. It must not run a handler if it gets an error. */
export type NodeNext = (error?: unknown) => unknown

/** A guard for `node:http`, and for connect, polka and similar routers. */
export interface NodeGuard<Token> {
  /**
   * The token of a permitted request. For any other it responds and returns `undefined`; then there is nothing left to do.
   * It rejects only with `errors: 'forward'`: with the error, instead of a response.
   */
  (request: IncomingMessage, response: ServerResponse): Promise<Token | undefined>
  /**
   * The same as middleware: calls `next()` if the request is permitted, and responds otherwise. With `errors: 'forward'`,
   * and for errors of the application, it calls `next(error)`. It never rejects.
   */
  (request: IncomingMessage, response: ServerResponse, next: NodeNext): Promise<void>
}

/** A resource server for Node's own HTTP server. */
export interface NodeResourceServer<Scope extends string = string, Claims = JwtClaims>
  extends BoundResourceServer<
    Scope,
    Claims,
    IncomingMessage,
    NodeGuard<AccessToken<Claims, Scope>>,
    // `null` is a permitted request without a token, since `undefined` means that the response is written.
    NodeGuard<AccessToken<Claims, Scope> | null>,
    NodeEndpoint
  > {
  /**
   * For the `upgrade` event, as of WebSockets: the token of a permitted request. For any other it responds, whatever
   * `errors` is, closes the connection and returns `undefined`. It never rejects.
   */
  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    ...guards: readonly GuardLike<Scope, IncomingMessage, Claims>[]
  ): Promise<AccessToken<Claims, Scope> | undefined>
}

/** Serves the metadata document, or another endpoint. Without `next`, it resolves to whether it has responded. It never rejects. */
export type NodeEndpoint = (request: IncomingMessage, response: ServerResponse, next?: NodeNext) => Promise<boolean>

/**
 * Binds a resource server to `node:http`, and to what is built on its requests and responses.
 *
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function resourceServer<const Scope extends string = string, Claims = JwtClaims>(
  given: ResourceServerInput<Scope, Claims, IncomingMessage>,
): NodeResourceServer<Scope, Claims> {
  const server = toServer(given)
  type Token = AccessToken<Claims, Scope>
  type DecideNode = Decide<Scope, Claims, IncomingMessage>

  /** The token, or an error to hand on; `undefined` if there is nothing left to do. */
  async function check(request: IncomingMessage, response: ServerResponse, decide: DecideNode, hasNext: boolean) {
    try {
      if (typeof response.setHeader !== 'function') throw new TypeError(MISMOUNTED)
      const decision = await decide(new NodeRequest(request, request))
      if (response.writableEnded) return undefined // something else has responded meanwhile
      if (decision.allowed)
        return setHeaders(response, decision.headers) ? { token: decision.token ?? null } : undefined
      if (isFinished(response)) return undefined
      if (server.errors === 'forward' || response.headersSent) {
        // Without `next`, the caller gets the error, and may know another way to authenticate.
        const canHandOn = !hasNext || setHeaders(response, headersOfError(decision))
        return canHandOn ? { error: decision.toError() } : undefined
      }
      writeResponse(response, decision.response)
      return undefined
    } catch (thrown) {
      return { error: thrown }
    }
  }

  const guard = <T extends Token | null>(decide: DecideNode): NodeGuard<T> =>
    (async (request: IncomingMessage, response: ServerResponse, next?: NodeNext) => {
      const outcome = await check(request, response, decide, next !== undefined)
      if (!outcome) return undefined
      if ('error' in outcome) return handOn(outcome.error, response, next)
      return next ? proceed(response, next) : outcome.token
    }) as NodeGuard<T>

  async function handOn(error: unknown, response: ServerResponse, next: NodeNext | undefined): Promise<void> {
    if (!next && server.errors === 'forward' && !isFinished(response)) throw error
    // Error handlers write to the response, and a complete one would emit an error for that.
    if (!next || isFinished(response)) respondToError(response, error)
    else await proceed(response, next, error)
  }

  async function decideUpgrade(
    request: IncomingMessage,
    guards: readonly GuardLike<Scope, IncomingMessage, Claims>[],
  ): Promise<Decision<Claims, Scope>> {
    return server.decide(new NodeRequest(request, request), server.guards(...guards))
  }

  return {
    ...bind(server, {
      protect: guard<Token>,
      optionalAuth: guard<Token | null>,
      endpoint:
        (endpoint): NodeEndpoint =>
        async (request, response, next) => {
          try {
            if (await serveEndpoint(endpoint, request, response)) return true
          } catch (thrown) {
            respondToError(response, thrown)
            return true
          }
          if (next) await proceed(response, next)
          return false
        },
    }),
    async upgrade(request, socket, ...guards) {
      try {
        const decision = await withErrorListener(socket, () => decideUpgrade(request, guards))
        if (decision.allowed) return socket.destroyed ? undefined : decision.token
        refuseUpgrade(socket, decision.response)
      } catch (thrown) {
        logError(thrown)
        refuseUpgrade(socket, INTERNAL_SERVER_ERROR)
      }
      return undefined
    },
  }
}

/** What comes next may throw, or reject, where no framework catches that. */
async function proceed(response: ServerResponse, next: NodeNext, ...error: readonly unknown[]): Promise<void> {
  try {
    await next(...error)
  } catch (thrown) {
    respondToError(response, thrown)
  }
}

const MISMOUNTED =
  'bearward: a guard takes (request, response, next?); for the upgrade event, use upgrade(request, socket)'
