import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { AccessToken, Decision, Endpoint, HttpResponse, JwtClaims } from 'bearward'
import type { FastifyRequest, FastifySchema, HookHandlerDoneFunction, HTTPMethods } from 'fastify'
import { type BoundResourceServer, bind, type Decide, type ResourceServerInput, toServer } from './internal/bind.ts'
import { ENDPOINT, marked, markedWhenBound } from './internal/mounted.ts'
import { contentOf } from './internal/node-content.ts'
import { NodeRequest } from './internal/node-request.ts'
import { writeOrClose } from './internal/node-response.ts'

/** What is read of a request, whatever the server (HTTP/1.1 or HTTP/2), its logger, and the types of its routes. */
export interface AnyFastifyRequest {
  readonly raw: IncomingMessage | Http2ServerRequest
  readonly method: string
  readonly originalUrl: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
  readonly routeOptions: { readonly config: object }
}

/** What is used of a reply, whatever the server and the types of its routes. */
export interface AnyFastifyReply {
  readonly raw: { readonly headersSent: boolean; destroy(): unknown }
  readonly log: { error(thrown: unknown): void }
  readonly sent: boolean
  code(status: number): unknown
  headers(values: Record<string, string>): unknown
  send(payload?: unknown): unknown
  hijack(): unknown
  callNotFound(): void
  then(fulfilled: () => void, rejected: (error: Error) => void): void
}

/** A guard of Fastify. */
export interface FastifyGuard<Token> {
  /** The hook for `onRequest`, `preValidation` or `preHandler`, on a route or with `app.addHook`. */
  (request: AnyFastifyRequest, reply: AnyFastifyReply, done: HookHandlerDoneFunction): void
  /**
   * In an async hook of yours: the token of a permitted request. For any other it responds, and resolves to `undefined`
   * when the response has been sent; then Fastify runs no handler.
   *
   * @throws {BearwardError} if the request is refused, with `errors: 'forward'`
   * @throws {Error} errors of the application
   */
  check(request: AnyFastifyRequest, reply: AnyFastifyReply): Promise<Token | undefined>
}

/** A route without its URL, unless the endpoint has one: `app.route({ url: '/logout', ...endpoint(e) })`. */
export interface FastifyEndpoint {
  readonly method: HTTPMethods[]
  readonly url?: string
  readonly schema: FastifySchema
  readonly config: object
  onRequest(request: AnyFastifyRequest, reply: AnyFastifyReply): Promise<unknown>
  handler(request: AnyFastifyRequest, reply: AnyFastifyReply): void
}

/** The route of the metadata document. */
export type FastifyMetadata = FastifyEndpoint & { readonly url: string }

/** A resource server bound to Fastify 5. */
export type FastifyResourceServer<Scope extends string = string, Claims = JwtClaims> = BoundResourceServer<
  Scope,
  Claims,
  FastifyRequest,
  FastifyGuard<AccessToken<Claims, Scope>>,
  // `null` is a permitted request without a token, since `undefined` means that the response is sent.
  FastifyGuard<AccessToken<Claims, Scope> | null>,
  FastifyMetadata,
  FastifyEndpoint,
  AnyFastifyRequest
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
  type Token = AccessToken<Claims, Scope>

  function guard<T extends Token | null>(decide: Decide<Scope, Claims, FastifyRequest>): FastifyGuard<T> {
    // The requests of HTTP/2 have what is read of those of HTTP/1.1.
    const decisionOf = (request: AnyFastifyRequest) =>
      decide(new NodeRequest(request as FastifyRequest, request.raw as IncomingMessage))

    function hook(request: AnyFastifyRequest, reply: AnyFastifyReply, done: HookHandlerDoneFunction): void {
      // Called directly, or mounted where the arguments differ, it could not stop the request.
      if (typeof done !== 'function' || reply.sent) throw new TypeError(MISMOUNTED)
      const respond = ownRespond(request)
      if (respond) return void respond(request, reply).catch(done)
      const decision = decisionOf(request)
      if (!('then' in decision)) apply(decision, reply, done)
      else
        decision.then(
          (resolved) => apply(resolved, reply, done),
          (thrown) => {
            if (hasResponded(reply)) reply.log.error(thrown)
            else done(thrown)
          },
        )
    }

    async function check(request: AnyFastifyRequest, reply: AnyFastifyReply): Promise<T | undefined> {
      const respond = ownRespond(request)
      if (respond) return respond(request, reply)
      const decision = await decisionOf(request)
      if (hasResponded(reply)) return untilSent(reply)
      if (decision.allowed) {
        if (decision.headers) reply.headers(decision.headers)
        return (decision.token ?? null) as T
      }
      if (server.errors === 'forward') throw decision.toError()
      send(reply, decision.response)
      return untilSent(reply)
    }
    return markedWhenBound(Object.assign(hook, { check }))
  }

  function apply(decision: Decision, reply: AnyFastifyReply, done: HookHandlerDoneFunction): void {
    if (hasResponded(reply)) return // something else, meanwhile
    if (decision.allowed) {
      if (decision.headers) reply.headers(decision.headers)
      done()
    } else if (server.errors === 'forward') done(decision.toError())
    else send(reply, decision.response)
  }

  const bound = bind(server, { protect: guard<Token>, optionalAuth: guard<Token | null>, endpoint: route })
  return {
    ...bound,
    metadata: () => ({
      ...bound.endpoint(server.metadata),
      url: routeOf(server.metadata.path),
      method: ['GET', 'HEAD', 'OPTIONS'],
    }),
  }
}

