import { type AccessToken, BearwardError, ConfigurationError, type JwtClaims, type ResourceServer } from 'bearward'
import { type ResourceServerInput, toServer } from './internal/bind.ts'

/** What the MCP SDK passes to tools: its `AuthInfo`, in versions 1 and 2. */
export interface McpAuthInfo {
  /** The token itself. Logs, JSON and copies of this object do not contain it. */
  readonly token: string
  /** `client_id`, or `azp`; empty if the token names no client. */
  readonly clientId: string
  /** The scopes of the token, and those that they imply. */
  readonly scopes: string[]
  /** `exp`, in seconds since the epoch. The SDK's own middleware refuses tokens without it. */
  readonly expiresAt?: number
  /** Our identifier (RFC 8707), if the audience of the token names it. */
  readonly resource?: URL
  /** `resource_metadata` of the SDK's challenges, such as those of `requireScopes()` (RFC 9728 §5.1). */
  readonly resourceMetadataUrl: string
  readonly extra: McpExtra
}

/** What bearward adds. */
export type McpExtra = Record<string, unknown> & {
  /** The issuer of the token, as configured. */
  readonly issuer: string
  /** `sub`, unique per issuer. A token for a client that acts on its own behalf may have none. */
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
 * An access token as MCP's transports expect it: `handler.fetch(request, { authInfo: authInfo(server, token) })`.
 *
 * @param server the resource server that verified the token, for its identifier and the URL of its metadata
 */
export const authInfo = (server: Pick<ResourceServer, 'metadata'>, token: AccessToken): McpAuthInfo =>
  new AuthInfo(server, token)

/** What we use of an adapter's `resourceServer()`. */
interface Bound<Request> {
  accessToken(request: Request): AccessToken
  readonly server: Pick<ResourceServer, 'metadata'>
}

/**
 * Express middleware for routes behind a guard. It sets the token as `req.auth`, where the transports of both SDK versions
 * find it.
 *
 * @throws {Error} on a request without a permitted token
 */
export function setAuth<Request extends object>(bound: Bound<Request>) {
  return (request: Request, _response: unknown, next: () => void): void => {
    Object.assign(request, { auth: authInfo(bound.server, bound.accessToken(request)) })
    next()
  }
}

/** The SDK's own error classes: its middleware turns them into 401 or 500, and knows no others. */
export type McpErrors =
  /** 1.x: everything from `@modelcontextprotocol/sdk/server/auth/errors.js`. */
  | {
      readonly InvalidTokenError: new (message: string) => Error
      readonly ServerError: new (message: string) => Error
    }
  /** 2.x: from `@modelcontextprotocol/server`. */
  | { readonly OAuthError: new (code: string, message: string) => Error }

/** The `OAuthTokenVerifier` of both SDK versions. */
export interface McpVerifier<Scope extends string = string, Claims = JwtClaims> {
  /**
   * @throws {Error} an error of the SDK, which leads to 401 for an invalid token and to 500 if we cannot decide
   */
  verifyAccessToken(token: string): Promise<McpAuthInfo>
  readonly server: ResourceServer<Scope, Claims>
}

/**
 * A verifier for `requireBearerAuth()` of the MCP SDK. It gets the token without the request, so it refuses
 * sender-constrained tokens. Where you can, protect the endpoint with a guard and {@link setAuth} instead: the SDK has no
 * 503 and turns an outage into a 500.
 *
 * @param input options, or a resource server
 * @param errors the error classes of the SDK in use
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function mcpVerifier<const Scope extends string = string, Claims = JwtClaims>(
  input: ResourceServerInput<Scope, Claims>,
  errors: McpErrors,
): McpVerifier<Scope, Claims> {
  const fail = failures(errors)
  const server = toServer(input)
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

/** Creates the SDK's errors. Its `temporarily_unavailable` would lead to 400, as if it were the caller's fault. */
function failures(errors: unknown): Record<'invalid' | 'unavailable', (message: string) => Error> {
  const classes = (typeof errors === 'object' && errors !== null ? errors : {}) as Partial<Record<string, ErrorClass>>
  const { InvalidTokenError: Invalid, ServerError: Server, OAuthError } = classes
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

type ErrorClass = new (...parts: string[]) => Error
