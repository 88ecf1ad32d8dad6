import type { AccessToken, Decision, HttpResponse, JwtClaims, Peer } from 'bearward'
import type { Context, MiddlewareHandler, Next } from 'hono'
import { type BoundResourceServer, bind, type Decide, type ResourceServerInput, toServer } from './internal/bind.ts'
import { fieldLines, type NodeMessage, peerAddress, peerCertificate } from './internal/node-message.ts'
import { readText, respondTo, toResponse, WebRequest } from './internal/web.ts'

/** Types `c.var.accessToken` behind the middleware. */
export type HonoMiddleware<Token> = MiddlewareHandler<{ Variables: { accessToken: Token } }>

/** A resource server bound to Hono 4, on any runtime it runs on. */
export type HonoResourceServer<Scope extends string = string, Claims = JwtClaims> = BoundResourceServer<
  Scope,
  Claims,
  Context,
  HonoMiddleware<AccessToken<Claims, Scope>>,
  HonoMiddleware<AccessToken<Claims, Scope> | undefined>,
  MiddlewareHandler
>

/**
 * Binds a resource server to Hono.
 *
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function resourceServer<const Scope extends string = string, Claims = JwtClaims>(
  input: ResourceServerInput<Scope, Claims, Context>,
): HonoResourceServer<Scope, Claims> {
  const server = toServer(input)
  type Token = AccessToken<Claims, Scope>

  // Not async, so that a cached decision reaches the handler without a promise.
  const middleware =
    <T extends Token | undefined>(decide: Decide<Scope, Claims, Context>): HonoMiddleware<T> =>
    (context, next) => {
      // A token that an earlier guard has permitted, until this one permits it as well.
      if (context.get('accessToken') !== undefined) context.set('accessToken', undefined as T)
      const decision = decide(new HonoRequest(context, context.req.raw))
      return decision instanceof Promise
        ? decision.then((resolved) => apply(resolved, context, next))
        : apply(decision, context, next)
    }

  function apply(decision: Decision<Claims, Scope>, context: Context, next: Next): ReturnType<MiddlewareHandler> {
    if (!decision.allowed) {
      if (server.errors === 'forward') throw decision.toError()
      return Promise.resolve(toResponse(decision.response))
    }
    const { token, headers } = decision
    context.set('accessToken', token)
    return headers ? next().then(() => setHeaders(context, headers)) : next()
  }

  return bind(server, {
    protect: middleware<Token>,
    optionalAuth: middleware<Token | undefined>,
    endpoint:
      (endpoint): MiddlewareHandler =>
      async (context, next) =>
        (await respondTo(endpoint, context.req.raw, (limit) => readBody(context, limit))) ?? next(),
  })
}

class HonoRequest extends WebRequest<Context> {
  form(limit: number): Promise<string> {
    return readBody(this.native, limit)
  }

  override headers(name: string): readonly string[] {
    return fieldLines(name, this.request.headers.get(name), messageOf(this.native))
  }

  certificate(): Uint8Array | undefined {
    return peerCertificate(messageOf(this.native))
  }

  peer(): Peer {
    return { address: peerAddress(messageOf(this.native)) }
  }
}

/** On Node, Hono's adapter exposes the original request, whose `rawHeaders` keep repeated header lines apart. */
const messageOf = (context: Context): NodeMessage | undefined =>
  (context.env as { incoming?: NodeMessage } | undefined)?.incoming

/** What earlier middleware has read is there for the second time only in Hono's cache. */
const readBody = (context: Context, limit: number): Promise<string> =>
  context.req.raw.bodyUsed ? cachedForm(context) : readText(context.req.raw, limit)

/** The body that Hono has cached, as text. Hono would turn a form that was read with `formData()` into multipart. */
async function cachedForm({ req }: Context): Promise<string> {
  const form = await req.bodyCache.formData
  if (!form) return req.text()
  const texts = [...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return new URLSearchParams(texts).toString()
}

/** Called after the handler: headers set earlier would be missing in a `Response` that the handler creates itself. */
function setHeaders(context: Context, headers: HttpResponse['headers']): void {
  for (const [name, value] of Object.entries(headers)) context.header(name, value)
}
