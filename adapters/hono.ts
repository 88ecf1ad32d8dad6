import {
  type AccessToken,
  anyScope,
  type Decision,
  type Endpoint,
  type FormBody,
  type HttpResponse,
  type JwtClaims,
  type ResourceServer,
  type ResourceServerOptions,
  scope,
} from 'bearward'
import type { Context, MiddlewareHandler, Next } from 'hono'
import { type BoundResourceServer, bind, type Decide, type ResourceServerInput, toServer } from './internal/bind.ts'
import { ENDPOINT, guardOf, type Mounted, marked } from './internal/mounted.ts'
import type { NodeMessage } from './internal/node-message.ts'
import { NodeWebRequest } from './internal/node-web-request.ts'
import { serversBy } from './internal/servers.ts'
import { formOf, readText, respondTo, toResponse } from './internal/web.ts'

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

/** A resource server whose options come from `c.env`. */
export interface HonoEnvResourceServer<Scope extends string = string, Claims = JwtClaims>
  extends Omit<HonoResourceServer<Scope, Claims>, 'server'> {
  /** The resource server for this `c.env`: `ready()`, `state()`, `verify()`. */
  server(context: Pick<Context, 'env'>): ResourceServer<Scope, Claims>
}

/**
 * Binds a resource server to Hono.
 *
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function resourceServer<const Scope extends string = string, Claims = JwtClaims>(
  input: ResourceServerInput<Scope, Claims, Context>,
): HonoResourceServer<Scope, Claims>
/**
 * The same with options that depend on `c.env`, as on Workers. The function is called once for each `c.env` object; if
 * a host creates that object for each request, servers are found by equal options. What the function gets is `env` alone,
 * because the result serves other requests as well. Wrong options are errors of each request: 500.
 */
export function resourceServer<
  const Scope extends string = string,
  Claims = JwtClaims,
  Env extends object = Record<string, string>,
>(
  options: (context: { readonly env: Env }) => ResourceServerOptions<Scope, Claims, Context>,
): HonoEnvResourceServer<Scope, Claims>
export function resourceServer<Scope extends string, Claims>(
  input:
    | ResourceServerInput<Scope, Claims, Context>
    | ((context: { readonly env: never }) => ResourceServerOptions<Scope, Claims, Context>),
): HonoResourceServer<Scope, Claims> | HonoEnvResourceServer<Scope, Claims> {
  return typeof input === 'function' ? bindByEnv(input) : bindResourceServer(toServer(input))
}

/**
 * As {@link resourceServer}, for a resource server that exists, such as one of `bearward/jwt-only`: a bundle then contains only
 * what that server consists of.
 */
export function bindResourceServer<Scope extends string = string, Claims = JwtClaims>(
  server: ResourceServer<Scope, Claims>,
): HonoResourceServer<Scope, Claims> {
  type Token = AccessToken<Claims, Scope>

  // Not async, so that a cached decision reaches the handler without a promise.
  const middleware =
    <T extends Token | undefined>(decide: Decide<Scope, Claims, Context>): HonoMiddleware<T> =>
    (context, next) => {
      // A token that an earlier guard has permitted, until this one permits it as well.
      if (context.get('accessToken') !== undefined) context.set('accessToken', undefined as T)
      const decision = decide(new HonoRequest(context, context.req.raw))
      return 'then' in decision
        ? decision.then((resolved) => apply(resolved, context, next))
        : apply(decision, context, next)
    }

  function apply(decision: Decision<Claims, Scope>, context: Context, next: Next): ReturnType<MiddlewareHandler> {
    if (!decision.allowed) {
      if (server.errors === 'forward') throw decision.toError()
      // Hono would prefer those of earlier middleware, such as for caches, where something like cors() has used `c.res`.
      for (const name in decision.response.headers) context.header(name)
      return Promise.resolve(toResponse(decision.response))
    }
    const { token, headers } = decision
    context.set('accessToken', token)
    return headers ? next().then(() => setHeaders(context, headers)) : next()
  }

  return bind(server, { protect: middleware<Token>, optionalAuth: middleware<Token | undefined>, endpoint: mount })
}

const mount =
  (endpoint: Endpoint): MiddlewareHandler =>
  async (context, next) =>
    (await respondTo(endpoint, context.req.raw, (limit) => readBody(context, limit))) ?? next()

function bindByEnv<Scope extends string, Claims>(
  options: (context: { readonly env: never }) => ResourceServerOptions<Scope, Claims, Context>,
): HonoEnvResourceServer<Scope, Claims> {
  type Bound = HonoResourceServer<Scope, Claims>
  const serverOf = serversBy(options)
  const bounds = new WeakMap<ResourceServer<Scope, Claims>, Bound>()
  let servesMetadata = false

  const server = ({ env }: Pick<Context, 'env'>) => serverOf({ env: env as never })

  function boundOf(context: Pick<Context, 'env'>): Bound {
    const own = server(context)
    let bound = bounds.get(own)
    if (!bound) {
      bound = bindResourceServer(own)
      bounds.set(own, bound)
      if (servesMetadata) own.metadata.mounted()
    }
    return bound
  }

  /** Middleware that is created once for each server. */
  function lazily<Token>(mounted: Mounted, create: (bound: Bound) => HonoMiddleware<Token>): HonoMiddleware<Token> {
    const created = new WeakMap<Bound, HonoMiddleware<Token>>()
    const guard: HonoMiddleware<Token> = (context, next) => {
      const bound = boundOf(context)
      const middleware = created.get(bound) ?? create(bound)
      created.set(bound, middleware)
      return middleware(context, next)
    }
    return marked(guard, mounted)
  }

  const protect: Bound['protect'] = (...guards) => lazily(guardOf(guards, false), (bound) => bound.protect(...guards))
  return {
    protect,
    optionalAuth: (...guards) => lazily(guardOf(guards, true), (bound) => bound.optionalAuth(...guards)),
    requireScope: (...scopes) => protect(scope(...scopes)),
    requireAnyScope: (...scopes) => protect(anyScope(...scopes)),
    accessToken: (context) => boundOf(context).accessToken(context),
    maybeAccessToken: (context) => boundOf(context).maybeAccessToken(context),
    metadata() {
      servesMetadata = true
      return marked((context, next) => mount(server(context).metadata)(context, next), ENDPOINT)
    },
    endpoint: (endpoint) => marked(mount(endpoint), ENDPOINT),
    server,
  }
}

class HonoRequest extends NodeWebRequest<Context> {
  form(limit: number): Promise<FormBody> {
    return formOf(readBody(this.native, limit))
  }

  protected get message(): NodeMessage | undefined {
    return (this.native.env as { incoming?: NodeMessage } | undefined)?.incoming
  }
}

/** What earlier middleware has read is there for the second time only in Hono's cache. */
const readBody = (context: Context, limit: number): Promise<string | undefined> =>
  context.req.raw.bodyUsed ? cachedForm(context) : readText(context.req.raw, limit)

/** The body that Hono has cached, as text. Hono would turn a form that was read with `formData()` into multipart. */
async function cachedForm({ req }: Context): Promise<string> {
  const form = await req.bodyCache.formData
  if (!form) return req.text()
  const texts = [...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return new URLSearchParams(texts).toString()
}

/**
 * Called after the handler: headers set earlier would be missing in a `Response` that the handler creates itself. Hono copies
 * it, and the response to an upgrade cannot be copied.
 */
function setHeaders(context: Context, headers: HttpResponse['headers']): void {
  if (context.res.status < 200) return
  for (const name in headers) context.header(name, headers[name])
}
