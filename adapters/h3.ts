import type { Decision, Endpoint, FormBody, HttpResponse, JwtClaims, Refused } from 'bearward'
import type { H3Event } from 'h3'
import { type BoundResourceServer, bind, type Decide, type ResourceServerInput, toServer } from './internal/bind.ts'
import { contentOfV1, H3v1Request, isV1, refuseV1, stopV1 } from './internal/h3-v1.ts'
import { headersOfError } from './internal/headers-of-error.ts'
import { serveEndpoint } from './internal/node-endpoint.ts'
import type { NodeMessage } from './internal/node-message.ts'
import { setHeaders } from './internal/node-response.ts'
import { NodeWebRequest } from './internal/node-web-request.ts'
import { formOf, readUnused, respondTo, toResponse } from './internal/web.ts'

/** What middleware of h3 2 calls to continue. */
export type H3Next = () => unknown

/** A guard of h3 1.15 and 2. */
export interface H3Guard {
  /** Middleware: `app.use(guard)`; on h3 2 also for one route, `app.get(path, handler, { middleware: [guard] })`. */
  (event: H3Event, next: H3Next): Promise<unknown>
  /**
   * Wraps a handler, which runs only if the request is permitted: on h3 1 the way to guard one route.
   *
   * @throws {TypeError} if it is mounted where it can neither continue nor respond
   */
  <Event extends H3Event, Result>(handler: (event: Event) => Result): (event: Event) => Promise<Awaited<Result>>
}

/** Serves an endpoint: a handler, and middleware that continues if the request is for something else. */
export type H3Endpoint = (event: H3Event, next?: H3Next) => Promise<unknown>

/** A resource server bound to h3, and so to Nitro and Nuxt. */
export type H3ResourceServer<Scope extends string = string, Claims = JwtClaims> = BoundResourceServer<
  Scope,
  Claims,
  H3Event,
  H3Guard,
  H3Guard,
  H3Endpoint
>

/**
 * Binds a resource server to h3 1.15 or 2.
 *
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function resourceServer<const Scope extends string = string, Claims = JwtClaims>(
  given: ResourceServerInput<Scope, Claims, H3Event>,
): H3ResourceServer<Scope, Claims> {
  const server = toServer(given)

  function guard(decide: Decide<Scope, Claims, H3Event>): H3Guard {
    async function protect(event: H3Event, proceed: () => unknown): Promise<unknown> {
      const view = isV1(event) ? new H3v1Request(event) : new H3Request(event, event.req)
      const decision: Decision<Claims, Scope> = await decide(view as H3Request)
      if (!decision.allowed) return refuse(event, decision)
      if (isV1(event)) {
        const { res } = event.node
        if (res.writableEnded) return undefined // something else has responded meanwhile
        if (!setHeaders(res, decision.headers)) stopV1(res, 500)
      } else if (decision.headers) prepareHeaders(event, decision.headers)
      return proceed()
    }

    // Two parameters, because h3 2 counts them to recognize middleware.
    return ((given: H3Event | ((event: H3Event) => unknown), next?: H3Next) => {
      if (typeof given === 'function') return (event: H3Event) => protect(event, () => given(event))
      if (isV1(given)) return protect(given, () => undefined)
      if (typeof next !== 'function') throw new TypeError(MISMOUNTED)
      return protect(given, next)
    }) as H3Guard
  }

  function refuse(event: H3Event, refused: Refused): Response {
    if (server.errors === 'respond') {
      if (isV1(event)) refuseV1(event, refused.response)
      return toResponse(refused.response)
    }
    if (isV1(event)) setHeaders(event.node.res, headersOfError(refused))
    throw refused.toError()
  }

  return bind(server, { protect: guard, optionalAuth: guard, endpoint })
}

const endpoint =
  (endpoint: Endpoint): H3Endpoint =>
  async (event, next) => {
    if (isV1(event)) {
      const { req, res } = event.node
      const hasResponded = await serveEndpoint(endpoint, req, res, contentOfV1(event))
      if (hasResponded && res.destroyed) stopV1(res, 500)
      return undefined
    }
    const response = await respondTo(endpoint, event.req, (limit) => readUnused(event.req, limit))
    if (response) return response
    return next ? next() : new Response(null, { status: 404 })
  }

/** h3 2 keeps the headers of responses with an error apart, except in early versions. */
function prepareHeaders({ res }: H3Event, headers: HttpResponse['headers']): void {
  for (const [name, value] of Object.entries(headers)) {
    res.headers.set(name, value)
    ;(res as { errHeaders?: Headers }).errHeaders?.set(name, value)
  }
}

const MISMOUNTED =
  'bearward: mount a guard as middleware, app.use(requireScope("read")) or app.get(path, handler, { middleware: ' +
  '[requireScope("read")] }); or wrap a handler, requireScope("read")(handler)'

class H3Request extends NodeWebRequest<H3Event> {
  form(limit: number): Promise<FormBody> {
    return formOf(readUnused(this.request, limit))
  }

  protected get message(): NodeMessage | undefined {
    return this.native.runtime?.node?.req
  }
}
