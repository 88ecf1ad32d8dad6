import type { AccessToken, BearwardError, HttpResponse, JwtClaims } from 'bearward'
import type { Context, DefaultContext, Middleware, ParameterizedContext } from 'koa'
import { type BoundResourceServer, bind, type Decide, type ResourceServerInput, toServer } from './internal/bind.ts'
import { headersOfError } from './internal/headers-of-error.ts'
import { contentOf } from './internal/node-content.ts'
import { NodeRequest } from './internal/node-request.ts'
import { writeOrClose } from './internal/node-response.ts'

/** What is in `ctx.state` behind a guard. */
export interface KoaState<Token> {
  accessToken: Token
}

/** Middleware of Koa. It types `ctx.state.accessToken` for what is mounted behind it. */
export type KoaMiddleware<Token> = Middleware<KoaState<Token>, DefaultContext>

/** A resource server bound to Koa 3. */
export type KoaResourceServer<Scope extends string = string, Claims = JwtClaims> = BoundResourceServer<
  Scope,
  Claims,
  Context,
  KoaMiddleware<AccessToken<Claims, Scope>>,
  KoaMiddleware<AccessToken<Claims, Scope> | undefined>,
  Middleware
>

/**
 * Binds a resource server to Koa.
 *
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function resourceServer<const Scope extends string = string, Claims = JwtClaims>(
  given: ResourceServerInput<Scope, Claims, Context>,
): KoaResourceServer<Scope, Claims> {
  const server = toServer(given)
  type Token = AccessToken<Claims, Scope>

  const middleware =
    <T extends Token | undefined>(decide: Decide<Scope, Claims, Context>): KoaMiddleware<T> =>
    async (context, next) => {
      const state: Partial<KoaState<T>> = context.state
      // A token that an earlier guard has permitted, until this one permits it as well.
      delete state.accessToken
      const decision = await decide(new KoaRequest(context, context.req))
      if (context.res.writableEnded) return // something else has responded meanwhile
      if (!decision.allowed) {
        if (server.errors === 'respond' && !context.headerSent) return writeResponse(context, decision.response)
        if (!context.headerSent) context.set(headersOfError(decision))
        throw withOwnHeaders(decision.toError())
      }
      state.accessToken = decision.token as T
      const { headers } = decision
      if (!headers || writeOrClose(context.res, () => context.set(headers))) await next()
    }

  return bind(server, {
    protect: middleware<Token>,
    optionalAuth: middleware<Token | undefined>,
    endpoint:
      (endpoint): Middleware =>
      async (context, next) => {
        const content = contentOf(context.req, (context.request as { body?: unknown }).body)
        const { method, target } = new KoaRequest(context, context.req)
        const document = await endpoint.respond(method, target, content)
        if (document) writeResponse(context, document)
        else if (!context.res.writableEnded) await next()
      },
  })
}

class KoaRequest extends NodeRequest<Context> {
  /** What a body parser has made of the body: `ctx.body` is that of the response. */
  override form(): Record<string, unknown> | undefined {
    return (this.native.request as { body?: Record<string, unknown> }).body
  }
}

/**
 * For a thrown error, Koa removes all headers and sends those of the error. So middleware that needs its own there, such as
 * `@koa/cors`, assigns to `error.headers`.
 */
function withOwnHeaders(error: BearwardError): BearwardError {
  return Object.defineProperty(error, 'headers', { value: { ...error.headers }, writable: true })
}

/** The body as bytes, because Koa would add a charset to the media type of a text. */
function writeResponse(context: ParameterizedContext, { status, headers, body }: HttpResponse): void {
  writeOrClose(context.res, () => {
    context.status = status
    context.set(headers)
    // Koa then sends nothing, and what would have sent something is behind the guard.
    if (context.respond === false) context.res.end(context.method === 'HEAD' ? '' : body)
    else context.body = status === 204 ? null : Buffer.from(body)
  })
}
