import type { AccessToken, FormBody, HttpResponse, JwtClaims, ResourceServer } from 'bearward'
import { type BoundResourceServer, bind, type Decide, type ResourceServerInput, toServer } from './internal/bind.ts'
import { formOf, readUnused, respondTo, toResponse, WebRequest } from './internal/web.ts'

/** A handler, whatever its host passes besides the request: parameters of the route, an environment, a context. */
export type FetchHandler<R extends Request = Request, Rest extends readonly unknown[] = readonly []> = (
  request: R,
  ...rest: Rest
) => Response | Promise<Response>

type ResponseHeaders = HttpResponse['headers'] | undefined

/** A guard of `fetch` handlers. */
export interface FetchGuard<Token> {
  /**
   * Wraps a handler, which runs only if the request is permitted.
   *
   * @throws {TypeError} if there is no handler to wrap
   */
  <R extends Request, Rest extends readonly unknown[]>(
    handler: FetchHandler<R, Rest>,
  ): (request: R, ...rest: Rest) => Promise<Response>
  /**
   * The token of a permitted request, or else the response to return: one of the global class `Response`, not of a class that a
   * package exports by this name, to which `instanceof` would not find it. Headers for the response of a permitted request,
   * such as a `DPoP-Nonce`, are in `server.responseHeaders(request)`.
   *
   * @throws {BearwardError} if the request is refused, with `errors: 'forward'`
   * @throws {Error} errors of the application
   */
  check(request: Request): Promise<Token | Response>
}

/** A resource server for everything that handles a `Request`. */
export type FetchResourceServer<Scope extends string = string, Claims = JwtClaims> = BoundResourceServer<
  Scope,
  Claims,
  Request,
  FetchGuard<AccessToken<Claims, Scope>>,
  FetchGuard<AccessToken<Claims, Scope> | undefined>,
  (request: Request) => Promise<Response | undefined>
>

/**
 * Binds a resource server to handlers of the Fetch API: Next.js, SvelteKit, Astro, React Router, Bun, Deno, Workers.
 *
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function resourceServer<const Scope extends string = string, Claims = JwtClaims>(
  input: ResourceServerInput<Scope, Claims, Request>,
): FetchResourceServer<Scope, Claims> {
  return bindResourceServer(toServer(input))
}

/**
 * As {@link resourceServer}, for a resource server that exists, such as one of `bearward/jwt-only`: a bundle then contains only
 * what that server consists of.
 */
export function bindResourceServer<Scope extends string = string, Claims = JwtClaims>(
  server: ResourceServer<Scope, Claims>,
): FetchResourceServer<Scope, Claims> {
  type Token = AccessToken<Claims, Scope>

  function guard<T extends Token | undefined>(decide: Decide<Scope, Claims, Request>): FetchGuard<T> {
    async function refusalOr<U>(request: Request, handle: (token: T, headers: ResponseHeaders) => U | Promise<U>) {
      const decision = await decide(new FetchRequest(request, request))
      if (decision.allowed) return handle(decision.token as T, decision.headers)
      if (server.errors === 'forward') throw decision.toError()
      return toResponse(decision.response)
    }

    function wrap<R extends Request, Rest extends readonly unknown[]>(handler: FetchHandler<R, Rest>) {
      if (typeof handler !== 'function') throw new TypeError(NO_HANDLER)
      return (request: R, ...rest: Rest): Promise<Response> =>
        refusalOr(request, async (_, headers) => withHeaders(await handler(request, ...rest), headers))
    }
    return Object.assign(wrap, { check: (request: Request) => refusalOr(request, (token) => token) })
  }

  return bind(server, {
    protect: guard<Token>,
    optionalAuth: guard<Token | undefined>,
    endpoint: (endpoint) => (request: Request) => respondTo(endpoint, request, (limit) => readUnused(request, limit)),
  })
}

const NO_HANDLER =
  'bearward: a guard wraps a handler, as in requireScope("read")(handler); to check a request, use requireScope("read").check(request)'

class FetchRequest extends WebRequest<Request> {
  form(limit: number): Promise<FormBody> {
    return formOf(readUnused(this.native, limit))
  }
}

/**
 * In a copy, because the headers of a response may be immutable, or the response may be one that the handler returns to
 * several requests. The response to an upgrade cannot be copied.
 */
function withHeaders(response: Response, headers: ResponseHeaders): Response {
  if (!headers || response.status < 200) return response
  const copy = new Response(response.body, response)
  for (const name in headers) copy.headers.set(name, headers[name] as string)
  return copy
}
