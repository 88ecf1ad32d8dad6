import {
  type AccessToken,
  BearwardError,
  type GuardLike,
  type HttpResponse,
  type JwtClaims,
  type Peer,
  type ResourceRequest,
} from 'bearward'
import type { Context, MiddlewareHandler, Next } from 'hono'
import {
  type BoundResourceServer,
  type ResourceServerInput,
  scopeShorthands,
  tokenOf,
  toServer,
} from './internal/bind.ts'
import { middlewareOf } from './internal/middleware.ts'
import { fieldLines, type NodeMessage, peerAddress, peerCertificate } from './internal/node-message.ts'

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
  given: ResourceServerInput<Scope, Claims>,
): HonoResourceServer<Scope, Claims> {
  const server = toServer(given)
  type Token = AccessToken<Claims, Scope>

  function middleware<T extends Token | undefined>(
    mode: 'authenticate' | 'optionalAuth',
    guards: readonly GuardLike<Scope, Context, Claims>[],
  ): HonoMiddleware<T> {
    const checked = server.guards(...guards)
    // Not an async function: a decision that is at hand goes on to the handler in the same turn.
    return middlewareOf(
      (context: Context) => server[mode](new HonoRequest(context), checked),
      (token, context, next: Next) => {
        context.set('accessToken', token as T)
        const headers = server.responseHeaders(context)
        return headers ? next().then(() => setFields(context, headers)) : next()
      },
      (thrown): ReturnType<MiddlewareHandler> => {
        if (!(thrown instanceof BearwardError) || server.errors === 'forward') throw thrown
        return Promise.resolve(toResponse(server.respond(thrown)))
      },
    )
  }

  const protect = (...guards: readonly GuardLike<Scope, Context, Claims>[]) => middleware<Token>('authenticate', guards)
  return {
    protect,
    optionalAuth: (...guards) => middleware('optionalAuth', guards),
    ...scopeShorthands<Scope, HonoMiddleware<Token>>(protect),
    accessToken: (context) => tokenOf(server, context),
    maybeAccessToken: (context) => server.tokenOf(context),
    metadata: () => async (context, next) => {
      const { pathname, search } = new URL(context.req.url)
      const response = server.metadata.respond(context.req.method, pathname + search)
      return response ? toResponse(await response) : next()
    },
    server,
  }
}

/** A view of a request on any runtime. A class, so that the methods are shared; what the core does not ask for is not looked at. */
class HonoRequest implements ResourceRequest<Context> {
  readonly native: Context

  constructor(context: Context) {
    this.native = context
  }

  get method(): string {
    return this.native.req.method
  }

  get target(): string {
    return this.native.req.url
  }

  get authorization(): readonly string[] {
    return this.headers('authorization')
  }

  get contentType(): string | undefined {
    return this.native.req.raw.headers.get('content-type') ?? undefined
  }

  form(limit: number): Promise<string> {
    return readForm(this.native, limit)
  }

  headers(name: string): readonly string[] {
    return fieldLines(name, this.native.req.raw.headers.get(name), messageOf(this.native))
  }

  certificate(): Uint8Array | undefined {
    return peerCertificate(messageOf(this.native))
  }

  peer(): Peer {
    return { address: peerAddress(messageOf(this.native)) }
  }
}

/** On Node the adapter of Hono shows the request it came from, where two field lines can still be told apart. */
const messageOf = (context: Context): NodeMessage | undefined =>
  (context.env as { incoming?: NodeMessage } | undefined)?.incoming

/**
 * The body as text, at most a little more than the limit of it: nobody has been authenticated yet. A copy is read, so
 * that the handler still has the body.
 */
async function readForm(context: Context, limit: number): Promise<string> {
  if (context.req.raw.bodyUsed) return rememberedForm(context) // earlier middleware has read it
  const reader = context.req.raw.clone().body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  while (reader && text.length <= limit) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    text += decoder.decode(value, { stream: true })
  }
  reader?.cancel().catch(() => undefined) // not waited for: it ends only when the handler's half ends as well
  return text
}

/** What Hono remembers of the body, as text again. A form that was read as such would come back as multipart. */
async function rememberedForm({ req }: Context): Promise<string> {
  const form = await req.bodyCache.formData
  if (!form) return req.text()
  const texts = [...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return new URLSearchParams(texts).toString()
}

/** Behind the handler, since a response that it makes by itself would not have what was set before. */
function setFields(context: Context, headers: HttpResponse['headers']): void {
  for (const [name, value] of Object.entries(headers)) context.header(name, value)
}

const toResponse = ({ status, headers, body }: HttpResponse): Response =>
  new Response(body === '' ? null : body, { status, headers: { ...headers } })
