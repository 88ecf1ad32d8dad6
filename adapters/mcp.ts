import { type AccessToken, BearwardError, ConfigurationError, type JwtClaims, type ResourceServer } from 'bearward'
import { type ResourceServerInput, toServer } from './internal/bind.ts'

/**
 * What the MCP SDK hands to tools: its `AuthInfo`, of both generations.
 */
export interface McpAuthInfo {
  /** The token itself. Logs, JSON and copies of this object do not hold it. */
  readonly token: string
  /** `client_id`, or `azp`; empty where the token names no client. */
  readonly clientId: string
  /** The scopes of the token, and those that they include. */
  readonly scopes: string[]
  /** `exp`, in seconds since the epoch; the SDK's own middleware refuses tokens without. */
  readonly expiresAt?: number
  /** Our identifier (RFC 8707), where the audience of the token names it. */
  readonly resource?: URL
  /** Where the challenges of the SDK, such as those of `requireScopes()`, send clients to (RFC 9728 §5.1). */
  readonly resourceMetadataUrl: string
  readonly extra: McpExtra
}

/** What bearward knows beside. */
export type McpExtra = Record<string, unknown> & {
  /** The configured issuer the token comes from. */
  readonly issuer: string
  /** `sub`; a client that acts on its own behalf may have none. Only with the issuer it says who that is. */
  readonly subject: string | undefined
  /** Every claim, frozen. */
  readonly claims: unknown
}

class AuthInfo implements McpAuthInfo {
  readonly clientId: string
  readonly scopes: string[]
  readonly expiresAt?: number
  readonly resource?: URL
  readonly resourceMetadataUrl: string
  readonly extra: McpExtra
  readonly #token: string

  constructor({ metadata }: Pick<ResourceServer, 'metadata'>, token: AccessToken) {
    const { resource, scopes_supported: declared = [] } = metadata.document
    this.clientId = token.clientId ?? ''
    this.scopes = [...new Set([...token.scopes, ...declared.filter((scope) => token.hasScope(scope))])]
    if (token.expiresAt !== undefined) this.expiresAt = token.expiresAt
    if (token.audience.includes(resource)) this.resource = new URL(resource)
    this.resourceMetadataUrl = metadata.url
    this.extra = { issuer: token.issuer, subject: token.subject, claims: token.claims }
    this.#token = token.raw
  }

  get token(): string {
    return this.#token
  }
}

/**
 * An access token as MCP's transports take it: `handler.fetch(request, { authInfo: authInfo(server, token) })`.
 *
 * @param server the resource server that verified the token, for its identifier and the URL of its metadata
 */
export const authInfo = (server: Pick<ResourceServer, 'metadata'>, token: AccessToken): McpAuthInfo =>
  new AuthInfo(server, token)

/** What we need of `resourceServer()` of an adapter. */
interface Bound<Request> {
  accessToken(request: Request): AccessToken
  readonly server: Pick<ResourceServer, 'metadata'>
}

/**
 * An Express middleware that goes behind a guard, and hands the token on as `req.auth`, from where the transports of
 * both SDKs take it.
 *
 * @throws {Error} on a request that no guard has let through with a token
 */
export function setAuth<Request extends object>(bound: Bound<Request>) {
  return (request: Request, _response: unknown, next: () => void): void => {
    Object.assign(request, { auth: authInfo(bound.server, bound.accessToken(request)) })
    next()
  }
}

/** Makes an error that the SDK's middleware answers with 401 or 500; it knows its own classes only. */
export type McpErrors =
  /** 1.x: everything from `@modelcontextprotocol/sdk/server/auth/errors.js`. */
  | {
      readonly InvalidTokenError: new (message: string) => Error
      readonly ServerError: new (message: string) => Error
    }
  /** 2.x: from `@modelcontextprotocol/server`. */
  | { readonly OAuthError: new (code: string, message: string) => Error }

/** The `OAuthTokenVerifier` of both SDKs. */
export interface McpVerifier<Scope extends string = string, Claims = JwtClaims> {
  /**
   * @throws {Error} of the SDK: what it answers with 401 for a token that is not good, with 500 where we cannot decide
   */
  verifyAccessToken(token: string): Promise<McpAuthInfo>
  readonly server: ResourceServer<Scope, Claims>
}

/**
 * A verifier for `requireBearerAuth()` of the MCP SDK. It sees the token, never the request: DPoP and mTLS cannot be
 * proven to it, and tokens that are bound to a key are refused. Where you can, protect the endpoint with a guard and
 * {@link setAuth} instead: the SDK has no 503, and makes an outage a 500.
 *
 * @param given options, or a resource server
 * @param errors the error classes of the SDK in use
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function mcpVerifier<const Scope extends string = string, Claims = JwtClaims>(
  given: ResourceServerInput<Scope, Claims>,
  errors: McpErrors,
): McpVerifier<Scope, Claims> {
  const fail = failures(errors)
  const server = toServer(given)
  return {
    async verifyAccessToken(token) {
      try {
        return authInfo(server, await server.verify(token))
      } catch (thrown) {
        if (!(thrown instanceof BearwardError)) throw thrown
        throw thrown.status < 500 ? fail.invalid(thrown.description) : fail.unavailable(thrown.description)
      }
    },
    server,
  }
}

/** How an SDK is told. Its `temporarily_unavailable` would be answered with 400, as if it were the caller's fault. */
function failures(errors: unknown): Record<'invalid' | 'unavailable', (message: string) => Error> {
  const known = (typeof errors === 'object' && errors !== null ? errors : {}) as Record<string, unknown>
  const { InvalidTokenError: Invalid, ServerError: Server, OAuthError } = known as Partial<Record<string, Maker>>
  if (typeof Invalid === 'function' && typeof Server === 'function')
    return { invalid: (message) => new Invalid(message), unavailable: (message) => new Server(message) }
  if (typeof OAuthError === 'function')
    return {
      invalid: (message) => new OAuthError('invalid_token', message),
      unavailable: (message) => new OAuthError('server_error', message),
    }
  throw new ConfigurationError(
    'mcpVerifier.errors',
    'must hold InvalidTokenError and ServerError of @modelcontextprotocol/sdk, or OAuthError of @modelcontextprotocol/server',
  )
}

type Maker = new (...parts: string[]) => Error