function route(endpoint: Endpoint): FastifyEndpoint {
  const respond: Respond = async (request, reply) => {
    const content = contentOf(request.raw as IncomingMessage, request.body)
    const response = await endpoint.respond(request.method, request.originalUrl, content)
    if (!hasResponded(reply)) {
      if (response) send(reply, response)
      // Of a resource with a query, the same path with another one is no document.
      else reply.callNotFound()
    }
    return untilSent(reply)
  }
  return {
    method: METHODS,
    ...(endpoint.path !== undefined && { url: routeOf(endpoint.path) }),
    schema: HIDDEN,
    config: { [OWN]: respond },
    // Before the body is parsed: Fastify would refuse media types that it has no parser for.
    onRequest: markedWhenBound(marked(respond, ENDPOINT)),
    handler: (_, reply) => reply.callNotFound(),
  }
}

type Respond = (request: AnyFastifyRequest, reply: AnyFastifyReply) => Promise<undefined>

/**
 * Marks the routes of our endpoints, which are public even if a guard is mounted on all routes: the guard then responds
 * itself, so that a route which copies the mark with other hooks or another handler is not public.
 */
const OWN = Symbol.for('bearward.endpoint')

const ownRespond = ({ routeOptions }: AnyFastifyRequest): Respond | undefined =>
  (routeOptions.config as { [OWN]?: Respond } | undefined)?.[OWN]

/** For `@fastify/swagger`: not an operation of this API. */
const HIDDEN = { hide: true } as FastifySchema

const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/**
 * Fastify matches decoded paths, and a colon starts a parameter unless it is doubled. Asterisks, and the escapes that it does not
 * decode, cannot be written in a route, so from there on a wildcard matches. The endpoint compares the whole URL.
 */
function routeOf(path: string): string {
  const end = path.search(NOT_IN_ROUTES)
  const start = decodeURI(end === -1 ? path : path.slice(0, end)).replaceAll(':', '::')
  return end === -1 ? start : `${start}*`
}

/** `*`, and the escapes of `# $ & + , / : ; = ? @`. */
const NOT_IN_ROUTES = /\*|%(?:2[346BCF]|3[ABDF]|40)/i

const MISMOUNTED =
  'bearward: mount the hook itself, as onRequest, preValidation or preHandler; in your own hook, use await protect().check(request, reply)'

/** Sends bytes, because Fastify would add a charset to the media type of a JSON text. */
function send(reply: AnyFastifyReply, { status, headers, body }: HttpResponse): void {
  reply.code(status)
  reply.headers(headers)
  writeOrClose(reply.raw, () => reply.send(status === 204 ? undefined : Buffer.from(body)))
}

const hasResponded = (reply: AnyFastifyReply): boolean => reply.sent || reply.raw.headersSent

/**
 * An async hook must not end earlier: Fastify would continue with the handler. The request of a client that has left must
 * not reach it either.
 */
async function untilSent(reply: AnyFastifyReply): Promise<undefined> {
  await reply
  if (!reply.sent) reply.hijack()
  return undefined
}
