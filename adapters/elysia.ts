import {
  type AccessToken,
  ConfigurationError,
  type Endpoint,
  type FormBody,
  type GuardLike,
  type JwtClaims,
  type RequestBody,
} from 'bearward'
import { type Context, Elysia } from 'elysia'
import { type BoundResourceServer, bind, type Decide, type ResourceServerInput, toServer } from './internal/bind.ts'
import { formOf, readUnused, respondTo, WebRequest } from './internal/web.ts'

/** A guard: the option `beforeHandle` of a route, of `guard()`, or of an instance. */
export type ElysiaGuard = (context: Context) => Promise<void>

/** A handler: `app.all('/logout', endpoint(e))`. */
export type ElysiaEndpoint = (context: Context) => Promise<Response>

/** What `true` or a list of guards in the options of a route require. */
type Required<Scope extends string, Claims> = true | readonly GuardLike<Scope, Context, Claims>[]

/** A resource server bound to Elysia 1.4. */
export interface ElysiaResourceServer<Scope extends string = string, Claims = JwtClaims>
  extends BoundResourceServer<Scope, Claims, Context, ElysiaGuard, ElysiaGuard, ElysiaMetadata, ElysiaEndpoint> {
  /**
   * A plugin that serves the metadata, and adds options to routes: `requireScope: ['a']`, `requireAnyScope: ['a', 'b']`,
   * `protect: true`, `optionalAuth: true`, the last two also with a list of guards. They add `accessToken` to the context.
   */
  plugin(): ElysiaPlugin<Scope, Claims>
}

/** What `metadata()` returns: `app.use(metadata())`. */
export type ElysiaMetadata = ReturnType<typeof metadataOf>

/** What `plugin()` returns: `app.use(plugin())`. */
export type ElysiaPlugin<Scope extends string, Claims> = ReturnType<typeof pluginOf<Scope, Claims>>

type Bound<Scope extends string, Claims> = Pick<
  ElysiaResourceServer<Scope, Claims>,
  'protect' | 'optionalAuth' | 'requireScope' | 'requireAnyScope' | 'metadata' | 'accessToken' | 'maybeAccessToken'
>

/**
 * Binds a resource server to Elysia.
 *
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function resourceServer<const Scope extends string = string, Claims = JwtClaims>(
  given: ResourceServerInput<Scope, Claims, Context>,
): ElysiaResourceServer<Scope, Claims> {
  const server = toServer(given)

  async function check(decide: Decide<Scope, Claims, Context>, context: Context): Promise<void> {
    const decision = await decide(new ElysiaRequest(context, context.request))
    // Hooks such as `transform` ignore what is returned, and then the handler would run. Elysia sends `toResponse()`.
    if (!decision.allowed) throw decision.toError()
    Object.assign(context.set.headers, decision.headers)
  }

  const guard = (decide: Decide<Scope, Claims, Context>): ElysiaGuard => observed((context) => check(decide, context))

  const bound = {
    ...bind(server, { protect: guard, optionalAuth: guard, endpoint }),
    metadata: () => metadataOf(server.metadata),
  }
  return { ...bound, plugin: () => pluginOf(bound) }
}

/** Named, because compilers would write the 100 lines of `Context` into our declarations for each option of the plugin. */
type Hook<T> = (context: Context) => T

/**
 * Elysia reads the text of a hook to learn what it uses. It must see `set`, for the headers, and `query`, for guard functions;
 * but if it saw the context passed on, it would parse the body of each request before the guard runs.
 */
function observed<T>(hook: Hook<T>): Hook<T> {
  return function (context) {
    void context.set
    void context.query
    // biome-ignore lint/complexity/noArguments: see above
    return hook(arguments[0])
  }
}

function endpoint(endpoint: Endpoint): ElysiaEndpoint {
  return observed(async (context) => {
    const response = await respondTo(endpoint, context.request, (limit) => bodyOf(context, limit))
    return response ?? new Response(null, { status: 404 })
  })
}

/** Before routing, because routes of Elysia match patterns, and the document is at one exact URL (RFC 9728 §3.1). */
const metadataOf = (metadata: Endpoint) =>
  new Elysia({ name: 'bearward-metadata', seed: metadata.path }).onRequest(async ({ request }) => {
    try {
      return await respondTo(metadata, request, (limit) => readUnused(request, limit))
    } catch (thrown) {
      // Before routing, Elysia responds with 200 to an error without a status.
      throw Object.assign(new Error('bearward: the metadata cannot be served', { cause: thrown }), { status: 500 })
    }
  })

const pluginOf = <Scope extends string, Claims>(bound: Bound<Scope, Claims>) =>
  new Elysia({ name: 'bearward', seed: bound }).use(bound.metadata()).macro({
    requireScope: (scopes: readonly [Scope, ...Scope[]]) => ({
      resolve: tokenAfter(bound, bound.requireScope(...listIn('requireScope', scopes))),
      introspect: putFalsyLast,
    }),
    requireAnyScope: (scopes: readonly [Scope, ...Scope[]]) => ({
      resolve: tokenAfter(bound, bound.requireAnyScope(...listIn('requireAnyScope', scopes))),
      introspect: putFalsyLast,
    }),
    protect: (guards: Required<Scope, Claims>) => ({
      resolve: tokenAfter(bound, bound.protect(...(guards === true ? [] : listIn('protect', guards)))),
      introspect: putFalsyLast,
    }),
    optionalAuth: (guards: Required<Scope, Claims>) => {
      const guard = bound.optionalAuth(...(guards === true ? [] : listIn('optionalAuth', guards)))
      return {
        resolve: observed(async (context) => {
          await guard(context)
          return { accessToken: bound.maybeAccessToken(context) }
        }),
        introspect: putFalsyLast,
      }
    },
  })

/** Elsewhere in Elysia, `false` turns an option off. Here that would be a route without a guard that looks like one with it. */
function listIn<List extends readonly unknown[]>(option: string, value: List): List {
  if (Array.isArray(value)) return value
  throw new ConfigurationError(
    option,
    'must be a list, or true for protect and optionalAuth; leave it out for an open route',
  )
}

/** Elysia 1.4 drops every hook of a route, guards as well, if its first option is falsy: `{ cache: false, … }`. */
function putFalsyLast(options: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value) continue
    delete options[name]
    options[name] = value
  }
}

const tokenAfter = <Scope extends string, Claims>(bound: Bound<Scope, Claims>, guard: ElysiaGuard) =>
  observed(async (context): Promise<{ accessToken: AccessToken<Claims, Scope> }> => {
    await guard(context)
    return { accessToken: bound.accessToken(context) }
  })

class ElysiaRequest extends WebRequest<Context> {
  form(limit: number): Promise<FormBody> {
    const body = bodyOf(this.native, limit) as Promise<FormBody>
    return this.request.bodyUsed ? body : formOf(body)
  }
}

/** What Elysia has parsed, if the handler uses `body`; otherwise a copy is read. */
async function bodyOf(context: Context, limit: number): Promise<RequestBody> {
  return context.request.bodyUsed ? (context.body as RequestBody) : readUnused(context.request, limit)
}
